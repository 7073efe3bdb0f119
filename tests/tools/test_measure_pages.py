"""What a page takes comes out whole; how little is for `rapport measure pages` to say."""

import io
import json

import pytest
from rich.console import Console

from tools.measure import run
from tools.measure.result import MeasureError


@pytest.mark.timeout(300)
def test_the_pages_of_many_customers_say_how_long_they_take():
    printed = io.StringIO()
    run.measure("pages", 300, 1, Console(file=printed, width=100), True)
    figures = json.loads(printed.getvalue().splitlines()[-1])["figures"]
    assert figures["customers"] == 300
    for kind in ("profile", "search", "timeline", "empty"):
        assert 0 < figures[f"{kind}_p50_ms"] <= figures[f"{kind}_p99_ms"]
        assert figures[f"{kind}_per_s"] > 0
    assert figures["requests_per_s"] == figures["profile_per_s"]


def test_half_a_household_is_told_in_a_sentence():
    with pytest.raises(MeasureError, match="tens of customers are wanted"):
        run.measure("pages", 99, 1, Console(file=io.StringIO()), False)
