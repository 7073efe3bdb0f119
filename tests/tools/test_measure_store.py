"""What the store costs comes out whole; how little is for `rapport measure store` to say."""

import io
import json

import pytest
from rich.console import Console

from tools.measure import run
from tools.measure.result import MeasureError


@pytest.mark.timeout(300)
def test_an_event_at_the_store_says_what_it_costs():
    printed = io.StringIO()
    run.measure("store", 300, 1, Console(file=printed, width=100), True)
    figures = json.loads(printed.getvalue().splitlines()[-1])["figures"]
    for kind in ("floor_us", "event_us", "batched_event_us", "sqlite_event_us"):
        assert list(figures[kind]) == ["3", "30", "300"]
        assert all(us > 0 for us in figures[kind].values())
    assert figures["cost_ratio"] == pytest.approx(
        figures["event_us"]["300"] / figures["event_us"]["3"], rel=0.01
    )
    assert figures["stock_event_us"]["300"] > 0
    assert 0 < figures["search_p50_ms"] <= figures["search_p99_ms"]
    for key in ("cold_start_s", "cold_start_cpu_s", "rss_mb_100k", "disk_mb", "batched_cost_ratio"):
        assert figures[key] > 0


def test_too_few_customers_are_told_in_a_sentence():
    with pytest.raises(MeasureError, match="at least 100 customers"):
        run.measure("store", 99, 1, Console(file=io.StringIO()), False)
