"""What becomes of a stream when there is no room for it: the oldest records go, their totals stay.

Loaded for that only, and to move what is held to another stream. A visit carries the totals of its
person at this device so far (protocol/events.py), so the newest visit of those that go says what
all of them counted; it is kept as TALLIED, under its own uid.
"""

import struct

from firmware.stream import TORN_NUMBERS, read
from protocol import cbor
from protocol.chain import CORRUPT, EVENT, GAP, GAP_FORMAT, OVERFLOW
from protocol.errors import ProtocolError
from protocol.events import TALLIED, VISIT

_MOST = 32  # a device knows 16 people; who left long ago is nobody's any more at the hub
_FIELDS, _SUBJECT, _BODY, _TOTALS = 9, 6, 8, 4  # where they are, see events.py


def give_up(stream, most):
    """Declare the oldest segments lost, then remove them; never the last. False for none."""
    most = min(most, len(stream.segments) - 1)
    if most < 1 or stream.damaged:
        return False
    file = stream.open_last()
    first = max(stream.first, stream.acked + 1)
    for kind, payload in _lost(stream, most, first, stream.segments[most][0]):
        stream.write(file, kind, payload)
    stream.flush()  # first declared, then gone
    for _ in range(most):
        stream.drop_oldest()
    stream.overflows += most
    return True


def copy(stream, other, without=0):
    """Add everything readable to another stream, and GAP records for the rest.

    `without`: so many of the oldest segments are only declared, for want of room.
    """
    if without:
        end = stream.segments[without][0] if without < len(stream.segments) else stream.next
        for kind, payload in _lost(stream, without, stream.first, end):
            other.put(kind, payload)
    for index in range(without, len(stream.segments)):
        base, end = stream.bounds(index)
        with open(stream.file_name(base), "rb") as file:
            for _, kind, payload, _ in read(file, base, end):
                other.put(kind, payload)
                base += 1
        if base < end:
            other.put(GAP, _gap(base, end - base, CORRUPT))
    if stream.torn:
        other.put(GAP, _gap(stream.next, TORN_NUMBERS, CORRUPT))


def _lost(stream, segments, first, end):
    """[(kind, payload)] that declare the records of the oldest segments from `first` on."""
    lost, remains = end - first, _Remains()
    for index in range(segments):
        base, behind = stream.bounds(index)
        with open(stream.file_name(base), "rb") as file:
            for number, kind, payload, _ in read(file, base, behind):
                if number < first:
                    continue
                if kind == GAP:  # it goes as well: declare what it declared
                    lost += _declared(payload) - 1
                else:
                    remains.take(payload)
    if lost <= 0:
        return []
    kept = [(EVENT, payload) for payload in remains.payloads()]
    return kept + [(GAP, _gap(first, lost, OVERFLOW))]


def _gap(first, count, reason):
    return struct.pack(GAP_FORMAT, first, first + count - 1, reason)


def _declared(payload):
    """How many numbers a gap's payload declares as lost."""
    first, last, _ = struct.unpack(GAP_FORMAT, payload)
    return last - first + 1


class _Remains:
    def __init__(self):
        self._newest = []  # of ((subject, since), fields of the event)

    def take(self, payload):
        """An event that goes; whatever it is."""
        try:
            fields = cbor.load_list(payload, _FIELDS)
        except ProtocolError:
            return
        kind, body = fields[0], fields[_BODY]
        if kind == VISIT and fields[_SUBJECT] and len(body) > _TOTALS and body[_TOTALS]:
            self._put([TALLIED] + fields[1:_BODY] + [body[_TOTALS]])
        elif kind == TALLIED:
            self._put(fields)

    def payloads(self):
        """The events that stay."""
        return [cbor.dumps(fields) for _, fields in self._newest]

    def _put(self, fields):
        since, visits = fields[_BODY][:2]
        place = fields[_SUBJECT], since
        for at, (known, other) in enumerate(self._newest):
            if known == place:
                del self._newest[at]
                if other[_BODY][1] > visits:  # of an earlier loss, that stands behind
                    fields = other
                break
        self._newest.append((place, fields))
        del self._newest[:-_MOST]
