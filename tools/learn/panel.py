"""A panel: series of what each person chose for one setting, visit after visit, as rungs.

panel = made("mine", rows.read(Path("mine.csv")))
other, test = halves(panel, seed=1)
"""

import zlib
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from protocol.window import NO_DAYPART, daypart
from tools.learn.scale import Scale, scale
from tools.replay.rows import Fault, Row, Rows

PLAIN_SEED = 1  # halves by the person's name alone; any other seed gives other halves

_MOST_VISITS = 400  # of a person's setting, of a file of one's own


class Event(NamedTuple):
    rung: int
    daypart: int
    context: tuple[str, ...] = ()


class Series(NamedTuple):
    """What one person chose for one setting, oldest first."""

    person: str
    setting: int
    events: list[Event]


class Panel(NamedTuple):
    """scales: of the settings, by number; notes: what a reader of the figures should know."""

    name: str
    scales: list[Scale]
    series: list[Series]
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def people(self) -> list[str]:
        return sorted({series.person for series in self.series})

    def of(self, people: set[str]) -> "Panel":
        return self._replace(series=[each for each in self.series if each.person in people])


def made(
    name: str,
    table: Rows,
    tolerance: Decimal = Decimal(0),
    grid: Decimal | None = None,
    categorical: bool = False,
) -> Panel:
    """The panel of a table; rows that do not fit the others of their setting are faults."""
    rows, twice = _once(table.rows)
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        counts.setdefault(row.setting, Counter())[row.value] += 1
    scales = [scale(each, counts[each], tolerance, grid, categorical) for each in sorted(counts)]
    at = {each.setting: number for number, each in enumerate(scales)}
    faults = list(table.faults)
    for row in rows:
        if row.value not in scales[at[row.setting]].rungs:
            faults.append(Fault(row.line, f"value: {row.value!r} is no number, as the others are"))
    notes = [each.note for each in scales if each.note]
    if twice:
        notes.append(f"{twice} rows stand twice and count once")
    return Panel(name, scales, _series(rows, scales, at), tuple(notes), tuple(sorted(faults)))


def _once(rows: Iterable[Row]) -> tuple[list[Row], int]:
    """In order of time, each row once; and how many stood again."""
    ordered = sorted(rows, key=lambda row: (row.person, row.setting, row.time_s, row.line))
    kept: dict[tuple[object, ...], Row] = {}
    for row in ordered:
        kept.setdefault(row[1:], row)
    return list(kept.values()), len(ordered) - len(kept)


def _series(rows: list[Row], scales: list[Scale], at: dict[str, int]) -> list[Series]:
    """rows: in order of person, setting and time."""
    clock = any(row.minute for row in rows)  # all at midnight: only the day is known
    series = []
    for (person, setting), group in groupby(rows, key=attrgetter("person", "setting")):
        rungs = scales[at[setting]].rungs
        events = [
            Event(
                rungs[row.value],
                daypart(row.minute) if clock and row.minute is not None else NO_DAYPART,
                row.context,
            )
            for row in group
            if row.value in rungs
        ]
        if events:
            series.append(Series(person, at[setting], events[-_MOST_VISITS:]))
    return series


def halves(panel: Panel, seed: int, most_people: int = 0) -> tuple[Panel, Panel]:
    """(others, test): about half of the people each, and at most so many; 0 is all.

    Drawn by the person's name, so that nobody is in both. A panel too small for that is tested
    whole, and nobody else is known.
    """
    ranked = sorted((_draw(person, seed), person) for person in panel.people)
    sides = [[person for drawn, person in ranked if drawn & 1 == side] for side in (0, 1)]
    if not sides[0] or not sides[1]:
        sides = [[], [person for _, person in ranked]]
    cut = most_people or len(ranked)
    notes = panel.notes
    if len(sides[1]) > cut:
        notes = (*notes, f"{cut} of {len(sides[1])} people of the half, drawn by their names")
    others, test = [panel.of(set(side[:cut])) for side in sides]
    return others, test._replace(notes=notes)


def _draw(person: str, seed: int) -> int:
    return zlib.crc32((person if seed == PLAIN_SEED else f"{seed}:{person}").encode())
