"""The scripted day, whole, as `make demo ONCE=1` plays it."""

import asyncio
import io

from rich.console import Console

from tools import day, demo


def test_every_step_of_the_day_comes_out_right():
    out = io.StringIO()
    wrong = asyncio.run(demo.day(Console(file=out, width=160)))
    assert wrong == 0, out.getvalue()
    assert f"{len(day.DAY)} passed, 0 failed" in out.getvalue()


def test_a_step_that_goes_wrong_is_shown_and_counted(monkeypatch):
    async def wrong(today):
        """Something is not as it should be."""
        day.expect("the light", "off", "on")
        return ""

    monkeypatch.setattr(demo, "DAY", (wrong,))
    out = io.StringIO()
    assert asyncio.run(demo.day(Console(file=out, width=160))) == 1
    assert "the light: off, not on" in out.getvalue()
