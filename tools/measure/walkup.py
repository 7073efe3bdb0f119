"""How long until the lamp is yours: from stepping near to its driver's output, hub and broker off.

The floor is what no product can undercut: the wait for the first advert that is heard at all.
Adverts follow the Bluetooth model, at a random phase, then the interval and 0 to 10 ms each, some
lost; that wait is drawn, not waited for. What the device adds is real time on the real firmware.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from tools.bench.air import JITTER_S
from tools.bench.world import World
from tools.measure.approach import Approach
from tools.measure.crowd import LAMP, MOST_PEOPLE, crowd
from tools.measure.result import MeasureError, Result, Track, median, percentile, table

_USUAL = 60
_INTERVALS_MS = (130, 280, 1030)
_LOSSES = (0.0, 0.1, 0.5)
_MAIN = (1030, 0.1)  # the cell that is named in the figures: a phone in a pocket
_MOST_ADVERTS = 10


class Cell(NamedTuple):
    """All in ms, one a round: the wait for an advert, the whole, and what the device took."""

    floor: list[float]
    ours: list[float]
    device: list[float]


async def measure(folder: Path, n: int, seed: int, track: Track) -> Result:
    cells = {(interval, loss): Cell([], [], []) for interval in _INTERVALS_MS for loss in _LOSSES}
    async with World(folder, interval_ms=None) as world:
        lamp = await world.device("lamp-1", LAMP)
        person = await crowd(world, Random(seed), MOST_PEOPLE, lamp)
        approach = Approach(world, lamp, person)
        await world.hub.stop()
        rounds = [(key, number) for key in cells for number in range(n or _USUAL)]
        for (interval_ms, loss), number in track(rounds, "walking up"):
            chance = Random(f"{seed}/{interval_ms}/{loss}/{number}")
            await _walk_up(approach, heard_ms(interval_ms, loss, chance), cells[interval_ms, loss])
    return _result(cells)


def heard_ms(interval_ms: int, loss: float, chance: Random) -> Iterator[float]:
    """When, after stepping near, the adverts are heard that are not lost."""
    at_ms = chance.uniform(0, interval_ms)
    while True:
        if chance.random() >= loss:
            yield at_ms
        at_ms += interval_ms + chance.uniform(0, 1000 * JITTER_S)


async def _walk_up(approach: Approach, heard: Iterator[float], cell: Cell) -> None:
    await approach.step_near()
    first_ms: float | None = None
    for _, at_ms in zip(range(_MOST_ADVERTS), heard, strict=False):
        first_ms = at_ms if first_ms is None else first_ms
        took_ms = await approach.sighting_ms()
        if took_ms is not None:
            cell.floor.append(first_ms)
            cell.ours.append(at_ms + took_ms)
            cell.device.append(took_ms)
            return await approach.step_away()
    raise MeasureError(f"the lamp does not change in {_MOST_ADVERTS} adverts that it hears")


def _result(cells: dict[tuple[int, float], Cell]) -> Result:
    shown = table(
        "Stepping near to the lamp's own light, ms, hub and broker off",
        *("adverts every", "lost", "floor p50", "ours p50", "floor p95", "ours p95"),
        "advert to output, p95",
        caption=f"{len(cells[_MAIN].ours)} rounds each. Floor: the first advert that is heard at"
        " all, drawn from the Bluetooth model; what the device adds is real time.",
    )
    rows = []
    for (interval_ms, loss), cell in cells.items():
        row = _figures(cell)
        rows.append({"interval_ms": interval_ms, "loss": loss, **row})
        numbers = [row[key] for key in ("floor_p50_ms", "p50_ms", "floor_p95_ms", "p95_ms")]
        last = loss == _LOSSES[-1]
        texts = [f"{number:.1f}" for number in [*numbers, row["sighting_to_output_p95_ms"]]]
        shown.add_row(f"{interval_ms} ms", f"{loss:.0%}", *texts, end_section=last)
    return Result(shown, {**_figures(cells[_MAIN]), "cells": rows})


def _figures(cell: Cell) -> dict[str, float]:
    return {
        "p50_ms": median(cell.ours),
        "p95_ms": percentile(cell.ours, 95),
        "floor_p50_ms": median(cell.floor),
        "floor_p95_ms": percentile(cell.floor, 95),
        "sighting_to_output_p95_ms": percentile(cell.device, 95),
    }
