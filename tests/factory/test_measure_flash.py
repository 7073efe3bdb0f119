"""How fast boards are made is for `rapport measure flash` to say; here, that it says it."""

import io
import json

import pytest
from rich.console import Console

from tools.measure import run


@pytest.mark.timeout(300)
def test_boards_an_hour_are_told_beside_bare_esptool():
    printed = io.StringIO()
    run.measure("flash", 1, 1, Console(file=printed, width=100), True)
    told = json.loads(printed.getvalue().splitlines()[-1])
    figures = told["figures"]
    assert told["measure"] == "flash"
    assert set(figures) == {"boards_per_h", "bare_per_h", "ratio", "image_s"}
    assert all(value > 0 for value in figures.values())
