"""What a visit costs of a board's flash: programs and erases that reach the block device.

A visit in which a hand corrects what was applied, from near to away, with the hub there.
"""

import asyncio
from pathlib import Path
from random import Random

from tools.bench.world import World, until
from tools.factory.layout import MAIN, build_files
from tools.measure.approach import Approach
from tools.measure.crowd import KNOB, LAMP, crowd
from tools.measure.result import MeasureError, Track

_SETTLED_MS = 2_000
_COUNTING_MAIN = b"""
import asyncio
from flash import Flash
async def count():
    said = None
    while True:
        now = sum([chip.writes for chip in Flash.chips]), sum([chip.erases for chip in Flash.chips])
        if now != said:
            said = now
            print("flash", *now)
        await asyncio.sleep_ms(100)
asyncio.create_task(count())
from firmware.start import start
start()
"""


async def per_visit(folder: Path, n: int, seed: int, track: Track) -> tuple[float, float]:
    """(programs, erases) a visit, over n of them."""
    counted = [(0, 0)]

    def take(line: str) -> None:
        if line.startswith("flash "):
            writes, erases = line.split()[1:]
            counted.append((int(writes), int(erases)))

    files = build_files(LAMP) | {MAIN: _COUNTING_MAIN}
    async with World(folder, interval_ms=None) as world:
        lamp = await world.device("lamp-1", LAMP, files=files)
        approach = Approach(world, lamp, await crowd(world, Random(seed), 1, lamp))
        console = lamp.board.on_line
        lamp.board.on_line = lambda line: (take(line), console(line))
        await asyncio.sleep(0.5)
        before = counted[-1]
        for number in track(range(n), "wear of flash"):
            await approach.step_near()
            for _ in range(3):
                await approach.sighting_ms()
            lamp.board.turn(KNOB, -2 - number % 3)
            await lamp.board.skip(_SETTLED_MS)
            await approach.step_away()
            await world.caught_up(lamp)
        await lamp.board.skip(1_000)
        await until("all is counted", lambda: counted[-1][0] > before[0])
    writes, erases = (after - first for after, first in zip(counted[-1], before, strict=True))
    if writes <= 0:
        raise MeasureError("nothing was written to the lamp's flash")
    return writes / n, erases / n
