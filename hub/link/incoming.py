"""What arrives from devices, read: a Message, or counted for what no well-behaved device says."""

import logging

from hub.link import MOST_PAYLOAD, Message
from protocol import topics
from protocol.errors import ProtocolError

_log = logging.getLogger(__name__)

_MOST_NAMED = 1_000  # devices whose first malformed message is logged


class Incoming:
    """`refused`: how many were not taken."""

    def __init__(self) -> None:
        self.refused = 0
        self._named: set[str] = set()

    def read(self, topic: str, payload: bytes) -> Message | None:
        """The message, or None for a topic or size that is none of ours."""
        device = "?"
        try:
            device = topic.split("/")[1][:80]  # the broker has matched it with EVERY_UP
            device, _, kind = topics.parse(topic)
            if len(payload) > MOST_PAYLOAD:
                raise ProtocolError(f"{len(payload)} bytes")
        except ProtocolError as error:
            self.refuse(device, error)
            return None
        return Message(device, kind, bytes(payload))

    def refuse(self, device: str, error: ValueError) -> None:
        self.refused += 1
        if device not in self._named and len(self._named) < _MOST_NAMED:
            self._named.add(device)
            _log.warning("device %s: %s; further ones are only counted", device, error)
