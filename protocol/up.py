"""The messages that a device writes and a hub reads: what has to be in each field."""

from protocol.errors import ProtocolError
from protocol.fields import boot, count, each, parts, text, uid, word
from protocol.messages import MOST_RECORDS, Events, Hello, Told
from protocol.topics import EVENTS, HELLO, TOLD


def _records(value):
    return each(value, MOST_RECORDS, _record)


def _record(value):
    kind, payload = parts(value, 2)
    if not isinstance(payload, bytes):
        raise ProtocolError("a record's payload is bytes")
    return count(kind, 255), payload


SHAPES = {
    HELLO: (
        Hello,
        (
            ("product", text),
            ("version", word),
            ("stream", uid),
            ("boot", boot),
            ("next", word),
            ("chain", word),
            ("revision", word),
            ("dropped", word),
        ),
    ),
    EVENTS: (Events, (("stream", uid), ("first", word), ("records", _records))),
    TOLD: (Told, (("revision", word),)),
}
