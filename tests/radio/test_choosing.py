"""Without a phone: a hold and a press say who is here; a hold alone says that it is not them."""

import asyncio
from pathlib import Path

from tests.conftest import micropython, require
from tools.bench.console import Console
from tools.bench.world import BenchDevice, Person, World, until

KNOB, BUTTON, HOLD_MS = (4, 5), 6, 1_800


def test_two_actions_choose_one_of_those_who_want_that_and_one_undoes_it(
    tmp_path: Path,
):
    require("a micropython interpreter", micropython())
    asyncio.run(_chosen(tmp_path))


async def _chosen(folder: Path) -> None:
    async with World(folder, interval_ms=None) as world:
        lamp = await world.device("one", "lamp")
        console, lines = Console(), list[str]()

        def said(line: str) -> None:
            lines.append(line)
            console.take(line)

        lamp.board.on_line = said
        ana, ben = await world.person("Ana"), await world.person("Ben")
        await world.link(ana, lamp)
        await world.link(ben, lamp)
        await _sets(world, lamp, console, ana, -5)
        await _sets(world, lamp, console, ben, 5)

        lines.clear()
        await lamp.board.press(BUTTON, HOLD_MS)  # one
        await until("Ben is shown", lambda: "asks for 2" in lines)
        await lamp.board.press(BUTTON)  # two
        await until("it is Ben", lambda: console.sure)
        assert console.codes[0] == 85, "what Ben had last"
        await world.skip(seconds=600)
        assert console.subject, "nobody has to be heard"

        lines.clear()
        await lamp.board.press(BUTTON, HOLD_MS)
        await until("nobody is here", lambda: not console.subject)
        assert console.codes[0] == 60
        await world.caught_up(lamp)
        assert _visits(world, ben) == 1, "the visit that was not his never happened"

        assert ana.customer
        world.hub.parts.household.choosable(ana.customer, "one", ana.customer, False)
        await world.caught_up(lamp)
        lines.clear()
        await lamp.board.press(BUTTON, HOLD_MS)
        await until("Ben is the only one shown", lambda: "asks for 1" in lines, 60)
        await lamp.board.skip(200)  # the finger leaves the button in between
        await lamp.board.press(BUTTON)
        await until("it is Ben", lambda: console.sure and console.codes[0] == 85, 60)


async def _sets(
    world: World, lamp: BenchDevice, console: Console, person: Person, detents: int
) -> None:
    """A visit in which a person sets the brightness."""
    before = (await person.come(lamp, console))[0]
    lamp.board.turn(KNOB, detents)
    await until("the light follows", lambda: console.codes[0] != before)
    await person.leave(lamp, console)
    await world.caught_up(lamp)


def _visits(world: World, person: Person) -> int:
    lines = world.hub.parts.profiles.timeline(person.customer)
    return len([line for line in lines if line["kind"] == "visit"])
