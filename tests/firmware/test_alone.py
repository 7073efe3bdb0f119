"""The whole firmware with nobody to help it: no hub, no Wi-Fi, no time, no room in its flash."""

import asyncio
import contextlib
from pathlib import Path

from tests.conftest import micropython, require
from tools.bench.board import BoardError
from tools.bench.world import BenchDevice, Person, World, until
from tools.factory.layout import MAIN

KNOB, RED = (4, 5), 14
MOST_TURNS = 30
PIECES_KB = (64, 8, 1)
HUNGRY = b"""
import asyncio
import os
from firmware import runtime

async def eat():
    number = 0
    os.remove("/journal/spare")
    while True:
        try:
            while True:
                number += 1
                with open("/eaten-%d" % number, "wb") as file:
                    file.write(bytes(2048))
        except OSError:
            await asyncio.sleep_ms(20)

class Hungry(runtime.Runtime):
    async def run(self, *others):
        for _ in range(3):
            self.journal.append(bytes(500))  # no event, but it needs blocks of flash
        self.journal.flush()
        asyncio.create_task(eat())
        await super().run(*others)

runtime.Runtime = Hungry
from firmware.start import start
start()
"""  # also the room that the journal keeps for itself, and whatever it frees


def test_rebooted_without_hub_or_wifi_it_recognises_by_what_an_advert_tells(tmp_path: Path):
    require("a micropython interpreter", micropython())
    asyncio.run(_rebooted_alone(tmp_path))


def test_a_full_flash_does_not_stop_the_knob(tmp_path: Path):
    require("a micropython interpreter", micropython())
    asyncio.run(_full(tmp_path))


async def _rebooted_alone(folder: Path) -> None:
    async with World(folder) as world:
        lamp, ana = await _lamp_and_ana(world)
        await lamp.board.cut_power()
        await lamp.board.wifi(False)
        await world.hub.stop()
        lamp.board.lines.clear()
        await world.skip(hours=3)
        await lamp.start()
        await _recognised(lamp, ana)


async def _full(folder: Path) -> None:
    async with World(folder) as world:
        lamp, ana = await _lamp_and_ana(world)
        await lamp.board.cut_power()
        await lamp.board.update({MAIN: HUNGRY})
        await _fill(lamp)
        lamp.board.lines.clear()
        await lamp.start()
        await world.caught_up(lamp)
        await _recognised(lamp, ana)
        after_the_loss = 0
        for number in range(MOST_TURNS):
            before = lamp.board.pwm[RED]
            lamp.board.turn(KNOB, 2 if number % 2 else -2)
            await until("the light follows", lambda was=before: lamp.board.pwm[RED] != was)
            await lamp.board.skip(2_000)
            after_the_loss += bool(_not_kept(lamp))
            if after_the_loss == 3:
                break
        assert len(_not_kept(lamp)) == 1, lamp.board.lines
        assert not [line for line in lamp.board.lines if "a task failed" in line]


def _not_kept(lamp: BenchDevice) -> list[str]:
    return [line for line in lamp.board.lines if "not kept" in line]


async def _lamp_and_ana(world: World) -> tuple[BenchDevice, Person]:
    lamp, ana = await world.device("one", "lamp"), await world.person("Ana")
    await world.link(ana, lamp)
    return lamp, ana


async def _recognised(lamp: BenchDevice, ana: Person) -> None:
    await ana.walk_to(lamp)
    for _ in range(5):
        await ana.phone.advertise_now()
        await asyncio.sleep(0.1)
    await until("recognised", lambda: any(line.endswith(" near") for line in lamp.board.lines))


async def _fill(lamp: BenchDevice) -> None:
    """Write files until no kilobyte more goes in."""
    for kb in PIECES_KB:
        with contextlib.suppress(BoardError):
            for number in range(1_000):
                await lamp.board.update({f"/filler-{kb}-{number}": bytes(kb * 1024)})
