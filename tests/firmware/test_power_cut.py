import os
import subprocess

from tests.conftest import ROOT, micropython, require


def test_whatever_was_flushed_survives_a_power_cut_at_any_write_to_flash():
    require("a micropython interpreter", micropython())
    images = os.environ.get("N", "2000")
    run = subprocess.run(
        [micropython(), "tests/firmware/power_cut.py", images],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=3000,
    )
    assert run.returncode == 0 and run.stdout.startswith("ok: "), run.stdout + run.stderr
