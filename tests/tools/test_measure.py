"""What is measured comes out whole and in its units; how fast is for `rapport measure` to say."""

import io
import json
import math
from itertools import islice, pairwise
from random import Random

import pytest
from rich.console import Console

from tests.conftest import micropython, require
from tools.errors import is_known
from tools.measure import run
from tools.measure.result import MeasureError, median, percentile
from tools.measure.walkup import heard_ms


def _measured(name: str, n: int) -> dict[str, float]:
    require("a micropython interpreter", micropython())
    printed = io.StringIO()
    run.measure(name, n, 1, Console(file=printed, width=100), True)
    *before, last = printed.getvalue().splitlines()
    assert any("━" in line for line in before), "no table"
    told = json.loads(last)
    assert set(told) == {"measure", "figures"}
    assert told["measure"] == name
    return told["figures"]


@pytest.mark.timeout(300)
def test_walking_up_takes_the_wait_for_an_advert_and_a_little():
    figures = _measured("walkup", 3)
    assert len(figures["cells"]) == 9
    for cell in (figures, *figures["cells"]):
        assert 0 < cell["floor_p50_ms"] <= cell["floor_p95_ms"]
        assert cell["floor_p50_ms"] < cell["p50_ms"] <= cell["p95_ms"]
        assert cell["sighting_to_output_p95_ms"] > 0


@pytest.mark.timeout(300)
def test_a_device_says_what_it_takes():
    figures = _measured("device", 5)
    for way in ("heap", "heap_in_flash"):
        live_kb, given_kb = figures[f"{way}_live_kb"], figures[f"{way}_given_kb"]
        assert 0 < live_kb <= figures[f"{way}_high_water_kb"] <= given_kb
        assert figures[f"{way}_cap_kb"] <= given_kb
    assert figures["heap_in_flash_live_kb"] < figures["heap_live_kb"]
    assert 10 < figures["image_kb"] < 1024
    assert all(figures[key] > 0 for key in ("sighting_to_driver_ms", "predict_ms", "append_ms"))


@pytest.mark.timeout(300)
def test_news_reaches_the_hub_before_the_second_device():
    figures = _measured("sync", 3)
    assert 0 < figures["to_hub_p50_ms"] <= figures["to_hub_p95_ms"]
    assert 0 < figures["to_second_device_p50_ms"] <= figures["to_second_device_p95_ms"]
    assert figures["bare_round_trip_p95_ms"] > 0
    assert 50 < figures["payload_bytes_per_visit"] < figures["bytes_per_visit"] < 1000


@pytest.mark.timeout(300)
def test_a_session_is_open_a_few_packets_after_any_connection():
    figures = _measured("session", 1)
    assert figures["packets_mtu23"] == 5
    assert [cell["packets"] for cell in figures["cells"]] == [3, 3, 3, 3, 5, 9]
    for cell in figures["cells"]:
        assert 0 < cell["bare_ms"] < cell["authenticated_ms"] <= cell["p95_ms"]


@pytest.mark.parametrize(("name", "n"), [("height", 0), ("sync", -1)])
def test_what_cannot_be_measured_is_told_in_a_sentence(name: str, n: int):
    with pytest.raises(MeasureError, match=name if n == 0 else "--n"):
        run.measure(name, n, 1, Console(file=io.StringIO()), False)
    assert is_known(MeasureError("why"))


@pytest.mark.parametrize(("percent", "wanted"), [(0, 1), (1, 1), (50, 50), (95, 95), (100, 100)])
def test_a_percentile_is_one_of_the_values(percent: int, wanted: int):
    assert percentile(range(100, 0, -1), percent) == wanted


def test_a_percentile_of_one_value_is_that_value():
    assert percentile([7.5], 95) == median([7.5]) == 7.5


def test_adverts_come_every_interval_from_a_random_phase():
    times = list(islice(heard_ms(280, 0.0, Random(1)), 50))
    assert 0 <= times[0] < 280
    assert all(280 <= after - before <= 290 for before, after in pairwise(times))


def test_lost_adverts_are_not_heard():
    times = list(islice(heard_ms(100, 0.5, Random(1)), 400))
    assert math.isclose(400 / (times[-1] / 105), 0.5, abs_tol=0.08)


def test_a_seed_gives_the_same_adverts():
    one, same, other = (list(islice(heard_ms(130, 0.1, Random(s)), 9)) for s in (1, 1, 2))
    assert one == same != other
