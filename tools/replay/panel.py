"""Reads a panel: a CSV of choices that people really made, columns person,time,setting,value.

Times are ISO 8601, seconds since 1970, or, below ten million, days. A setting whose values are all
numbers becomes a number on the coarsest grid that holds them; any other a choice. The default of
each is the value most often chosen in the whole panel: the best a product without memory can do.
"""

import csv
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

COLUMNS = ("person", "time", "setting", "value")

_LARGEST_DAY = 10_000_000
_DAY_S = 86_400
_MOST_OPTIONS = 500
_MOST_SETTINGS = 16
_MOST_RUNGS = 4_096
_MOST_DECIMALS = 3
_FAULTS_SHOWN = 5


class PanelError(ValueError):
    """The CSV cannot be used; the text says which lines are wrong, and how."""


class Row(NamedTuple):
    person: str
    time_s: int
    setting: str
    value: str


class Visit(NamedTuple):
    """choices: setting name -> value as product.json has it (a number, or an option)."""

    person: str
    time_s: int
    choices: dict[str, Any]


class Panel(NamedTuple):
    """definition: a product.json as a dict; visits in order of time."""

    definition: dict[str, Any]
    visits: list[Visit]

    @property
    def people(self) -> list[str]:
        return sorted({visit.person for visit in self.visits})


def read(path: Path, tolerance: Decimal = Decimal(0), categorical: bool = False) -> Panel:
    """The panel in a file; PanelError names the lines that are wrong.

    tolerance: numbers this near count as the same. categorical: numbers are only names.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(_rows(file))
    except (OSError, UnicodeDecodeError) as error:
        raise PanelError(f"{path}: {error}") from None
    if not rows:
        raise PanelError(f"{path}: there is no row below the heading")
    return assemble(rows, tolerance, categorical)


def assemble(rows: Iterable[Row], tolerance: Decimal, categorical: bool) -> Panel:
    """A panel of rows: one visit for each person and time, one definition for each setting."""
    ordered = sorted(rows, key=lambda row: (row.time_s, row.person))
    values: dict[str, Counter[str]] = {}
    for row in ordered:
        values.setdefault(row.setting, Counter())[row.value] += 1
    if len(values) > _MOST_SETTINGS:
        raise PanelError(f"{len(values)} settings; a product has at most {_MOST_SETTINGS}")
    shapes = {name: _shape(name, counts, tolerance, categorical) for name, counts in values.items()}
    visits = [
        Visit(person, time_s, {row.setting: shapes[row.setting].read(row.value) for row in group})
        for (time_s, person), group in groupby(ordered, key=lambda row: (row.time_s, row.person))
    ]
    settings = [shape.definition for shape in shapes.values()]
    return Panel({"product": "panel", "title": "Panel", "settings": settings}, visits)


class _Shape:
    """How the values of one setting become those of a product."""

    def __init__(self, definition: dict[str, Any], scale: int | None) -> None:
        self.definition, self._scale = definition, scale

    def read(self, text: str) -> Any:
        return text if self._scale is None else int(Decimal(text) * self._scale)


def _shape(name: str, counts: Counter[str], tolerance: Decimal, categorical: bool) -> _Shape:
    usual = counts.most_common(1)[0][0]
    scale = None if categorical else _scale(counts)
    if scale is not None and len(counts) > 1:
        numbers = sorted({int(Decimal(text) * scale) for text in counts})
        step = math.gcd(*[number - numbers[0] for number in numbers])
        if (numbers[-1] - numbers[0]) // step <= _MOST_RUNGS:
            definition = {"kind": "number", "low": numbers[0], "high": numbers[-1], "step": step}
            near = int(tolerance * scale) // step
            start = int(Decimal(usual) * scale)
            return _Shape({**definition, "name": name, "start": start, "tolerance": near}, scale)
    if len(counts) > _MOST_OPTIONS:
        raise PanelError(
            f"setting {name!r} has {len(counts)} values, a choice at most {_MOST_OPTIONS}; "
            "leave out the rare ones"
        )
    options = sorted(counts)
    return _Shape({"kind": "choice", "name": name, "options": options, "start": usual}, None)


def _scale(counts: Iterable[str]) -> int | None:
    """By what all values are whole numbers, or None if they are none."""
    places = 0
    for text in counts:
        try:
            exponent = Decimal(text).normalize().as_tuple().exponent
        except InvalidOperation:
            return None
        if not isinstance(exponent, int) or -exponent > _MOST_DECIMALS:
            return None
        places = max(places, -exponent)
    return 10**places


def _rows(file: Iterable[str]) -> Iterator[Row]:
    reader = csv.DictReader(file)
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise PanelError(f"the heading lacks {', '.join(missing)}; wanted is {','.join(COLUMNS)}")
    faults: list[str] = []
    for line in reader:
        try:
            yield _row(line)
        except ValueError as error:
            faults.append(f"line {reader.line_num}: {error}")
    if faults:
        more = (
            f"\n... and {len(faults) - _FAULTS_SHOWN} more" if len(faults) > _FAULTS_SHOWN else ""
        )
        raise PanelError("\n".join(faults[:_FAULTS_SHOWN]) + more)


def _row(line: dict[str, Any]) -> Row:
    if None in line:
        raise ValueError("more fields than the heading has")
    cells = {column: (line[column] or "").strip() for column in COLUMNS}
    for column, cell in cells.items():
        if not cell:
            raise ValueError(f"{column} is empty")
    if len(cells["value"]) > 64:
        raise ValueError("value: longer than 64 letters")
    if (
        cells["setting"].strip("abcdefghijklmnopqrstuvwxyz0123456789_")
        or len(cells["setting"]) > 24
    ):
        raise ValueError(f"setting: {cells['setting']!r} is no name of a-z, 0-9 and _, 24 at most")
    return Row(cells["person"], _time_s(cells["time"]), cells["setting"], cells["value"])


def _time_s(text: str) -> int:
    try:
        number = float(text)
    except ValueError:
        return _iso_s(text)
    if not 0 <= number < 1 << 33:
        raise ValueError(f"time: {text!r} is neither a time nor a day")
    return int(number * _DAY_S) if number < _LARGEST_DAY else int(number)


def _iso_s(text: str) -> int:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"time: {text!r} is no time like 2026-11-22T07:30") from None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
