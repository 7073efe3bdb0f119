"""What the hub tells machines about itself: metrics, readiness, and its log as lines of JSON."""

import json
import logging

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub.logs import Lines
from hub.store import StoreError
from protocol import topics
from tests.hub.test_api import Desk


@pytest.fixture
def desk():
    desk = Desk()
    with desk.staff:
        yield desk


def read(desk):
    """Every sample, by name and labels, as Prometheus' own parser sees it."""
    answer = desk.staff.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_prometheus_reads_what_was_heard_and_refused(desk):
    desk.welcome()
    desk.link.deliver("lamp-1", topics.ONLINE, b"1")
    desk.link.deliver("lamp-1", topics.HELLO, b"rubbish")
    samples = read(desk)
    assert samples["rapport_messages_total",] == 2
    assert samples["rapport_devices",] == samples["rapport_devices_online",] == 1
    assert samples["rapport_link_up",] == 1
    assert sum(value for key, value in samples.items() if key[0] == "rapport_refused_total") == 1
    assert samples["rapport_answers_total", "201"] == 3
    desk.link.deliver("lamp-1", topics.ONLINE, b"0")
    assert read(desk)["rapport_devices_online",] == 0


def test_no_metric_names_anybody(desk):
    ana = desk.welcome()
    desk.link.deliver("lamp-1", topics.HELLO, b"rubbish")
    text = desk.staff.get("/metrics").text
    assert not [name for name in ("Ana", ana, "lamp-1") if name in text]


def test_a_hub_that_cannot_keep_what_it_hears_is_not_ready(desk, monkeypatch):
    desk.welcome()
    assert desk.stranger.get("/ready").json() == {"status": "ready"}

    def full(puts):
        raise StoreError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(desk.parts.store, "commit", full)
        with pytest.raises(StoreError):
            desk.link.deliver("lamp-1", topics.ONLINE, b"1")
        answer = desk.stranger.get("/ready")
        assert answer.status_code == 503
        assert "disk" in answer.json()["error"]
        assert read(desk)["rapport_store_failing",] == 1
    desk.link.redeliver()
    assert desk.stranger.get("/ready").status_code == 200
    assert read(desk)["rapport_batches_not_kept_total",] == 1


async def test_a_hub_without_a_broker_is_not_ready(desk):
    await desk.link.close()
    answer = desk.stranger.get("/ready")
    assert (answer.status_code, "broker" in answer.json()["error"]) == (503, True)


def test_a_line_of_the_log_is_one_line_of_json():
    record = logging.LogRecord("hub.ingest", logging.WARNING, "", 1, "%s\nspoke", ("x",), None)
    line = Lines().format(record)
    assert "\n" not in line
    assert json.loads(line)["says"] == "x\nspoke"
    assert json.loads(line)["level"] == "warning"
