"""The person's side over bleak, against the real firmware on the virtual radio."""

import asyncio
from pathlib import Path

import pytest

from tools.bench.console import Console
from tools.bench.world import BenchDevice, Person, World
from tools.companion import CompanionError, RefusedError


async def _home(folder: Path, play) -> None:
    async with World(folder, interval_ms=None) as world:
        lamp = await world.device("lamp-1", "lamp")
        console = Console()
        lamp.board.on_line = console.take
        ana = await world.person("Ana")
        await world.link(ana, lamp)
        await play(world, lamp, console, ana)


def at_home(play):
    """Run a test as a story: async def test(world, lamp, console, ana)."""

    def test(tmp_path):
        asyncio.run(_home(tmp_path, play))

    test.__name__, test.__doc__ = play.__name__, play.__doc__
    return test


@at_home
async def test_a_person_reads_what_the_device_knows_of_them(
    world: World, lamp: BenchDevice, console: Console, ana: Person
):
    await ana.walk_to(lamp)
    about = await ana.connect(lamp, lambda meeting: meeting.about())
    assert about["product"] == "lamp"
    assert [line["name"] for line in about["settings"]] == ["brightness", "warmth", "colour"]
    assert (
        about["settings"][0]["why"] == "brightness 60 %, the usual for everyone, until you choose."
    )


@at_home
async def test_what_a_person_says_is_done_at_once_and_reaches_the_hub(
    world: World, lamp: BenchDevice, console: Console, ana: Person
):
    await ana.walk_to(lamp)
    line = await ana.connect(lamp, lambda meeting: meeting.say(0, 25))
    assert (line["code"], line["why"]) == (25, "brightness 25 %, because you asked for it.")
    assert console.codes[0] == 25
    assert console.sure, "a session proves who is here"
    assert ana.customer
    await world.until_hub_says(ana, "brightness", 25)


@at_home
async def test_what_the_product_cannot_is_refused_in_a_sentence_and_the_session_goes_on(
    world: World, lamp: BenchDevice, console: Console, ana: Person
):
    async def talk(meeting):
        with pytest.raises(RefusedError, match=r"brightness: 400 is not within 0\.\.100"):
            await meeting.say(0, 400)
        with pytest.raises(RefusedError, match="no setting 9"):
            await meeting.say(9, 1)
        return await meeting.about()

    await ana.walk_to(lamp)
    assert (await ana.connect(lamp, talk))["visits"] == 0


@at_home
async def test_a_stranger_gets_nothing_from_the_device(
    world: World, lamp: BenchDevice, console: Console, ana: Person
):
    ben = await world.person("Ben")
    await ben.walk_to(lamp)
    with pytest.raises(CompanionError, match="does not know you"):
        await ben.connect(lamp, lambda meeting: meeting.about())


@at_home
async def test_who_was_forgotten_is_a_stranger_again(
    world: World, lamp: BenchDevice, console: Console, ana: Person
):
    await ana.walk_to(lamp)
    world.hub.parts.profiles.forget(ana.customer)
    await world.caught_up(lamp)
    with pytest.raises(CompanionError):
        await ana.connect(lamp, lambda meeting: meeting.about())
    for _ in range(5):
        await ana.phone.advertise_now()
        await world.skip(seconds=1)
    assert console.subject is None
