"""What happened to a relationship on a device: the records of its journal.

Every event carries its own 8-byte uid (boot nonce, then counter), a stamp, how far the wall time
in it can be trusted, the device's uptime, whose it was (the pairwise subject, or None) and the
number of the visit in that boot. A visit's uid is the boot nonce and that number.

    ADJUSTED  body = (index, code, code before, its source)      a hand changed a setting
    VISIT     body = (daypart, seconds, values, counters[, totals, digest, daypart at the begin]),
              each value (index, code at the end, source of what was applied, code applied), each
              counter (index, delta); totals: see totals.py; digest: of what was decided at the
              begin, see decision.py
    ANSWERED  body = (index, code asked, outcome, code in force, *stamp of the wish)
    TOTALS    body = ((index, total), ...)                        the device's own counters
    STATED    body = (index, code)                                stated in a session
    UNDONE    body = (index or rules.ALL, visit's uid[, word])    taken back; word: the code, or
              None, that is said anew
    RULED     body = (index, kind of rule, code)                  see rules.py
    TALLIED   body = totals       of visits that were given up; uid and stamp are those of the last
    ANCHORED  body = (first ms, last ms, shift ms)                what time it is: see clock.py

A fifth number in ADJUSTED says that the person's rule was not to learn: it was for the moment only.
"""

from collections import namedtuple

from protocol import cbor
from protocol.errors import ProtocolError
from protocol.schema import is_int

Event = namedtuple(
    "Event", ("kind", "uid", "stamp", "trust", "uptime_ms", "subject", "visit", "body")
)

ADJUSTED, VISIT, ANSWERED, TOTALS, STATED, UNDONE, RULED = 1, 2, 3, 4, 5, 6, 7
TALLIED, ANCHORED = 8, 9
KIND_NAMES = {
    ADJUSTED: "adjusted",
    VISIT: "visit",
    ANSWERED: "answered",
    TOTALS: "totals",
    STATED: "stated",
    UNDONE: "undone",
    RULED: "ruled",
    TALLIED: "tallied",
    ANCHORED: "anchored",
}

# How far the wall time in a stamp can be trusted
NO_TIME, PROVISIONAL, EXACT = 0, 1, 2

# Where a value came from, weakest first
DEFAULT, COHORT, CARRIED, LEARNED, SAID, HAND = 0, 1, 2, 3, 4, 5
COMPARED = 6  # as last time, where something else was learned: the person agreed, to compare
SOURCE_NAMES = ("default", "cohort", "carried", "learned", "said", "hand", "compared")

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
        if body[4:5] not in ((), ((),)):
            _totals(body[4])
    elif kind == TOTALS:
        _each("totals", body, 2)
    elif kind == STATED:
        _shape("stated", body, 2)
    elif kind == RULED:
        _shape("ruled", body, 3)
        _number("ruled.kind", body[1], 3)
    elif kind == UNDONE:
        _undone(body)
    elif kind == TALLIED:
        _totals(body)
    elif kind == ANCHORED:
        _anchor(body)


def _undone(body):
    if not isinstance(body, tuple) or len(body) < 2 or not _is_id(body[1]):
        raise ProtocolError("undone: an index and the uid of a visit are wanted")
    _number("undone index", body[0], 16)
    if not (body[2:3] in ((), (None,)) or is_int(body[2])):
        raise ProtocolError("undone: %r is no word" % (body[2],))


def _totals(body):
    if not isinstance(body, tuple) or len(body) < 5:
        raise ProtocolError("totals: a list of 5 is wanted")
    for value in body[:4]:
        _number("totals", value)
    _each("totals.counters", body[4], 2)


def _anchor(body):
    if not isinstance(body, tuple) or len(body) < 3 or not is_int(body[2]):
        raise ProtocolError("anchored: 3 numbers are wanted")
    _number("anchored first", body[0])
    _number("anchored last", body[1])


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
