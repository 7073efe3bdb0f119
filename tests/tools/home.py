"""A lamp on its real firmware, and Ana beside it with a companion over bleak.

@at_home
async def test_something(home: Home): ...
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.conftest import micropython, require
from tools.bench.console import Console
from tools.bench.world import BenchDevice, Person, World

VISIT_OVER_S = 101

Play = Callable[["Home"], Awaitable[None]]


class Home:
    def __init__(self, world: World, lamp: BenchDevice, console: Console, ana: Person) -> None:
        self.world, self.lamp, self.console, self.ana = world, lamp, console, ana

    async def tell(self, talk: Callable[[Any], Awaitable[Any]]) -> Any:
        """What is said in a meeting of Ana with her lamp."""
        return await self.ana.connect(self.lamp, talk)

    async def visit(self, detents: int) -> None:
        await self.ana.walk_to(self.lamp)
        await self.ana.phone.advertise_now(3)
        await self.lamp.board.skip(0)
        self.lamp.board.turn((4, 5), detents)
        await self.lamp.board.skip(2_000)
        await self.ana.walk_away()
        await self.world.skip(seconds=VISIT_OVER_S)
        await self.world.caught_up(self.lamp)

    def hub_events(self) -> list[str]:
        """The kinds of what the hub was told, newest first."""
        assert self.ana.customer
        told = self.world.hub.parts.profiles.timeline(self.ana.customer, 100)
        return [line["kind"] for line in told]

    async def hub_heard_of(self, visits: int) -> list[str]:
        """Wait until the hub was told of so many visits; what it was told."""
        await self.world.patiently(
            f"the hub is told of {visits} visits",
            lambda: self.hub_events().count("visit") >= visits,
        )
        return self.hub_events()


def play_at_home(folder: Path, play: Play) -> None:
    require("a micropython interpreter", micropython())
    asyncio.run(_played(folder, play))


def at_home(play: Play) -> Callable[[Path], None]:
    """Run a test as a story."""

    def test(tmp_path: Path) -> None:
        play_at_home(tmp_path, play)

    test.__name__, test.__doc__ = play.__name__, play.__doc__
    return test


async def _played(folder: Path, play: Play) -> None:
    async with World(folder, interval_ms=None) as world:
        lamp = await world.device("lamp-1", "lamp")
        console = Console()
        lamp.board.on_line = console.take
        ana = await world.person("Ana")
        await world.link(ana, lamp)
        await play(Home(world, lamp, console, ana))
