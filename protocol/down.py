"""The messages that a hub writes and a device reads: what has to be in each field."""

from protocol.errors import ProtocolError
from protocol.fields import (
    MOST_SETTINGS,
    boot,
    count,
    each,
    index,
    parts,
    raw,
    read_entry,
    read_rows,
    uid,
    word,
)
from protocol.messages import Ack, Forget, Keys, Person, Welcome
from protocol.topics import ACK, FORGET, PERSON, WELCOME

_MOST_PERIODS = 16


def _keys(value):
    if value is None:
        return None
    rotation, presence, hint, chain, epoch = parts(value, 5)
    return Keys(
        count(rotation, 16),
        each(presence, _MOST_PERIODS, _period),
        raw(hint, 16),
        raw(chain, 32),
        count(epoch, 0xFFFF),
    )


def _period(value):
    number, key = parts(value, 2)
    return word(number), raw(key, 16)


def _entries(value):
    if not isinstance(value, dict) or len(value) > MOST_SETTINGS:
        raise ProtocolError("a map of at most %d is wanted" % MOST_SETTINGS)
    return {index(at): read_entry(value[at]) for at in value}


def _indexes(value):
    return each(value, MOST_SETTINGS, index)


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
            ("hub_ms", count),
            ("local_minutes", _local_minutes),
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
        ),
    ),
    FORGET: (Forget, (("revision", word), ("since", word), ("subject", uid), ("generation", word))),
}
