import subprocess

import pytest

from tests.conftest import ROOT, many, micropython, require


def on_micropython(script: str, *arguments: int) -> None:
    require("a micropython interpreter", micropython())
    run = subprocess.run(
        [micropython(), f"tests/firmware/{script}", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=3000,
    )
    assert run.returncode == 0 and run.stdout.startswith("ok: "), run.stdout + run.stderr


@pytest.mark.timeout(600)
def test_whatever_was_flushed_survives_a_power_cut_at_any_write_to_flash():
    images = many(10_000)
    on_micropython("power_cut.py", images, images // 5)


@pytest.mark.timeout(600)
def test_a_flash_that_fails_at_any_operation_or_is_full_loses_nothing_unsaid():
    on_micropython("flash_faults.py", many(300))
