"""What is taken in comes out whole; how fast is for `rapport measure ingest` to say."""

import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from protocol import messages, topics
from tools.fleet.crew import Plan
from tools.fleet.device import Kind
from tools.measure import plots, run
from tools.measure.publishers import Load, journal_of


@pytest.mark.timeout(300)
def test_what_a_hub_takes_in_is_there_once_and_stands_beside_a_bare_subscriber():
    printed = io.StringIO()
    run.measure("ingest", 80, 1, Console(file=printed, width=100), True)
    figures = json.loads(printed.getvalue().splitlines()[-1])["figures"]
    assert (figures["lost"], figures["twice"]) == (0, 0)
    for key in ("messages_per_s", "bare_paho_per_s", "events_per_s_20", "events_per_cpu_s_20"):
        assert figures[key] > 0
    ratio = figures["messages_per_s"] / figures["bare_paho_per_s"]
    assert figures["ratio"] == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize(("each", "messages_"), [(1, 50), (20, 8)])
def test_a_journal_is_told_whole_and_in_order_whatever_is_told_at_once(each: int, messages_: int):
    plan = Plan(Path(), Path(), 0, Kind("lamp", 1), {"lamp-1": bytes(8)}, 1)
    made = journal_of(Load(plan, 50, each), "lamp-1")
    assert made.told[0][0] == topics.HELLO
    told = [messages.decode(*one) for one in made.told[1:]]
    records = [record for one in told for record in one.records]
    assert len(records) == made.recorded >= 50
    first = 1
    for one in told:
        assert one.first == first
        first += len(one.records)
    assert len(told) - messages_ in (0, 1)  # a visit may have ended beyond the last asked for


def test_what_was_measured_is_drawn_and_the_last_line_of_a_measure_counts(tmp_path: Path):
    lines = [
        {"measure": "ingest", "figures": {"messages_per_s": 1.0, "bare_paho_per_s": 4_000.0}},
        {"measure": "ingest", "figures": {"messages_per_s": 900.0, "bare_paho_per_s": 4_000.0}},
        {"measure": "intent", "figures": {"lost": {"ours": 0.0, "shadow": 0.49}}},
    ]
    path = tmp_path / "benchmarks.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    drawn = [one.read_text() for one in plots.draw_all(path, tmp_path)]
    ingest, intent = (ElementTree.fromstring(one) for one in drawn)
    ours, other = (float(bar.get("width", "0")) for bar in _bars(ingest))
    assert ours / other == pytest.approx(900 / 4_000, rel=0.01)
    assert "900" in drawn[0]
    assert [bar.get("class") for bar in _bars(intent)] == ["ours", "other"]
    assert "49" in drawn[1]


def _bars(svg: ElementTree.Element) -> list[ElementTree.Element]:
    return [one for one in svg.iter() if one.tag.endswith("rect")]
