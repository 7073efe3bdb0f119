"""Two who are as near, at a product that asks: its own light asks, a knob's button answers."""

import asyncio
import json
from pathlib import Path

from tests.conftest import micropython, require
from tools.bench.console import Console
from tools.bench.world import BenchDevice, Person, World, until
from tools.factory.layout import build_files

BUTTON, WARM = 6, 12  # pins of the lamp
PATIENCE_S = 60.0
PRODUCT = "/a/firmware/products/lamp/product.json"


def _asking() -> dict[str, bytes]:
    """A lamp as it leaves the factory, but for the rule it has for several people."""
    files = build_files("lamp")
    return files | {PRODUCT: json.dumps(json.loads(files[PRODUCT]) | {"people": "ask"}).encode()}


class Lamp:
    """What an asking lamp does: its light and its console."""

    def __init__(self, device: BenchDevice) -> None:
        self.board, self.console = device.board, Console()
        self.lines, self.lights = list[str](), list[int]()
        device.board.on_line = self._said
        device.board.on_output = self._lit

    def _said(self, line: str) -> None:
        self.lines.append(line)
        self.console.take(line)

    def _lit(self, pin: int, duty: int) -> None:
        if pin == WARM:
            self.lights.append(duty)

    async def hears(self, *people: Person) -> None:
        for _ in range(6):
            for person in people:
                await person.phone.advertise_now()
            await self.board.skip(300)

    async def asks_for(self, number: int) -> None:
        await until("it asks", lambda: f"asks for {number}" in self.lines, PATIENCE_S)
        await until("it blinks", lambda: self.lights[-2:] == [32767, 0], PATIENCE_S)


async def _two_at(world: World) -> tuple[BenchDevice, Person, Person]:
    """A lamp that asks, and Ana and Ben, whom it knows."""
    device = await world.device("one", "lamp", files=_asking())
    ana, ben = await world.person("Ana"), await world.person("Ben")
    for person in (ana, ben):
        await world.link(person, device)
    return device, ana, ben


def test_a_lamp_that_asks_serves_who_answers(tmp_path: Path):
    require("a micropython interpreter", micropython())
    asyncio.run(_answered(tmp_path))


async def _answered(folder: Path) -> None:
    async with World(folder, interval_ms=None) as world:
        device, ana, ben = await _two_at(world)
        lamp = Lamp(device)
        for person, code in ((ana, 20), (ben, 85)):
            profiles = world.hub.parts.profiles
            profiles.wish(person.customer, "lamp", "brightness", code, by="Sam")
        await world.caught_up(device)
        for person in (ana, ben):
            await person.walk_to(device)
        await lamp.hears(ana, ben)
        assert lamp.console.codes[0] == 20, "who was first is served meanwhile"
        assert lamp.console.subject and not lamp.console.sure, "but it could be either"
        first = lamp.console.subject

        await lamp.asks_for(2)
        await lamp.board.press(BUTTON)
        await until("it is Ben", lambda: lamp.console.sure, PATIENCE_S)
        await until("and his light", lambda: lamp.console.codes[0] == 85, PATIENCE_S)
        assert lamp.console.subject != first

        lamp.lines.clear()
        await lamp.hears(ana, ben)
        assert not [line for line in lamp.lines if "asks" in line or "sees" in line]


def test_a_lamp_whose_question_nobody_answers_stays_with_who_was_first(tmp_path: Path):
    require("a micropython interpreter", micropython())
    asyncio.run(_unanswered(tmp_path))


async def _unanswered(folder: Path) -> None:
    async with World(folder, interval_ms=None) as world:
        device, ana, ben = await _two_at(world)
        for person in (ana, ben):
            await person.walk_to(device)
        lamp = Lamp(device)
        await lamp.hears(ana, ben)
        first = lamp.console.subject
        await lamp.asks_for(1)
        for number in (1, 2):
            await until("it asks", lambda n=number: f"asks for {n}" in lamp.lines, PATIENCE_S)
            await lamp.board.skip(5_000)
        await until("its light is as before", lambda: lamp.lines[-1] == "sets 60 2700 16777215")
        assert lamp.console.subject == first and not lamp.console.sure
