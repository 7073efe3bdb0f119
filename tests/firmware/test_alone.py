"""The whole firmware with nobody to help it: no hub, no Wi-Fi, no time, no room in its flash."""

import asyncio
import contextlib
from pathlib import Path

from tests.conftest import micropython, require
from tools.bench.board import BoardError
from tools.bench.world import BenchDevice, Person, World, until

KNOB, RED = (4, 5), 14
PIECES_KB = (64, 8, 1)


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
        await _fill(lamp)
        lamp.board.lines.clear()
        await lamp.start()
        await world.caught_up(lamp)
        await _recognised(lamp, ana)
        for _ in range(3):
            before = lamp.board.pwm[RED]
            lamp.board.turn(KNOB, -2)
            await until("the light follows", lambda was=before: lamp.board.pwm[RED] != was)
            await lamp.board.skip(2_000)
        said = [line for line in lamp.board.lines if "not kept" in line]
        assert len(said) <= 1, "what a full flash does not take is said once, and no more"
        assert not [line for line in lamp.board.lines if "a task failed" in line]


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
