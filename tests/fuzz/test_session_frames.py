"""Frames of every kind into real sessions, on MicroPython in a board's heap."""

import os
import subprocess
from pathlib import Path

from tests.conftest import many, micropython, require
from tools.factory.application import ROOT, compiled

_HEAP_KB = 280  # what a board has, 200, and the attacker; nothing here is made small as for a board
_MOST_DRIFT_BYTES = 1024
_SCRIPT = Path(__file__).with_name("device_frames.py")


def test_no_frame_makes_a_session_raise_or_keep_memory(tmp_path: Path):
    require("a micropython interpreter", micropython())
    modules = tmp_path / "modules"
    for source in [*(ROOT / "protocol").glob("*.py"), *(ROOT / "firmware").glob("*.py"), _SCRIPT]:
        name = source.name if source == _SCRIPT else str(source.relative_to(ROOT))
        compiled_to = modules / name.replace(".py", ".mpy")
        compiled_to.parent.mkdir(parents=True, exist_ok=True)
        compiled_to.write_bytes(compiled(source))
    flash, frames, seed = tmp_path / "flash", many(9_000), int(os.environ.get("SEED", "1"))
    flash.mkdir()
    heap = f"heapsize={_HEAP_KB}k"
    run = subprocess.run(
        [micropython(), "-X", heap, "-m", "device_frames", str(frames), str(seed), str(flash)],
        env={**os.environ, "MICROPYPATH": f"{modules}:.frozen"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    print(f"SEED={seed}:", run.stdout[-2000:])  # noqa: T201
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr
    assert "rror" not in run.stdout, run.stdout[-2000:]
    words = run.stdout.split()
    said = {words[at]: int(words[at + 1]) for at in range(len(words) - 8, len(words), 2)}
    assert said["frames"] >= frames and said["answers"] > said["sessions"] // 4
    assert said["drift"] < _MOST_DRIFT_BYTES, said
