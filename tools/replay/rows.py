"""Reads the rows of a panel: any CSV of people's choices, person,time,setting,value[,context...].

Columns are found by their names, in any order; without a heading the first four are taken so. The
delimiter (comma, semicolon, tab or bar) and the quotes are found. A row is one line, so that one
open quote spoils no other. Times are ISO 8601, seconds, milli- or microseconds since 1970 or, below
ten million, days. What is wrong with a line is a Fault; the other lines stand.
"""

import codecs
import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

COLUMNS = ("person", "time", "setting", "value")

_DELIMITERS = ",;\t|"
_LARGEST_DAY = 10_000_000
_DAY_S = 86_400
_LONGEST_CELL = 200
_MS_SINCE, _US_SINCE = 10**11, 10**14  # larger numbers than these are finer than seconds
_LAST_S = 1 << 33


class RowsError(ValueError):
    """The file as a whole is no panel; the text says why."""


class Fault(NamedTuple):
    line: int
    why: str


class Row(NamedTuple):
    """minute: of the local day, None where only a day was given; context: as the file names it."""

    line: int
    person: str
    time_s: int
    minute: int | None
    setting: str
    value: str
    context: tuple[str, ...] = ()


class Rows(NamedTuple):
    rows: list[Row]
    faults: list[Fault]
    context: tuple[str, ...]


class _Form(NamedTuple):
    """How the lines are written: at[name] is the place of a column."""

    delimiter: str
    quote: str
    at: dict[str, int]
    context: tuple[str, ...]
    columns: int


def read(path: Path) -> Rows:
    """All rows of a file, and what is wrong with the others; RowsError if it is no panel."""
    lines = _lines(path)
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise RowsError(f"{path}: there is no heading; wanted is {','.join(COLUMNS)}")
    form, has_heading = _form(lines[first])
    rows, faults = [], []
    for number, line in enumerate(lines[first + has_heading :], first + has_heading + 1):
        if not line.strip():
            continue
        try:
            rows.append(_row(number, _cells(line, form.delimiter, form.quote), form))
        except (ValueError, csv.Error) as error:
            faults.append(Fault(number, str(error)))
    return Rows(rows, faults, form.context)


def _lines(path: Path) -> list[str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RowsError(f"{path}: {error}") from None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", errors="replace")
    else:
        text = data.decode("utf-8-sig", errors="surrogateescape")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _form(heading: str) -> tuple[_Form, bool]:
    """How the file is written, and whether this first line is a heading."""
    quote = "'" if heading.lstrip()[:1] == "'" else '"'
    best = max(_DELIMITERS, key=lambda each: _known_names(heading, each, quote))
    names = [cell.lower() for cell in _cells(heading, best, quote)]
    missing = [column for column in COLUMNS if column not in names]
    if len(missing) == len(COLUMNS) and (form := _bare(heading, quote)):
        return form, False
    if missing:
        raise RowsError(f"the heading lacks {', '.join(missing)}; wanted is {','.join(COLUMNS)}")
    context = tuple(name for name in names if name not in COLUMNS)
    return _Form(best, quote, {c: names.index(c) for c in names}, context, len(names)), True


def _known_names(heading: str, delimiter: str, quote: str) -> int:
    try:
        names = [cell.lower() for cell in _cells(heading, delimiter, quote)]
    except (ValueError, csv.Error):
        return -1
    return sum(column in names for column in COLUMNS)


def _bare(line: str, quote: str) -> _Form | None:
    """The form of a file that begins with its first row, if this is one."""
    for delimiter in _DELIMITERS:
        try:
            cells = _cells(line, delimiter, quote)
            names = (*COLUMNS, *(f"context{n}" for n in range(5, len(cells) + 1)))
            form = _Form(delimiter, quote, dict(zip(names, range(99), strict=False)), (), 0)
            form = form._replace(context=names[4:], columns=len(names))
            _row(1, cells, form)
        except (ValueError, csv.Error):
            continue
        return form
    return None


def _cells(line: str, delimiter: str, quote: str) -> list[str]:
    reader: Iterator[list[str]] = csv.reader(
        [line], delimiter=delimiter, quotechar=quote, skipinitialspace=True, strict=True
    )
    return [cell.strip() for cell in next(reader, [])]


def _row(number: int, cells: list[str], form: _Form) -> Row:
    if len(cells) > form.columns and any(cells[form.columns :]):
        raise ValueError("more fields than the heading has")
    cells += [""] * (form.columns - len(cells))
    person, time, setting, value = [cells[form.at[column]] for column in COLUMNS]
    for column in COLUMNS:
        _check(column, cells[form.at[column]])
    time_s, minute = _time(time)
    context = tuple(cells[form.at[name]] for name in form.context)
    return Row(number, person, time_s, minute, setting, value, context)


def _check(column: str, cell: str) -> None:
    if not cell:
        raise ValueError(f"{column} is empty")
    if len(cell) > _LONGEST_CELL:
        raise ValueError(f"{column}: longer than {_LONGEST_CELL} letters")
    if any("\udc80" <= letter <= "\udcff" or letter in "\0\ufffd" for letter in cell):
        raise ValueError(f"{column}: {cell!a} is no utf-8 text")


def _time(text: str) -> tuple[int, int | None]:
    try:
        number = float(text)
    except ValueError:
        return _iso(text)
    if not 0 <= number < _LAST_S * 1_000_000:
        raise ValueError(f"time: {text!r} is neither a time nor a day")
    if number < _LARGEST_DAY:
        time_s = round(number * _DAY_S)
        return time_s, None if number == int(number) else time_s // 60 % 1440
    time_s = int(
        number // (1_000_000 if number >= _US_SINCE else 1000 if number >= _MS_SINCE else 1)
    )
    return time_s, time_s // 60 % 1440


def _iso(text: str) -> tuple[int, int | None]:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"time: {text!r} is no time like 2026-11-22T07:30") from None
    only_day = ":" not in text and "T" not in text
    utc = when if when.tzinfo else when.replace(tzinfo=UTC)
    return int(utc.timestamp()), None if only_day else when.hour * 60 + when.minute
