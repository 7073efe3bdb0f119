"""Days, weeks, months and hours as people count them where they live. Pure.

    days_later(now_ms, 7, zone)             # the same time of day a week later
    out_of(now_ms, (1320, 480), zone)       # the first moment that is not between 22:00 and 08:00

Times are ms since 1970. Where clocks are put forward a time of day is missing, and the one after it
is meant; where they are put back it is there twice, and the later one is.
"""

from calendar import monthrange
from datetime import date, datetime, timedelta, tzinfo

DAY_MS = 86_400_000
Hours = tuple[int, int]  # minutes after midnight: from, and no more from then on

_MINUTE_MS = 60_000
_MOST_PUT = 180  # minutes that a clock is put forward at once; but for whole days, in Samoa
_LONGEST_MS = 4 * DAY_MS  # free time may fall into an hour or a day that is left out


def wall(at_ms: int, zone: tzinfo) -> datetime:
    """What clock and calendar say there."""
    return datetime.fromtimestamp(at_ms / 1000, zone)


def minute_of_day(at_ms: int, zone: tzinfo) -> int:
    local = wall(at_ms, zone)
    return local.hour * 60 + local.minute


def days_later(at_ms: int, days: int, zone: tzinfo) -> int:
    """The same time of day, some days later."""
    return _moment_ms(_naive(at_ms, zone) + timedelta(days=days), zone)


def month_later(at_ms: int, zone: tzinfo) -> int:
    """The same time, on the same day of the next month; on its last day if it is too short."""
    local = _naive(at_ms, zone)
    year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)
    there = day_in(year, month, local.day)
    return _moment_ms(datetime.combine(there, local.time()), zone)


def day_in(year: int, month: int, day: int) -> date:
    """This day of a month, 1 to 31; its last day if it is too short."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def next_day(today: date, day: int) -> date:
    """The next time that it is this day of the month, today or later."""
    this = day_in(today.year, today.month, day)
    if this >= today:
        return this
    ahead = today.replace(day=28) + timedelta(days=4)
    return day_in(ahead.year, ahead.month, day)


def is_within(minute: int, hours: Hours) -> bool:
    """Is this minute of the day in these hours, which may reach over midnight?"""
    begin, end = hours
    return begin <= minute < end if begin < end else minute >= begin or minute < end


def out_of(at_ms: int, hours: Hours, zone: tzinfo) -> int:
    """The first moment from then on that is not within these hours.

    The last of them minute by minute: no rule of any clock is too odd for that.
    """
    last_ms = at_ms + _LONGEST_MS
    while is_within(minute := minute_of_day(at_ms, zone), hours) and at_ms < last_ms:
        left = (hours[1] - minute) % 1440
        at_ms = (at_ms // _MINUTE_MS + max(1, left - _MOST_PUT)) * _MINUTE_MS
    return at_ms


def _naive(at_ms: int, zone: tzinfo) -> datetime:
    return wall(at_ms, zone).replace(tzinfo=None)


def _moment_ms(local: datetime, zone: tzinfo) -> int:
    """When clocks there say so; the later moment of two, and after one that is left out."""
    both = [local.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    return max(round(one.timestamp() * 1000) for one in both)
