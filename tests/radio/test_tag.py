"""A key-fob of the same firmware tree: a lamp knows who carries it, and a copy of it dies soon."""

import asyncio
from pathlib import Path

from hub.draft import Draft
from hub.people.customer import Customer
from protocol import gatt
from protocol.presence import TAG_ROTATION
from tests.conftest import micropython, require
from tools.bench.board import Board
from tools.bench.world import World, until
from tools.factory.tag import tag_blobs, tag_files


def _prefers_a_tag(world: World, customer: str) -> bytes:
    """From now on the customer's identifiers follow a tag's rotation; their master key."""
    draft = Draft(world.hub.parts.store)
    person = Customer(draft, customer)
    person.profile["rotation"] = TAG_ROTATION
    person.keep()
    draft.commit()
    return bytes.fromhex(world.hub.parts.profiles.credential(customer)["master"])


def test_a_lamp_recognises_who_carries_a_tag_and_no_recording_of_it(tmp_path: Path):
    require("a micropython interpreter", micropython())
    asyncio.run(_carried(tmp_path))


async def _carried(folder: Path) -> None:
    async with World(folder) as world:
        lamp = await world.device("one", "lamp")
        ana = await world.person("Ana")
        await ana.phone.switch_off()
        assert ana.customer
        master = _prefers_a_tag(world, ana.customer)
        await world.link(ana, lamp)
        tag = Board(
            world.radio, folder, "tag", tag_files(), tag_blobs(master, world.now_s()), heap_kb=64
        )
        heard: list[bytes] = []
        sent = world.air.transmit

        def listen(sender, advert):
            if sender.name == "tag":
                heard.append(bytes(advert.data))
            sent(sender, advert)

        world.air.transmit = listen  # type: ignore[method-assign]
        await tag.start()
        try:
            world.air.place("tag", 80, 0)
            await until("the tag is recognised", lambda: _said(lamp, " sure"))
            first = heard[0]
            assert gatt.find_presence(first) is not None
            lamp.board.lines.clear()
            for _ in range(3):
                last = heard[-1]
                await asyncio.gather(world.skip(seconds=64), tag.skip(64_000))
                await until("it changes", lambda last=last: heard[-1] != last)
            await lamp.board.skip(0)
            assert not _said(lamp, " away"), "whoever carries it is still known"
            assert first[-2:] != heard[-1][-2:], "the masked bytes change, too"
        finally:
            await tag.stop()
        await world.skip(seconds=101)
        await until("gone with the tag", lambda: _said(lamp, " away"))
        await ana.phone.switch_on()
        ana.place(80, 0)
        lamp.board.lines.clear()
        ana.phone.change(first)
        await ana.phone.advertise_now(20)
        await lamp.board.skip(0)
        assert not _said(lamp, "sees"), "a recorded advert is nobody's two steps later"


def test_who_carries_phone_and_tag_is_one_person_and_makes_one_visit(tmp_path: Path):
    require("a micropython interpreter", micropython())
    asyncio.run(_both_carried(tmp_path))


async def _both_carried(folder: Path) -> None:
    """The tag is another identity of hers, so that each keeps its rotation."""
    async with World(folder, interval_ms=None) as world:
        lamp = await world.device("one", "lamp")
        ana, fob = await world.person("Ana"), await world.person("Ana's tag")
        assert ana.customer and fob.customer
        _prefers_a_tag(world, fob.customer)
        await world.link(ana, lamp)
        identities = world.hub.parts.identities
        codes = [identities.prove(one) for one in (ana.customer, fob.customer)]
        identities.link(ana.customer, codes[0], fob.customer, codes[1])
        fob.enrol()
        await world.caught_up(lamp)
        for carrier in (ana, fob):
            await carrier.walk_to(lamp)
        for second in range(60):
            await (ana if second % 2 else fob).phone.advertise_now()
            await world.skip(seconds=1)
        seen = [line.split()[-1] for line in lamp.board.lines if line.startswith("sees")]
        assert seen == ["near", "sure"], seen
        for carrier in (ana, fob):
            await carrier.walk_away()
        await world.skip(seconds=110)
        await until("gone with both", lambda: _said(lamp, " away"))
        await world.caught_up(lamp)
        profiles = world.hub.parts.profiles
        lines = [*profiles.timeline(ana.customer), *profiles.timeline(fob.customer)]
        assert len([line for line in lines if line["kind"] == "visit"]) == 1


def _said(lamp, what: str) -> bool:
    return any(what in line for line in lamp.board.lines)
