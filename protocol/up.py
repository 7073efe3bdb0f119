"""The messages that a device writes and a hub reads: what has to be in each field."""

from protocol.errors import ProtocolError
from protocol.fields import boot, count, each, parts, text, uid, word
from protocol.messages import MOST_RECORDS, Events, Hello, Told
from protocol.topics import EVENTS, FETCH, HELLO, PROGRESS, TOLD
from protocol.update import CHUNK_BYTES, STATES, Fetch, Progress


def _records(value):
    return each(value, MOST_RECORDS, _record)


def _record(value):
    kind, payload = parts(value, 2)
    if not isinstance(payload, bytes):
        raise ProtocolError("a record's payload is bytes")
    return count(kind, 255), payload


def _held(value):
    return None if value is None else tuple([word(part) for part in parts(value, 3)])


def _life(value):
    return None if value is None else word(value)


def _alike(value):
    if value is None:
        return None
    subject, chain, digest = parts(value, 3)
    return uid(subject), word(chain), word(digest)


def _count(value):
    return count(value, CHUNK_BYTES)


def _state(value):
    return count(value, len(STATES) - 1)


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
            ("held", _held),
            ("life", _life),
        ),
    ),
    EVENTS: (Events, (("stream", uid), ("first", word), ("records", _records))),
    TOLD: (Told, (("revision", word), ("alike", _alike))),
    FETCH: (Fetch, (("version", word), ("at", word), ("count", _count))),
    PROGRESS: (
        Progress,
        (("version", word), ("state", _state), ("done", word), ("text", text)),
    ),
}
