"""Makes a panel of the rows of a CSV: a product's settings, and the visits of people.

A setting whose values are all numbers becomes a number on the coarsest grid that holds them; any
other a choice. The default of each is the value most often chosen in the whole panel: the best a
product without memory can do.
"""

import math
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from tools.replay import rows

_MOST_OPTIONS = 500
_MOST_SETTINGS = 16
_MOST_RUNGS = 4_096
_MOST_DECIMALS = 3
_LONGEST_VALUE = 64
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
    checked = _checked(path)
    if not checked:
        raise PanelError(f"{path}: there is no row below the heading")
    return assemble(checked, tolerance, categorical)


def assemble(made: Iterable[Row], tolerance: Decimal, categorical: bool) -> Panel:
    """A panel of rows: one visit for each person and time, one definition for each setting."""
    ordered = sorted(made, key=lambda row: (row.time_s, row.person))
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


def _row(row: rows.Row) -> Row:
    """What a product can hold of a row; ValueError says what it cannot."""
    if len(row.value) > _LONGEST_VALUE:
        raise ValueError(f"value: longer than {_LONGEST_VALUE} letters")
    if row.setting.strip("abcdefghijklmnopqrstuvwxyz0123456789_") or len(row.setting) > 24:
        raise ValueError(f"setting: {row.setting!r} is no name of a-z, 0-9 and _, 24 at most")
    return Row(row.person, row.time_s, row.setting, row.value)


def _checked(path: Path) -> list[Row]:
    """All rows of the file; PanelError if one is wrong: a replay of half a panel misleads."""
    try:
        table = rows.read(path)
    except rows.RowsError as error:
        raise PanelError(str(error)) from None
    good, faults = [], list(table.faults)
    for row in table.rows:
        try:
            good.append(_row(row))
        except ValueError as error:
            faults.append(rows.Fault(row.line, str(error)))
    if faults:
        told = [f"line {fault.line}: {fault.why}" for fault in sorted(faults)]
        more = len(told) - _FAULTS_SHOWN
        raise PanelError("\n".join(told[:_FAULTS_SHOWN] + [f"... and {more} more"] * (more > 0)))
    return good
