"""Reads what devices say: events in their one usual form; all else protocol/messages.py sees to.

A burst is acknowledged as fast as it is read (hub/intake.py), and a general decoder takes three
times as long for these few fields. What is read here is what protocol/messages.py would read, and
nothing that it refuses: lengths in their shortest form (RFC 8949, section 4.2.1), no byte left.
"""

from typing import Any

from protocol import messages, topics
from protocol.messages import MAX_BYTES, MOST_RECORDS, Events

_HEAD = b"\x84\x01\x48"  # four fields, version 1, eight bytes of a stream's name
_AT_FIRST = 11  # behind them
_ARRAY, _PAIR, _BYTES = 0x80, 0x82, 0x40
_LEAST = {24: 24, 25: 1 << 8, 26: 1 << 16}  # that a number said in 1, 2, 4 bytes more may be


def read(kind: str, payload: bytes) -> Any:
    """As messages.decode(kind, payload): a message, or ProtocolError."""
    events = _plain(payload) if kind == topics.EVENTS else None
    return events or messages.decode(kind, payload)


def _plain(data: bytes) -> Events | None:
    """None for what is not in the usual form, right or wrong."""
    if data[:3] != _HEAD or len(data) > MAX_BYTES:
        return None
    try:
        first, at = _number(data, _AT_FIRST, 0)
        count, at = data[at] - _ARRAY, at + 1
        if not 0 <= count <= MOST_RECORDS:
            return None
        records = []
        for _ in range(count):
            kind = data[at + 1]
            if data[at] != _PAIR or kind >= 24:
                return None
            length, begin = _number(data, at + 2, _BYTES)
            at = begin + length
            records.append((kind, data[begin:at]))
    except (IndexError, ValueError):
        return None
    return Events(data[3:_AT_FIRST], first, records) if at == len(data) else None


def _number(data: bytes, at: int, major: int) -> tuple[int, int]:
    """The number of a head of this major type, and what comes behind it; or ValueError."""
    code = data[at] - major
    if 0 <= code < 24:
        return code, at + 1
    end = at + 1 + (1 << code - 24)
    number = int.from_bytes(data[at + 1 : end], "big")
    if number < _LEAST.get(code, 1 << 64):
        raise ValueError
    return number, end
