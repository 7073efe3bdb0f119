"""A lamp that hears nothing of its hub: who visits it carries there whom to know no more."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.conftest import micropython, require
from tools.bench.console import Console
from tools.bench.world import BenchDevice, Person, World, until
from tools.companion import CompanionError, Meeting, RefusedError

NAME = "lamp-1"
FORGED = "bulletin: not sealed by the hub of this device"
PATIENCE_S = 60.0


class Remote:
    """A lamp that knew Ana, Ben and Cem when it heard its hub for the last time."""

    def __init__(self, world: World, lamp: BenchDevice, people: list[Person]) -> None:
        self.world, self.lamp, self.console = world, lamp, Console()
        self.ana, self.ben, self.cem = people
        lamp.board.on_line = self.console.take

    async def knows(self, person: Person) -> bool:
        """Does it recognise somebody, and speak with them?"""
        await person.walk_to(self.lamp)
        for _ in range(6):
            await person.phone.advertise_now()
            await self.lamp.board.skip(200)
        seen = self.console.subject is not None
        try:
            about = await person.connect(self.lamp, lambda meeting: meeting.about())
        except CompanionError:
            about = None
        await person.walk_away()
        await self.world.skip(seconds=110)
        await until("nobody is there", lambda: self.console.subject is None, PATIENCE_S)
        assert seen == (about is not None)
        return seen

    def bulletin(self) -> bytes:
        """What the hub has Ben carry there at this moment."""
        credential = self.world.hub.parts.profiles.credential(self.ben.customer)
        return bytes.fromhex(credential["devices"][NAME].get("bulletin", ""))

    async def carries(self, *sealed: bytes) -> list[Any]:
        """Ben says this to the lamp; its answers."""
        await self.ben.walk_to(self.lamp)
        return await self.ben.connect(self.lamp, lambda meeting: _said(meeting, sealed))


async def _said(meeting: Meeting, sealed: tuple[bytes, ...]) -> list[Any]:
    answers = list[Any]()
    for each in sealed:
        try:
            answers.append(await meeting.bulletin(each))
        except RefusedError as error:
            answers.append(str(error))
    return answers


@contextlib.asynccontextmanager
async def remote(folder: Path) -> AsyncIterator[Remote]:
    require("a micropython interpreter", micropython())
    async with World(folder, interval_ms=None) as world:
        lamp = await world.device(NAME, "lamp")
        people = [await world.person(name) for name in ("Ana", "Ben", "Cem")]
        for person in people:
            await world.link(person, lamp)
        at = Remote(world, lamp, people)
        await lamp.board.wifi(False)
        yield at


async def test_who_visits_tells_a_lamp_whose_phone_was_lost_and_who_left(tmp_path: Path):
    async with remote(tmp_path) as at:
        assert not at.bulletin(), "it was told all there is"
        parts = at.world.hub.parts
        await at.ana.walk_to(at.lamp)
        await at.ana.connect(at.lamp, lambda meeting: meeting.say(0, 35))
        parts.lost.revoke(at.ana.customer)
        parts.profiles.unlink(at.cem.customer, NAME)
        at.ben.enrol()
        assert await at.knows(at.ana), "nobody has told it"
        assert await at.knows(at.ben), "and now Ben has"
        assert not await at.knows(at.ana)
        assert not await at.knows(at.cem)
        await at.lamp.board.cut_power()
        await at.lamp.board.start()
        assert not await at.knows(at.ana)
        assert not await at.knows(at.cem)
        await at.lamp.board.wifi(True)
        await at.world.caught_up(at.lamp)
        at.ana.enrol()  # her next phone
        assert await at.knows(at.ana)
        await at.ana.walk_to(at.lamp)
        about = await at.ana.connect(at.lamp, lambda meeting: meeting.about())
        assert about["settings"][0]["code"] == 35, "what is remembered of her stays"
        assert not await at.knows(at.cem)


async def test_a_bulletin_that_is_older_repeated_changed_or_for_another_does_nothing(
    tmp_path: Path,
):
    async with remote(tmp_path) as at:
        parts = at.world.hub.parts
        other = await at.world.device("lamp-2", "lamp", x_cm=5_000)
        await at.world.link(at.ben, other)
        await other.board.wifi(False)
        parts.lost.revoke(at.ana.customer)
        older = at.bulletin()
        parts.profiles.unlink(at.cem.customer, NAME)
        newer = at.bulletin()
        changed = [
            newer[:place] + bytes([newer[place] ^ 1 << place % 8]) + newer[place + 1 :]
            for place in range(0, len(newer), 7)
        ]
        assert set(await at.carries(b"", newer[:20], *changed)) == {FORGED}
        assert await at.knows(at.cem), "nothing of that did anything"
        assert await at.carries(newer, newer, older) == [True, False, False]
        await at.lamp.board.cut_power()
        await at.lamp.board.start()
        assert await at.carries(newer, older) == [False, False]
        assert not await at.knows(at.cem)
        await at.lamp.board.wifi(True)
        await at.world.caught_up(at.lamp)
        parts.profiles.link(at.cem.customer, NAME)
        at.cem.enrol()
        await at.world.caught_up(at.lamp)
        assert await at.carries(newer) == [False]
        assert await at.knows(at.cem), "what was carried before he came back is worth nothing"
        await at.ben.walk_to(other)
        answer = await at.ben.connect(other, lambda meeting: _said(meeting, (newer,)))
        assert answer == [FORGED], "it was for another device"
