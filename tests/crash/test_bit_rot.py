"""A device whose flash rots starts, works and makes nothing up, and what is lost is told."""

import json
import os
import subprocess

import pytest

from tests.conftest import ROOT, many, micropython, require


@pytest.mark.timeout(3600)
def test_one_rotten_bit_keeps_no_device_from_starting_and_no_loss_from_the_hub():
    require("a micropython interpreter", micropython())
    images, seed = many(3000), int(os.environ.get("SEED", "1"))
    run = subprocess.run(
        [micropython(), "-X", "heapsize=2M", "tests/crash/bit_rot.py", str(images), str(seed)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    tally = json.loads(run.stdout.splitlines()[-1])
    assert tally["points"] == images
    assert tally["formatted"] and tally["reported"], "the sweep finds nothing to report"
    assert (tally["phantom"], tally["unreported"]) == (0, 0), run.stdout
