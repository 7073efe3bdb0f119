"""The bench for tests of the radio: boards run one small main.py."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from protocol import gatt
from tools.bench.air import Air
from tools.bench.board import Board
from tools.bench.phone import Phone
from tools.bench.radio import Radio
from tools.factory.application import compiled

ROOT = Path(__file__).parents[2]
ANNA = b"anna-now"  # an identifier on the air is 8 bytes
_WAIT_S = 60.0  # two busy cores may need long


class Bench:
    """An air with boards and phones on it; everything is switched off at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.radio = Radio(Air())
        self._boards: list[Board] = []
        self._phones: list[Phone] = []

    async def __aenter__(self) -> "Bench":
        await self.radio.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for board in self._boards:
            await board.stop()
        for phone in self._phones:
            await phone.switch_off()
        await self.radio.stop()

    async def board(self, main: str, name: str = "lamp", **options) -> Board:
        """A board that runs `main`, with firmware/radio.py and protocol on its flash; started."""
        modules = ["firmware/__init__.py", "firmware/connection.py", "firmware/radio.py"]
        modules += [f"protocol/{each.name}" for each in (ROOT / "protocol").glob("*.py")]
        files = {"/" + each[:-3] + ".mpy": compiled(ROOT / each) for each in modules}
        files["/main.py"] = main.encode()
        board = Board(self.radio, self.folder, name, files, **options)
        self._boards.append(board)
        await board.start()
        return board

    async def phone(self, identifier: bytes = ANNA, name: str = "phone", **options) -> Phone:
        options.setdefault("interval_ms", None)
        advert = gatt.presence_advert(identifier, bytes(2))
        phone = Phone(self.radio.air, name, advert, **options)
        self._phones.append(phone)
        await phone.switch_on()
        return phone


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def until(condition: Callable[[], object], what: str = "", seconds: float = _WAIT_S) -> None:
    """Wait for something that is about to be true."""
    end = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < end, f"waited in vain {what}"
        await asyncio.sleep(0.005)


async def line(board: Board, text: str) -> str:
    """The first line the board printed that contains text."""

    def found() -> str:
        return next((each for each in board.lines if text in each), "")

    await until(found, f"for {text!r}; the board said:\n" + "\n".join(board.lines))
    return found()


@pytest.fixture(name="line")
def _line():
    return line


@pytest.fixture(name="until")
def _until():
    return until
