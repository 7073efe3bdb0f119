"""The week of somebody's use: a cell for every two hours of each day, darker the more visits.

Lengths are units of the drawing, which the page scales; (0, 0) is its upper left corner.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import NamedTuple

WIDTH, LEFT, TOP = 328, 40, 20
CELL_WIDTH, CELL_HEIGHT = 24, 22
HEIGHT = TOP + 7 * CELL_HEIGHT + 40

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LEVELS = 4
_HOURS = 2  # of a cell
_PARTS = ((5, "at night"), (11, "in the morning"), (17, "at midday"), (22, "in the evening"))


class Cell(NamedTuple):
    """A cell with visits in it. level: 1 to LEVELS, of the fullest."""

    day: int
    hour: int
    visits: int
    level: int
    x: int
    y: int

    @property
    def when(self) -> str:
        return f"{self.hour}:00 to {self.hour + _HOURS}:00"


class Week(NamedTuple):
    """cells: those that are not empty, by day and hour. marks: (x, hour) of the lower axis."""

    cells: list[Cell]
    visits: int
    marks: list[tuple[int, int]]
    sentence: str


def week(at_ms: Iterable[int], zone: tzinfo) -> Week | None:
    """at_ms: when each visit was, ms since 1970; zone: where the clock on the wall is read."""
    times = [datetime.fromtimestamp(one / 1000, zone) for one in at_ms]
    if not times:
        return None
    counts = Counter((one.weekday(), one.hour // _HOURS) for one in times)
    most = max(counts.values())
    cells = [_cell(day, part, count, most) for (day, part), count in sorted(counts.items())]
    marks = [(LEFT + hour // _HOURS * CELL_WIDTH, hour) for hour in range(0, 25, 6)]
    return Week(cells, len(times), marks, _sentence(times))


def _cell(day: int, part: int, count: int, most: int) -> Cell:
    x, y = LEFT + part * CELL_WIDTH, TOP + day * CELL_HEIGHT
    return Cell(day, part * _HOURS, count, -(-count * LEVELS // most), x, y)


def _sentence(times: list[datetime]) -> str:
    weekend = sum(one.weekday() >= DAYS.index("Saturday") for one in times)
    part, of_it = Counter(_part(one.hour) for one in times).most_common(1)[0]
    count = len(times)
    if count == 1:
        return f"One visit, on a {DAYS[times[0].weekday()]} {part}."
    days = "at weekends" if 2 * weekend > count else "on weekdays"
    among = max(weekend, count - weekend)
    return f"Of {count} visits {among} were {days}, and {of_it} {part}."


def _part(hour: int) -> str:
    """As protocol/window.py divides the day."""
    return next((name for end, name in _PARTS if hour < end), _PARTS[0][1])
