"""What the firmware takes of a board: heap, flash, and the time of what people wait for.

Boards whose heap is watched while everything goes on at once, one for each way to run the code; one
that is walked up to; one that does nothing but predict and write its journal. Times are those of
this computer, on the interpreter and the flash format of a board; a board is slower, by the same
factor for all of them.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random

from firmware.person import write_known
from protocol.fold import Known
from tools.bench.board import Board
from tools.bench.world import World, until
from tools.factory.layout import MAIN, build_files
from tools.measure import heap, wear
from tools.measure.approach import Approach
from tools.measure.crowd import LAMP, MOST_PEOPLE, crowd, window
from tools.measure.result import MeasureError, Result, Track, median, table

_USUAL = 50
_HEAP_TO_REACH_KB = 105
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
    heaps = {way: await heap.of_board(folder / way.key, way, seed, track) for way in heap.ways()}
    predict_ms, append_ms = await _clocked(folder / "clocked", n, seed)
    writes, erases = await wear.per_visit(folder / "worn", min(n, _WORN), seed, track)
    figures = {
        **{key: figure for way, used in heaps.items() for key, figure in _of(way, used)},
        "sighting_to_driver_ms": await _sighting_ms(folder / "walked", n, seed, track),
        "predict_ms": predict_ms,
        "append_ms": append_ms,
        "flash_writes_per_visit": writes,
        "flash_erases_per_visit": erases,
        "image_kb": sum(map(len, build_files(LAMP).values())) / 1024,
    }
    return Result(_shown(heaps, figures, n), figures)


def _of(way: heap.Way, used: heap.Used) -> Iterator[tuple[str, float]]:
    yield f"{way.key}_high_water_kb", used.high_water_kb
    yield f"{way.key}_live_kb", used.live_kb
    yield f"{way.key}_cap_kb", way.cap_kb
    yield f"{way.key}_given_kb", used.given_kb


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


def _shown(heaps: dict[heap.Way, heap.Used], figures: dict[str, float], n: int):
    shown = table(
        "One device",
        *("", "here", "to reach"),
        caption=f"Heap: {MOST_PEOPLE} customers with full windows, TLS up, visits and a session, in"
        " the heap that is given. Live is what a collection leaves, high water adds the garbage"
        f" before one. Times: medians of {n}, on this computer. The prediction is for one setting"
        " with nothing else in the heap; a sighting has all of it.",
    )
    for way, used in heaps.items():
        fits = "runs in" if used.given_kb == way.cap_kb else f"needs more than {way.cap_kb}, given"
        shown.add_row(f"heap, {way.title}", f"{fits} {used.given_kb} KB", f"{_HEAP_TO_REACH_KB} KB")
        shown.add_row("  high water", f"{used.high_water_kb:.1f} KB", "")
        shown.add_row("  live at most", f"{used.live_kb:.1f} KB", "", end_section=True)
    shown.add_row("image in flash", f"{figures['image_kb']:.1f} KB", "", end_section=True)
    shown.add_row("sighting to driver", f"{figures['sighting_to_driver_ms']:.2f} ms", "10 ms")
    shown.add_row("one prediction", f"{figures['predict_ms']:.2f} ms", "2 ms")
    shown.add_row("one journal append, flushed", f"{figures['append_ms']:.2f} ms", "1 ms")
    shown.add_section()
    shown.add_row("flash programs, a visit", f"{figures['flash_writes_per_visit']:.0f}", "")
    shown.add_row("flash erases, a visit", f"{figures['flash_erases_per_visit']:.1f}", "")
    return shown
