"""Sorts what a broker sent: messages, which a hub hears thousands of, apart from all else. Pure.

Source: MQTT 3.1.1, sections 2.2.3 (remaining length) and 3.3 (PUBLISH).
"""

from typing import NamedTuple

_PUBLISH = 3
_MORE, _LONGEST = 0x80, 4  # another byte of the length follows; bytes of a length at most


class BrokerError(ConnectionError):
    """The broker sends what is no MQTT: a new connection is the only way out."""


class Arrived(NamedTuple):
    """number: of the packet, by which it is acknowledged; 0 for one that wants none (QoS 0)."""

    number: int
    topic: bytes
    payload: bytes


def sort(data: bytes) -> tuple[list[Arrived], bytes, bytes]:
    """The messages, all other packets as they came, and the begin of one that is not whole.

    Raises BrokerError.
    """
    messages: list[Arrived] = []
    others, at, end = [], 0, len(data)
    while at + 2 <= end:
        length, body = data[at + 1], at + 2
        if length >= _MORE:
            length, body = _length(data, at + 1)
        if body + length > end:
            break
        if data[at] >> 4 == _PUBLISH:
            messages.append(_message(data, data[at], body, body + length))
        else:
            others.append(data[at : body + length])
        at = body + length
    return messages, b"".join(others), data[at:]


def _length(data: bytes, at: int) -> tuple[int, int]:
    """The remaining length that is said there and what comes behind it; endless if it is cut."""
    length = 0
    for place in range(_LONGEST):
        if at + place >= len(data):
            return 1 << 28, at
        length |= (data[at + place] & ~_MORE) << 7 * place
        if data[at + place] < _MORE:
            return length, at + place + 1
    raise BrokerError("the broker sent a packet without a length")


def _message(data: bytes, head: int, at: int, end: int) -> Arrived:
    begin = at + 2 + (data[at] << 8 | data[at + 1]) if at + 2 <= end else end + 1
    topic, number = data[at + 2 : begin], 0
    if head & 0b0110:
        begin += 2
        number = int.from_bytes(data[begin - 2 : begin], "big")
    if begin > end or (head & 0b0110 and not number):
        raise BrokerError("the broker sent a message that is cut off, or has no number")
    return Arrived(number, topic, data[begin:end])
