"""A person's taste at a device that never heard of them, with no hub anywhere."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from protocol import cbor
from tools.bench.bleak_backend import BumbleClient, BumbleScanner, Central
from tools.bench.console import Console
from tools.bench.world import BenchDevice, Person, World, until
from tools.companion import CompanionError, Meeting, RefusedError, as_visitor
from tools.taste import Carried, new_key

BUTTON, KNOB = 6, (4, 5)
KEY = new_key()


class Two:
    """Ana's own lamp, and one of a stranger; both hubs are gone."""

    def __init__(self, world: World, own: BenchDevice, other: BenchDevice, ana: Person) -> None:
        self.world, self.own, self.other, self.ana = world, own, other, ana
        self.console, self.lines = Console(), list[str]()
        other.board.on_line = self._said

    def _said(self, line: str) -> None:
        self.lines.append(line)
        self.console.take(line)

    async def fetch(self, file: Path) -> Carried:
        """Ana's companion has her own lamp tell what she likes, and keeps it sealed."""
        await self.ana.walk_to(self.own)
        taste = await self.ana.connect(self.own, lambda meeting: meeting.taste())
        Carried.of(taste, KEY).write(file, bytes(32))
        assert b"light.brightness" not in file.read_bytes()  # noqa: ASYNC240
        with pytest.raises(CompanionError, match="no taste of this person"):
            Carried.read(file, bytes(31) + b"x")
        return Carried.read(file, bytes(32))

    @contextlib.asynccontextmanager
    async def visiting(self) -> AsyncIterator[Meeting]:
        await self.ana.walk_to(self.other)
        Central(self.ana.phone.device).use()
        visitor = as_visitor(scanner=BumbleScanner, client=BumbleClient)
        found = await visitor.find_one(self.other.board.mac)
        async with visitor.meet(found, self.world.now_s()) as meeting:
            yield meeting

    async def honoured(self, meeting: Meeting, carried: Carried) -> dict[str, int]:
        self.lines.clear()
        asked = asyncio.create_task(meeting.visit(*carried[:3]))
        await until("it asks", lambda: any("asks for a press" in one for one in self.lines))
        await self.other.board.press(BUTTON)
        return dict(await asked)

    def flash(self) -> bytes:
        return self.other.board.image_path.read_bytes()


@contextlib.asynccontextmanager
async def two(folder: Path) -> AsyncIterator[Two]:
    async with World(folder, interval_ms=None) as world:
        own = await world.device("lamp-1", "lamp")
        other = await world.device("lamp-2", "lamp", x_cm=5_000)
        ana = await world.person("Ana")
        await world.link(ana, own)
        for device in (own, other):
            await world.caught_up(device)
            await device.board.wifi(False)
        await ana.walk_to(own)
        await ana.connect(own, lambda meeting: meeting.say(0, 25))
        await ana.connect(own, lambda meeting: meeting.say(1, 3300))
        yield Two(world, own, other, ana)


async def test_a_taste_is_honoured_for_the_visit_and_nothing_of_it_is_kept(tmp_path: Path):
    async with two(tmp_path / "world") as at:
        carried = await at.fetch(tmp_path / "ana.taste")
        await asyncio.sleep(0.5)
        before = at.flash()
        async with at.visiting() as meeting:
            honoured = await at.honoured(meeting, carried)
            assert (honoured["brightness"], honoured["warmth"]) == (25, 3300)
            await until("it is hers", lambda: at.console.codes[:2] == (25, 3300))
        await until("it is as it was", lambda: at.console.codes[:2] == (60, 2700))
        await at.other.board.skip(10_000)
        assert at.flash() == before, "not a byte of it is kept"
        assert not [line for line in at.lines if "rror" in line and "link:" not in line]


async def test_a_taste_that_was_changed_or_that_nobody_there_wants_does_nothing(tmp_path: Path):
    async with two(tmp_path / "world") as at:
        carried = await at.fetch(tmp_path / "ana.taste")
        forged = carried._replace(taste=carried.taste.replace(b"brightness", b"brightnesz"))
        async with at.visiting() as meeting:
            with pytest.raises(RefusedError, match="not as its owner signed"):
                await meeting.visit(*forged[:3])
        async with at.visiting() as meeting:
            at.lines.clear()
            asked = asyncio.create_task(meeting.visit(*carried[:3]))
            await until("it asks", lambda: any("asks for a press" in one for one in at.lines))
            await at.other.board.skip(31_000)
            with pytest.raises(RefusedError, match="nobody pressed"):
                await asked
        async with at.visiting() as meeting:
            with pytest.raises(CompanionError):
                await meeting.about()
        with pytest.raises(CompanionError):  # the third who came for nothing
            async with at.visiting() as meeting:
                await meeting.visit(*carried[:3])
        assert at.console.codes[:2] in ((), (60, 2700))


async def test_who_was_declined_is_not_asked_for_again_and_nobody_keeps_who_it_was(
    tmp_path: Path,
):
    async with two(tmp_path / "world") as at:
        carried = await at.fetch(tmp_path / "ana.taste")
        liked: Any = cbor.loads(carried.taste)
        other = Carried.of(liked, new_key())
        await at.other.board.skip(0)
        before, asks = at.flash(), "asks for a press"
        async with at.visiting() as meeting:
            at.lines.clear()
            asked = asyncio.create_task(meeting.visit(*carried[:3]))
            await until("it asks", lambda: any(asks in one for one in at.lines), 60)
            await at.other.board.skip(31_000)
            with pytest.raises(RefusedError, match="nobody pressed"):
                await asked
        at.lines.clear()
        async with at.visiting() as meeting:
            with pytest.raises(RefusedError, match="asked before"):
                await meeting.visit(*carried[:3])
        assert not [line for line in at.lines if asks in line], "one offer, and no more"
        at.other.board.turn(KNOB, 4)
        await until("it works without any of that", lambda: at.console.codes[:1] == (80,), 60)
        async with at.visiting() as meeting:
            assert (await at.honoured(meeting, other))["brightness"] == 25, "another is asked for"
        await until("it is as it was", lambda: at.console.codes[:1] == (80,), 60)
        await at.other.board.skip(10_000)
        assert at.flash() == before


async def test_who_lives_there_has_the_last_word(tmp_path: Path):
    async with two(tmp_path / "world") as at:
        carried = await at.fetch(tmp_path / "ana.taste")
        async with at.visiting() as meeting:
            await at.honoured(meeting, carried)
            at.other.board.turn(KNOB, 4)
            await until("a hand is followed", lambda: at.console.codes[0] == 45)
        await until("the rest is as it was", lambda: at.console.codes[:2] == (45, 2700))
