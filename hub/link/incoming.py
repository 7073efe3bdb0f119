"""What arrives from devices, read: a Message, or counted for what no well-behaved device says.

Packed events are unpacked here: nothing behind it knows that events can be said in two ways.
"""

import logging
from functools import lru_cache

from hub.link import MOST_PAYLOAD, Message
from protocol import topics
from protocol.errors import ProtocolError
from protocol.unpacked import unpack

_log = logging.getLogger(__name__)

_MOST_PARSED = 20_000  # topics: some 5 MB
_MOST_NAMED = 1_000  # devices whose first malformed message is logged


class Incoming:
    """`refused`: how many were not taken."""

    def __init__(self) -> None:
        self.refused = 0
        self._named: set[str] = set()

    def read(self, topic: str, payload: bytes) -> Message | None:
        """The message, or None for a topic, size or packing that is none of ours."""
        device = "?"
        try:
            device = topic.split("/")[1][:80]  # the broker has matched it with EVERY_UP
            device, kind = _parsed(topic)
            if len(payload) > MOST_PAYLOAD:
                raise ProtocolError(f"{len(payload)} bytes")
            if kind == topics.PACKED:
                return Message(device, topics.EVENTS, unpack(payload))
        except ProtocolError as error:
            self.refuse(device, error)
            return None
        return Message(device, kind, bytes(payload))

    def refuse(self, device: str, error: ValueError) -> None:
        self.refused += 1
        if device not in self._named and len(self._named) < _MOST_NAMED:
            self._named.add(device)
            _log.warning("device %s: %s; further ones are only counted", device, error)


@lru_cache(_MOST_PARSED)
def _parsed(topic: str) -> tuple[str, str]:
    """(device, kind); what is refused is parsed anew each time."""
    device, _, kind = topics.parse(topic)
    return device, kind
