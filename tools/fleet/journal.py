"""A device's journal without flash: what firmware/journal.py promises, for as long as we run."""

import hashlib

from protocol import chain


class Journal:
    """Events numbered from 1 in each stream; what the hub has is dropped at once."""

    overflows = 0

    def __init__(self, stream: bytes) -> None:
        """stream: its name, 8 bytes."""
        self.streams = 0  # begun anew, because the hub knew another past
        self._begin(stream, [])

    @property
    def first_unacked(self) -> int:
        return self.first

    @property
    def chain(self) -> int:
        """The chain value at `next` - 1."""
        return self._chains[-1]

    @property
    def before(self) -> int:
        """The chain value at `first` - 1."""
        return self._chains[0]

    def waiting(self) -> int:
        """How many records are not acknowledged."""
        return self.next - self.first

    def append(self, payload: bytes) -> None:
        self._payloads.append(payload)
        self._chains.append(chain.link(self.chain, self.next, chain.EVENT, payload))
        self.next += 1

    def records(self, first: int, most: int) -> list[tuple[int, int, bytes]]:
        """[(number, kind, payload)] from number `first` on."""
        at = first - self.first
        held = self._payloads[at : at + most]
        return [(number, chain.EVENT, payload) for number, payload in enumerate(held, first)]

    def ack(self, upto: int, value: int) -> bool:
        """The hub has everything up to a number; False when its chain shows another past."""
        at = upto - self.first + 1
        if not 0 <= at < len(self._chains) or self._chains[at] != value:
            return False
        del self._payloads[:at], self._chains[:at]
        self.first += at
        return True

    def welcome(self, upto: int, value: int) -> bool:
        """What the hub says it has of this stream. False: it is not so, a new stream is open."""
        if self.ack(upto, value):
            return True
        self.streams += 1
        self._begin(hashlib.sha256(self.stream).digest()[:8], self._payloads)
        return False

    def _begin(self, stream: bytes, payloads: list[bytes]) -> None:
        self.stream = stream
        self.first = self.next = 1
        self._payloads: list[bytes] = []
        self._chains = [chain.start(stream)]
        for payload in payloads:
            self.append(payload)
