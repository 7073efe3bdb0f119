"""How the hub hears its devices and speaks to them: the port, and the limit both ways."""

from collections.abc import Callable
from typing import NamedTuple, Protocol, runtime_checkable

from protocol import topics

MOST_PAYLOAD = 8 << 10  # bytes; a device's own limit is lower (protocol/)
# topics that no device reads: messages about people, see hub/relation/hooks_out.py
HOOKS = "rapport-hooks"


class Message(NamedTuple):
    """What a device said, or is told: kinds as in protocol/topics.py."""

    device: str
    kind: str
    payload: bytes


Heard = Callable[[list[Message]], None]
"""Called on the event loop with everything that waits, oldest first, as one batch.

When it returns, all of the batch is durable and may be acknowledged to the broker. When it raises,
nothing is acknowledged and the batch comes again, before anything newer: raise when the store has
failed, never for what a device said. A message may be heard more than once.
"""


class Link(Protocol):
    """The way to the devices. It comes back by itself when the broker was away.

    What devices say while the hub is closed waits for it, from the first time it was open. What was
    under way when a connection ended may come after what was said later.
    """

    @property
    def connected(self) -> bool:
        """True while messages can arrive."""
        ...

    async def open(self, heard: Heard) -> None:
        """Begin to listen. Does not wait for the broker to be there."""
        ...

    def say(self, device: str, kind: str, payload: bytes, retain: bool = False) -> None:
        """Tell a device something, soon; lost when the link stays away for long.

        Raises ValueError for what is no device id, or a payload of more than MOST_PAYLOAD bytes.
        """
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Broadcaster(Protocol):
    """A link by which more than devices can be told."""

    @property
    def connected(self) -> bool: ...

    def broadcast(self, kind: str, payload: bytes) -> None:
        """Say something at the topic HOOKS/kind, which the reader of the broker hears."""
        ...


def check_said(device: str, payload: bytes) -> None:
    """Raise ValueError unless this may be said."""
    if not topics.is_device(device):
        raise ValueError(f"{device[:80]!r} is not a device id")
    if len(payload) > MOST_PAYLOAD:
        raise ValueError(f"{len(payload)} bytes for {device}; the limit is {MOST_PAYLOAD}")
