"""When somebody will have used something so and so often, by how they use it themselves. Pure.

    day_of([(at_ms, 2), ...], missing=40, now_ms=now_ms, zone=zone)     # date(2026, 12, 4), or None

Each weekday is taken to go on as it went in the newest eight weeks: who brews at the office brews
little on Sundays. Tomorrow is the first day that counts.
"""

from collections.abc import Sequence
from datetime import date, timedelta, tzinfo

from hub.relation.days import wall

_DAYS = 56  # looked back on
_FEWEST_DAYS = 14  # of use; before that there is no rhythm
_FURTHEST_DAYS = 400

Uses = Sequence[tuple[int, int]]  # when, ms; how often


def day_of(uses: Uses, missing: int, now_ms: int, zone: tzinfo) -> date | None:
    """The day on which `missing` more are reached; None if nobody can tell."""
    today = wall(now_ms, zone).date()
    if missing <= 0:
        return today
    rate = _by_weekday(uses, today, zone)
    if not any(rate):
        return None
    reached = 1e-9  # so that ten tenths are one
    for ahead in range(1, _FURTHEST_DAYS + 1):
        day = today + timedelta(days=ahead)
        reached += rate[day.weekday()]
        if reached >= missing:
            return day
    return None


def _by_weekday(uses: Uses, today: date, zone: tzinfo) -> list[float]:
    """How many a day, Monday first; all 0 where there is too little to tell."""
    days = [(wall(at_ms, zone).date(), count) for at_ms, count in uses]
    begin = max(min((day for day, _ in days), default=today), today - timedelta(days=_DAYS))
    if (today - begin).days < _FEWEST_DAYS:
        return [0.0] * 7
    sums, there = [0] * 7, [0] * 7
    for at in range((today - begin).days):
        there[(begin + timedelta(days=at)).weekday()] += 1
    for day, count in days:
        if begin <= day < today:
            sums[day.weekday()] += count
    return [each / times for each, times in zip(sums, there, strict=True)]
