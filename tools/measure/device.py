"""What the firmware takes of a board: heap, flash, and the time of what people wait for.

Three boards: one whose heap is watched while everything goes on at once, one that is walked up to,
one that does nothing but predict and write its journal. Times are those of this computer, on the
interpreter and the flash format of a board; a board is slower, by the same factor for all of them.
"""

from pathlib import Path
from random import Random

from firmware.person import write_known
from protocol.fold import Known
from tools.bench.board import Board
from tools.bench.world import World, until
from tools.factory.layout import MAIN, build_files
from tools.measure import heap, wear
from tools.measure.approach import Approach
from tools.measure.crowd import LAMP, MOST_PEOPLE, ROOMY_KB, crowd, window
from tools.measure.result import MeasureError, Result, Track, median, table

_USUAL = 50
_WORN = 20  # visits are enough: they differ little
_EVENT_BYTES = 48  # about what a visit takes
_CLOCKED = """
import json
from os import urandom
from time import ticks_diff, ticks_us
from firmware.journal import Journal
from firmware.person import read_known
from protocol.decision import decide
from protocol.product import read_product
with open("firmware/products/lamp/product.json") as file:
    setting = read_product(json.load(file)).settings[0]
with open("/window", "rb") as file:
    rows = read_known(file.read()).rows
journal, event = Journal("/clocked", urandom), bytes({bytes})
for number in range({n}):
    start = ticks_us()
    decide(setting, 0, rows, None, number % 4)
    decided = ticks_us()
    journal.append(event)
    journal.flush()
    print("clocked", ticks_diff(decided, start), ticks_diff(ticks_us(), decided))
journal.close()
print("clocked all")
"""


async def measure(folder: Path, n: int, seed: int, track: Track) -> Result:
    n = n or _USUAL
    used = await _heap(folder, seed, track)
    predict_ms, append_ms = await _clocked(folder / "clocked", n, seed)
    writes, erases = await wear.per_visit(folder / "worn", min(n, _WORN), seed, track)
    figures = {
        "heap_high_water_kb": used.high_water_kb,
        "heap_live_kb": used.live_kb,
        "heap_cap_kb": heap.CAP_KB,
        "heap_given_kb": used.given_kb,
        "sighting_to_driver_ms": await _sighting_ms(folder / "walked", n, seed, track),
        "predict_ms": predict_ms,
        "append_ms": append_ms,
        "flash_writes_per_visit": writes,
        "flash_erases_per_visit": erases,
        "image_kb": sum(map(len, build_files(LAMP).values())) / 1024,
    }
    return Result(_shown(figures, n), figures)


async def _heap(folder: Path, seed: int, track: Track) -> heap.Used:
    """In the heap of a board; where that is too small, in a roomy one, to say by how much."""
    try:
        return await heap.watch(folder / "board", heap.CAP_KB, seed, track)
    except heap.TooSmallError:
        return await heap.watch(folder / "roomy", ROOMY_KB, seed, track)


async def _sighting_ms(folder: Path, n: int, seed: int, track: Track) -> float:
    took_ms: list[float] = []
    async with World(folder, interval_ms=None) as world:
        lamp = await world.device("lamp-1", LAMP)
        approach = Approach(world, lamp, await crowd(world, Random(seed), MOST_PEOPLE, lamp))
        for _ in track(range(n), "sighting to driver"):
            await approach.step_near()
            one_ms = await approach.sighting_ms()
            if one_ms is None:
                raise MeasureError("the lamp does not change at a sighting")
            took_ms.append(one_ms)
            await approach.step_away()
    return median(took_ms)


async def _clocked(folder: Path, n: int, seed: int) -> tuple[float, float]:
    """(prediction, journal append and flush), medians in ms, clocked on the board."""
    files = build_files(LAMP) | {
        MAIN: _CLOCKED.format(n=n, bytes=_EVENT_BYTES).encode(),
        "/window": write_known(Known(window(Random(seed)))),
    }
    predict_us: list[int] = []
    append_us: list[int] = []
    async with World(folder) as world:
        board = Board(world.radio, folder, "clocked", files)
        try:
            lines: list[str] = []
            board.on_line = lines.append
            await board.start()
            await until("the board has clocked", lambda: not board.alive or "clocked all" in lines)
        finally:
            await board.stop()
    for line in lines:
        if line.startswith("clocked ") and line != "clocked all":
            predicted, appended = line.split()[1:]
            predict_us.append(int(predicted))
            append_us.append(int(appended))
    if len(predict_us) < n:
        raise MeasureError("the board stopped clocking:\n" + "\n".join(lines[-10:]))
    return median(predict_us) / 1000, median(append_us) / 1000


def _shown(figures: dict[str, float], n: int):
    cap_kb, given_kb = figures["heap_cap_kb"], figures["heap_given_kb"]
    fits = "it runs in that" if given_kb == cap_kb else f"it needs more; measured in {given_kb} KB"
    shown = table(
        "One device",
        *("", "here", "to reach"),
        caption=f"Heap: {MOST_PEOPLE} customers with full windows, TLS up, a visit and a session."
        f" Live is what a collection leaves, high water adds the garbage before one; a board has"
        f" {cap_kb} KB: {fits}. Times: medians of {n}, on this computer. The"
        " prediction is for one setting with nothing else in the heap; a sighting has all of it.",
    )
    shown.add_row("heap, high water", f"{figures['heap_high_water_kb']:.1f} KB", f"{cap_kb} KB")
    shown.add_row("heap, live at most", f"{figures['heap_live_kb']:.1f} KB", "", end_section=True)
    shown.add_row("image in flash", f"{figures['image_kb']:.1f} KB", "", end_section=True)
    shown.add_row("sighting to driver", f"{figures['sighting_to_driver_ms']:.2f} ms", "10 ms")
    shown.add_row("one prediction", f"{figures['predict_ms']:.2f} ms", "2 ms")
    shown.add_row("one journal append, flushed", f"{figures['append_ms']:.2f} ms", "1 ms")
    shown.add_section()
    shown.add_row("flash programs, a visit", f"{figures['flash_writes_per_visit']:.0f}", "")
    shown.add_row("flash erases, a visit", f"{figures['flash_erases_per_visit']:.1f}", "")
    return shown
