"""Tests that only make sense on MicroPython: device_*.py beside this file."""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, micropython, require

FILES = sorted(Path(__file__).parent.glob("device_*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_works_on_a_device(path: Path):
    require("a micropython interpreter", micropython())
    run = subprocess.run(
        [micropython(), "-X", "heapsize=105k", "tests/run.py", str(path.relative_to(ROOT))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("ok test_") == path.read_text().count("\ndef test_")
