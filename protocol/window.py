"""What a device and the hub remember of a person's use: the newest visits, as a set.

A Row is one visit: its 8-byte uid (boot nonce, then number), the stamp of its last news, the
daypart, and per setting index the code it ended with and whether a hand had corrected what was
applied.
Merging is set union, newest 32: any order, any number of times, the same result.
"""

from collections import namedtuple

MOST_ROWS = 32
DAYPARTS = 4  # 0 night 22-5, 1 morning 5-11, 2 midday 11-17, 3 evening 17-22
NO_DAYPART = 4  # the time of day was not known

Row = namedtuple(
    "Row", ("uid", "stamp", "daypart", "values")
)  # values: ((index, code, corrected), ...)

_DAYPART_OF_HOUR = b"\0\0\0\0\0\1\1\1\1\1\1\2\2\2\2\2\2\3\3\3\3\3\0\0"


def daypart(local_minutes):
    """The daypart of a local time in minutes after midnight; NO_DAYPART for None."""
    if local_minutes is None:
        return NO_DAYPART
    return _DAYPART_OF_HOUR[local_minutes // 60 % 24]


def merge(rows, more):
    """The newest rows of both, oldest first. Of two rows of one visit the later news wins."""
    return list(union(rows, more))[-MOST_ROWS:]


def union(rows, more):
    """All rows of both, oldest first, one at a time: rows is such a window, more in any order."""
    news = {}
    for row in more:
        if row.uid not in news or _age(row) > _age(news[row.uid]):
            news[row.uid] = row
    for row in rows:
        if row.uid in news and _age(row) >= _age(news[row.uid]):
            del news[row.uid]
    waiting = sorted([news[uid] for uid in news], key=_age)
    for row in rows:
        while waiting and _age(waiting[0]) < _age(row):
            yield waiting.pop(0)
        if row.uid not in news:
            yield row
    for row in waiting:
        yield row


def noted(rows, uid, stamp, daypart, index, code, corrected):
    """The Row of a visit after news of one setting in it."""
    values = ()
    for row in rows:
        if row.uid == uid:
            values = tuple([value for value in row.values if value[0] != index])
    return Row(uid, stamp, daypart, tuple(sorted(values + ((index, code, corrected),))))


def of_setting(rows, index):
    """[(code, daypart, corrected)] of one setting, oldest first: what the learner replays."""
    if hasattr(rows, "of_setting"):  # packed, see firmware/packing.py
        return rows.of_setting(index)
    history = []
    for row in rows:
        for at, code, corrected in row.values:
            if at == index:
                history.append((code, row.daypart, corrected))
    return history


def _age(row):
    # a visit's uid settles ties between nodes; its content settles what no honest node produces
    return row.stamp, row.uid, row.daypart, row.values
