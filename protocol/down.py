"""The messages that a hub writes and a device reads: what has to be in each field."""

from protocol.errors import ProtocolError
from protocol.fields import (
    MOST_SETTINGS,
    boot,
    by_index,
    count,
    each,
    index,
    parts,
    raw,
    read_carried,
    read_entry,
    read_norms,
    read_rows,
    read_rules,
    read_undone,
    uid,
    word,
)
from protocol.messages import OWNER, Ack, Defaults, Forget, Keys, Person, Welcome
from protocol.presence import TAG_ROTATION
from protocol.topics import ACK, DEFAULTS, FORGET, PERSON, WELCOME

_MOST_PERIODS = 16
_LAST_PERIOD = (1 << 24) - 1  # a presence identifier is made of 40 bits of seconds
_LATEST_H = 1 << 24
_LATEST_MS = 1 << 43  # in the year 2248; what is computed of a time later than that may overflow


def _keys(value):
    if value is None:
        return None
    rotation, presence, hint, chain, epoch, right = (parts(value, 5) + value[5:6] + [None])[:6]
    return Keys(
        _rotation(rotation),
        each(presence, _MOST_PERIODS, _period),
        raw(hint, 16),
        raw(chain, 32),
        count(epoch, 0xFFFF),
        None if right is None else _right(right),
    )


def _right(value):
    role, until_h = parts(value, 2)
    # a third, 0: they are not to be chosen by hand; a fourth: the subject of whom they are one with
    return (count(role, OWNER), count(until_h, _LATEST_H)) + tuple(value[2:3] + _one_with(value))


def _one_with(right):
    return [uid(right[3])] if len(right) > 3 else []


def _rotation(value):
    if count(value, 16) < TAG_ROTATION:  # to seek one would take minutes
        raise ProtocolError("a rotation from %d to 16 is wanted" % TAG_ROTATION)
    return value


def _period(value):
    number, key = parts(value, 2)
    return count(number, _LAST_PERIOD), raw(key, 16)


def _entries(value):
    return {at: read_entry(fields) for at, fields in by_index(value).items()}


def _if_said(check):
    return lambda value: None if value is None else check(value)


def _indexes(value):
    return each(value, MOST_SETTINGS, index)


def _hub_ms(value):
    return count(value, _LATEST_MS)


def _own(value):
    return raw(value, 16)


def _local_minutes(value):
    return None if value is None else count(value, 1439)


SHAPES = {
    WELCOME: (
        Welcome,
        (
            ("stream", uid),
            ("boot", boot),
            ("upto", word),
            ("chain", word),
            ("hub_ms", _hub_ms),
            ("local_minutes", _local_minutes),
            ("own", _if_said(_own)),
            ("packed", _if_said(word)),
        ),
    ),
    ACK: (Ack, (("stream", uid), ("upto", word), ("chain", word))),
    PERSON: (
        Person,
        (
            ("revision", word),
            ("since", word),
            ("subject", uid),
            ("generation", word),
            ("keys", _keys),
            ("rows", read_rows),
            ("entries", _entries),
            ("frozen", _indexes),
            ("rules", _if_said(read_rules)),
            ("undone", _if_said(read_undone)),
            ("carried", _if_said(read_carried)),
            ("whole", _if_said(word)),
        ),
    ),
    DEFAULTS: (Defaults, (("version", word), ("norms", read_norms))),
    FORGET: (Forget, (("revision", word), ("since", word), ("subject", uid), ("generation", word))),
}
