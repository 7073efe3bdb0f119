"""What happened to a relationship on a device: the records of its journal.

Every event carries its own 8-byte uid (boot nonce, then counter), a stamp, how far the wall time
in it can be trusted, the device's uptime, whose it was (the pairwise subject, or None) and the
number of the visit in that boot. A visit's uid is the boot nonce and that number.

    ADJUSTED  body = (index, code, code before, its source)      a hand changed a setting
    VISIT     body = (daypart, seconds, values, counters), each value (index, code at the end,
              source of what was applied, code applied), each counter (index, delta)
    ANSWERED  body = (index, code asked, outcome, code in force)  what became of a wish
    TOTALS    body = ((index, total), ...)                        the device's own counters
    STATED    body = (index, code)                                stated in a session
"""

from collections import namedtuple

from protocol import cbor
from protocol.errors import ProtocolError
from protocol.schema import is_int

Event = namedtuple(
    "Event", ("kind", "uid", "stamp", "trust", "uptime_ms", "subject", "visit", "body")
)

ADJUSTED, VISIT, ANSWERED, TOTALS, STATED = 1, 2, 3, 4, 5
KIND_NAMES = {
    ADJUSTED: "adjusted",
    VISIT: "visit",
    ANSWERED: "answered",
    TOTALS: "totals",
    STATED: "stated",
}

# How far the wall time in a stamp can be trusted
NO_TIME, PROVISIONAL, EXACT = 0, 1, 2

# Where a value came from, weakest first
DEFAULT, COHORT, CARRIED, LEARNED, SAID, HAND = 0, 1, 2, 3, 4, 5
SOURCE_NAMES = ("default", "cohort", "carried", "learned", "said", "hand")

# What became of a wish
APPLIED, LIMITED, REFUSED = 0, 1, 2
OUTCOME_NAMES = ("applied", "limited", "refused")

MAX_EVENT_BYTES = 512


def encode_event(event):
    """The payload of a journal record."""
    wall_ms, count = event.stamp
    return cbor.dumps(
        [event.kind, event.uid, wall_ms, count, event.trust, event.uptime_ms, event.subject]
        + [event.visit, event.body]
    )


def decode_event(data):
    """An Event, or ProtocolError; tuples throughout, so that equal events are equal."""
    if len(data) > MAX_EVENT_BYTES:
        raise ProtocolError("event of %d bytes, the limit is %d" % (len(data), MAX_EVENT_BYTES))
    fields = cbor.load_list(data, 9)
    kind, uid, wall_ms, count, trust, uptime_ms, subject, visit, body = fields[:9]
    for name, value in (("kind", kind), ("wall_ms", wall_ms), ("count", count), ("trust", trust)):
        _number(name, value)
    _number("uptime_ms", uptime_ms)
    _number("visit", visit)
    if not _is_id(uid) or not (subject is None or _is_id(subject)):
        raise ProtocolError("event: uid and subject are 8 bytes")
    body = _tuples(body)
    _check_body(kind, body)
    return Event(kind, uid, (wall_ms, count), trust, uptime_ms, subject, visit, body)


def visit_uid(uid, visit):
    """The uid of the visit in which the event with this uid happened."""
    return uid[:4] + visit.to_bytes(4, "big")


def _check_body(kind, body):
    if kind == ADJUSTED:
        _shape("adjusted", body, 4)
    elif kind == ANSWERED:
        _shape("answered", body, 4)
        _number("answered.outcome", body[2], REFUSED)
    elif kind == VISIT:
        if not isinstance(body, tuple) or len(body) < 4:
            raise ProtocolError("visit: a list of 4 is wanted")
        _number("visit.daypart", body[0], 4)
        _number("visit.seconds", body[1])
        _each("visit.values", body[2], 4)
        _each("visit.counters", body[3], 2)
    elif kind == TOTALS:
        _each("totals", body, 2)
    elif kind == STATED:
        _shape("stated", body, 2)


def _each(name, items, size):
    if not isinstance(items, tuple) or len(items) > 16:
        raise ProtocolError("%s: a list of at most 16 is wanted" % name)
    for item in items:
        _shape(name, item, size)


def _shape(name, item, size):
    if not isinstance(item, tuple) or len(item) < size:
        raise ProtocolError("%s: %d numbers are wanted" % (name, size))
    for value in item:
        if not is_int(value):
            raise ProtocolError("%s: %r is no whole number" % (name, value))
    _number(name + " index", item[0], 15)


def _number(name, value, most=1 << 62):
    if not is_int(value) or not 0 <= value <= most:
        raise ProtocolError("event: %s %r is no number from 0 to %d" % (name, value, most))


def _is_id(value):
    return isinstance(value, bytes) and len(value) == 8


def _tuples(value):
    if isinstance(value, list):
        return tuple([_tuples(item) for item in value])
    return value
