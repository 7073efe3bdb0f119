"""One board at one port, through esptool in a process of its own (tools/factory/esp.py).

async with Loader(Link("/dev/ttyUSB0")) as loader:
    found = await loader.board()
    await loader.write([Piece("app", 0x10000, Path("app.bin"))], told=print)
    nvs = await loader.read(0x9000, 0x6000)
    await loader.end()
"""

import asyncio
import base64
import contextlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.factory.faults import LOST, UNKNOWN, BoardError, classify

ESPTOOL = (sys.executable, "-m", "tools.factory.esp")
_ROOT = Path(__file__).parents[2]
_SILENCE_S = 180.0  # of one command; erasing a large flash takes a minute
_END_S = 5.0
_NOT_THERE = "%s; is it installed? run `make line`"
_LONGEST_LINE = 4 << 20  # what is read back comes as one


class Link(NamedTuple):
    """How a board is reached. reset: by the lines DTR and RTS, else it is in its loader already."""

    port: str
    baud: int = 460_800
    reset: bool = True
    attempts: int = 7


class Found(NamedTuple):
    """chip as esptool names it: esp32, esp32s3, ..."""

    chip: str
    mac: str
    flash_bytes: int


class Piece(NamedTuple):
    """What is written where: a file, or bytes that are in no file."""

    name: str
    offset: int
    content: Path | bytes


Told = Callable[[str, int], None]
"""told(name of the piece, percent)."""


class Loader:
    """Every method raises BoardError. Leaving early ends the process at once."""

    def __init__(self, link: Link, command: Sequence[str] = ESPTOOL) -> None:
        self._link, self._command = link, command
        self._found = False
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> "Loader":
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=_ROOT,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
            limit=_LONGEST_LINE,
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        process = self._process
        assert process
        assert process.stdin
        process.stdin.close()  # by which it ends
        try:
            await asyncio.wait_for(process.wait(), _END_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def board(self) -> Found:
        """What is there. It takes no command before this."""
        link = self._link
        await self._say(
            {"port": link.port, "baud": link.baud, "reset": link.reset, "attempts": link.attempts}
        )
        board = (await self._answer("board"))["board"]
        self._found = True
        return Found(board["chip"], board["mac"], board["flash_bytes"])

    async def write(self, pieces: Sequence[Piece], told: Told) -> None:
        """Write and verify, in this order."""
        await self._say({"write": [_sent(piece) for piece in pieces]})
        await self._answer(
            "written", lambda said: told(pieces[said["writing"]].name, said["percent"])
        )

    async def clear(self, offset: int, size: int) -> None:
        """Erase whole sectors, if they are not."""
        await self._say({"clear": [offset, size]})
        await self._answer("cleared")

    async def read(self, offset: int, size: int) -> bytes:
        await self._say({"read": [offset, size]})
        return base64.b64decode((await self._answer("read"))["read"])

    async def end(self) -> None:
        """Reset the board into what it was given, and let go of the port."""
        assert self._process
        await self._say({"end": True})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), _SILENCE_S)

    async def _say(self, message: dict[str, Any]) -> None:
        assert self._process
        assert self._process.stdin
        with contextlib.suppress(ConnectionError):  # it ended, and its last word says why
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            await self._process.stdin.drain()

    async def _answer(
        self, key: str, meanwhile: Callable[[dict[str, Any]], None] = lambda said: None
    ) -> dict[str, Any]:
        """The next line that has this key; what comes before it goes to `meanwhile`."""
        while True:
            said = await self._line()
            if "error" in said:
                raise BoardError(classify(said["error"], self._found), said["error"])
            if key in said:
                return said
            meanwhile(said)

    async def _line(self) -> dict[str, Any]:
        assert self._process
        assert self._process.stdout
        line = b"\n"
        while not line.startswith(b"{"):  # whatever else a library of its prints
            try:
                line = await asyncio.wait_for(self._process.stdout.readline(), _SILENCE_S)
            except TimeoutError:
                raise BoardError(LOST, f"nothing was heard for {_SILENCE_S:.0f} s") from None
            if not line.endswith(b"\n"):
                raise await self._ended()
        return json.loads(line)

    async def _ended(self) -> BoardError:
        assert self._process
        said = f"esptool ended with {await self._process.wait()}"
        return BoardError(LOST, said) if self._found else BoardError(UNKNOWN, _NOT_THERE % said)


def _sent(piece: Piece) -> list[Any]:
    if isinstance(piece.content, Path):
        return [piece.offset, str(piece.content.resolve()), ""]
    return [piece.offset, None, base64.b64encode(piece.content).decode()]
