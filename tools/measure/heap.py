"""How much heap the firmware takes when everything goes on at once.

A main.py of ours runs the ordinary firmware beside a task that looks at the heap every 20 ms. What
is free is taken from what the firmware was given, so that the interpreter's own tables count too.
Between two looks more may have been taken; that it runs in the heap of a board is the proof.
"""

import asyncio
import contextlib
import inspect
from collections.abc import Coroutine, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tools.bench.board import Board, BoardError
from tools.bench.console import Console
from tools.bench.interpreter import Interpreter, narrow, usual
from tools.bench.world import BenchDevice, Person, WaitError, World, until
from tools.factory.layout import MAIN, build_files
from tools.measure.crowd import DEFAULT_PERCENT, KNOB, LAMP, MOST_PEOPLE, ROOMY_KB, crowd
from tools.measure.result import Track

_CAP_KB: int = inspect.signature(Board).parameters["heap_kb"].default
_ROMFS_KB = 256
_VISITS = 2
_WARMTH, _WARMTH_K = 1, 3000
_SETTLED_MS, _GONE_S = 2_000, 101
# each tenth look collects first: what is left then is alive
_WATCHED_MAIN = b"""
import asyncio, gc
async def watch():
    least, least_live, looks = 1 << 29, 1 << 29, 0
    while True:
        free = gc.mem_free()
        if free < least:
            least = free
            print("heap least", least)
        if looks % 10 == 0:
            gc.collect()
            free = gc.mem_free()
            if free < least_live:
                least_live = free
                print("heap live", least_live)
        looks += 1
        await asyncio.sleep_ms(20)
asyncio.create_task(watch())
from firmware.start import start
start()
"""


class TooSmallError(Exception):
    """The firmware said that it ran out of memory."""


class Used(NamedTuple):
    high_water_kb: float
    live_kb: float
    given_kb: int


class Way(NamedTuple):
    """How the firmware may run; key: what its figures begin with."""

    key: str
    title: str
    interpreter: Interpreter
    rom: bool  # the code lies in flash that is mapped into memory
    cap_kb: int  # of a board, as tests give it


def ways() -> Iterator[Way]:
    """As on a stock MicroPython; with its code in flash; and that in 32 bits, where there are."""
    yield Way("heap", "code in files, 64 bit", usual(), False, _CAP_KB)
    yield Way("heap_in_flash", "code in flash, 64 bit", usual(), True, 172)
    if found := narrow():
        yield Way("heap_in_flash_32", "code in flash, 32 bit", found, True, 105)


async def of_board(folder: Path, way: Way, seed: int, track: Track) -> Used:
    """In the heap of a board; where that is too small, in a roomy one, to say by how much."""
    try:
        return await _watch(folder / "board", way, way.cap_kb, seed, track)
    except TooSmallError:
        return await _watch(folder / "roomy", way, ROOMY_KB, seed, track)


class _Heap:
    """What the watching task prints; everything else goes on to the console."""

    def __init__(self, console: Console) -> None:
        self.free_bytes: dict[str, int] = {}
        self.short = asyncio.Event()
        self._console = console

    def take(self, line: str) -> None:
        if line.startswith("heap "):
            _, what, free = line.split()
            self.free_bytes[what] = min(int(free), self.free_bytes.get(what, int(free)))
        elif "MemoryError" in line:
            self.short.set()
        else:
            self._console.take(line)

    def used(self, given_kb: int) -> Used:
        least, live = self.free_bytes["least"], self.free_bytes["live"]
        return Used(given_kb - min(least, live) / 1024, given_kb - live / 1024, given_kb)


async def _watch(folder: Path, way: Way, given_kb: int, seed: int, track: Track) -> Used:
    """What it takes in a heap of given_kb; TooSmallError if it does not fit in there."""
    files = build_files(LAMP, rom=way.rom) | {MAIN: _WATCHED_MAIN}
    async with World(folder, interval_ms=None) as world:
        lamp = await world.device(
            "lamp-1", LAMP, files=files, heap_kb=given_kb, interpreter=way.interpreter,
            romfs_kb=_ROMFS_KB if way.rom else 0,
        )  # fmt: skip
        console = Console()
        heap = _Heap(console)
        lamp.board.on_line = heap.take
        await _unless(heap.short, _live(world, lamp, console, seed, track))
        return heap.used(given_kb)


async def _unless(short: asyncio.Event, living: Coroutine[Any, Any, None]) -> None:
    """Live on until memory is short: what comes after that would only be waited for."""
    tasks = asyncio.create_task(living), asyncio.create_task(short.wait())
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if short.is_set():
            raise TooSmallError
        await tasks[0]
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, WaitError, BoardError):
                await task


async def _live(world: World, lamp: BenchDevice, console: Console, seed: int, track: Track) -> None:
    """Full of customers: a visit, and another after the power was cut, with all in flash."""
    ana = await crowd(world, Random(seed), MOST_PEOPLE, lamp)
    for _ in track(range(_VISITS), "a full device"):
        await _visit(world, lamp, console, ana)
        await lamp.board.cut_power()
        await lamp.start()
        await world.caught_up(lamp)


async def _visit(world: World, lamp: BenchDevice, console: Console, ana: Person) -> None:
    """She is recognised, turns the knob, speaks with it; somebody asks for her meanwhile."""
    profiles, customer = world.hub.parts.profiles, ana.customer
    assert customer
    await ana.come(lamp, console)
    lamp.board.turn(KNOB, -1)
    await world.skip(ms=_SETTLED_MS)

    async def talk(meeting: Any) -> None:
        await meeting.about()
        profiles.wish(customer, LAMP, "brightness", DEFAULT_PERCENT, by="Sam")
        await world.caught_up(lamp)
        await meeting.say(_WARMTH, _WARMTH_K)
        await meeting.about()

    await ana.connect(lamp, talk)
    await ana.walk_away()
    await world.skip(seconds=_GONE_S)
    await until("the lamp notices that Ana left", lambda: not console.subject)
    await world.caught_up(lamp)
