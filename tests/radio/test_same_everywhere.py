"""What is known of a person is the same at the device, at the hub and in their export."""

import asyncio
from pathlib import Path
from typing import Any

from hub.draft import Draft
from hub.people.customer import Customer
from hub.privacy.export import DAYPARTS, export
from protocol import window
from protocol.events import SOURCE_NAMES
from tools.bench.console import Console
from tools.bench.world import World

Known = list[tuple[str, str, str]]  # of each setting: name, where from, why


def of_device(about: dict[str, Any]) -> Known:
    lines = about["settings"]
    return [(line["name"], SOURCE_NAMES[line["source"]], line["why"]) for line in lines]


def of_hub(lines: list[dict[str, Any]]) -> Known:
    return [(line["setting"], line["source"], line["why"]) for line in lines]


async def test_session_hub_and_export_say_the_same_of_a_person(tmp_path: Path):
    async with World(tmp_path, interval_ms=None) as world:
        lamp, ana = await world.device("lamp-1", "lamp"), await world.person("Ana")
        await world.link(ana, lamp)
        console, parts = Console(), world.hub.parts
        lamp.board.on_line = console.take
        assert ana.customer

        async def compare(what: str) -> None:
            await world.caught_up(lamp)
            about = await ana.connect(lamp, lambda meeting: meeting.about())
            draft = Draft(parts.store)
            whole = export(draft, parts.products, Customer(draft, ana.customer), world.now_ms())
            now = DAYPARTS[window.daypart(parts.profiles.local_minutes())]
            exported = [line for line in whole["settings"] if line["context"] == now]
            said = of_device(about)
            assert said == of_hub(parts.profiles.about(ana.customer)["settings"]), what
            assert said == of_hub(exported), what
            uses = parts.profiles.about(ana.customer)["use"]
            assert about["visits"] == uses[0]["visits"], what

        await ana.walk_to(lamp)
        await compare("nothing yet")
        await ana.walk_away()
        for detents in (-4, -3, 2):
            await ana.come(lamp, console)
            lamp.board.turn((4, 5), detents)
            await lamp.board.skip(2_000)
            await ana.leave(lamp, console)
            await world.skip(hours=25)
        await ana.walk_to(lamp)
        await compare("learned by hand")
        await ana.walk_away()
        await ana.walk_to(lamp)
        await ana.connect(lamp, lambda meeting: meeting.say(1, 3000))
        await compare("said in a session")
        parts.profiles.wish(ana.customer, "lamp", "brightness", 80, by="Sam")
        await compare("asked for from afar")
        parts.profiles.rule(ana.customer, "lamp", "colour", "frozen")
        await asyncio.sleep(0)
        await compare("ruled")
