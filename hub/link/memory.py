"""The link without a broker, for tests: deliver() is a device speaking, said what it was told."""

from hub.link import MOST_PAYLOAD, Heard, Message, check_said


class MemoryLink:
    """Implements hub.link.Link."""

    def __init__(self) -> None:
        self.said: list[Message] = []
        self.broadcasts: list[tuple[str, bytes]] = []
        self._heard: Heard | None = None
        self._waiting: list[Message] = []

    @property
    def connected(self) -> bool:
        return self._heard is not None

    async def open(self, heard: Heard) -> None:
        self._heard = heard
        self.redeliver()

    def say(self, device: str, kind: str, payload: bytes, retain: bool = False) -> None:
        check_said(device, payload)
        self.said.append(Message(device, kind, payload))

    def broadcast(self, kind: str, payload: bytes) -> None:
        self.broadcasts.append((kind, payload))

    async def close(self) -> None:
        self._heard = None

    def deliver(self, device: str, kind: str, payload: bytes) -> None:
        """A device says something. Raises what the hub raises, and then keeps it waiting."""
        if len(payload) <= MOST_PAYLOAD:
            self._waiting.append(Message(device, kind, payload))
            self.redeliver()

    def redeliver(self) -> None:
        """Let the hub hear once more what it has not acknowledged."""
        if self._heard and self._waiting:
            self._heard(list(self._waiting))
            self._waiting.clear()
