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
    merged = list(rows)
    for row in more:
        _put(merged, row)
    merged.sort(key=_age)
    return merged[-MOST_ROWS:]


def _put(rows, row):
    for at, known in enumerate(rows):
        if known.uid == row.uid:
            rows[at] = row if _age(row) > _age(known) else known
            return
    rows.append(row)


def noted(rows, uid, stamp, daypart, index, code, corrected):
    """The rows after news of one setting in one visit."""
    values = ()
    for row in rows:
        if row.uid == uid:
            values = tuple([value for value in row.values if value[0] != index])
    values = tuple(sorted(values + ((index, code, corrected),)))
    return merge(rows, (Row(uid, stamp, daypart, values),))


def of_setting(rows, index):
    """[(code, daypart, corrected)] of one setting, oldest first: what the learner replays."""
    history = []
    for row in rows:
        for at, code, corrected in row.values:
            if at == index:
                history.append((code, row.daypart, corrected))
    return history


def _age(row):
    # a visit's uid settles ties between nodes; its content settles what no honest node produces
    return row.stamp, row.uid, row.daypart, row.values
