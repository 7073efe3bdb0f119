"""The core of a simulated device: the firmware's own exchange with the hub, and people's visits.

No I/O: `say(kind, payload) -> bool` is its line. What it is told is in its flash at once.
"""

import hashlib
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from firmware.sync import Sync
from protocol import topics
from protocol.messages import Forget, Person
from tools.fleet.behaviour import Visits, person
from tools.fleet.journal import Journal


class Kind(NamedTuple):
    """What a device says of its product."""

    name: str
    version: int


class Device:
    """`recorded`: events so far; `told`: how many messages about people it was given."""

    def __init__(
        self, name: str, kind: Kind, subject: bytes, seed: int, say: Callable[[str, bytes], bool]
    ) -> None:
        self.name, self.recorded, self.told = name, 0, 0
        self._random = Random(f"{seed} {name}")
        digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
        self.journal = Journal(digest[:8])
        boot = digest[8:12]
        self._visits = Visits(self._random, boot, person(self._random, subject))
        self.sync = Sync(self.journal, kind, boot, say, 0)
        self._say = say

    @property
    def visits(self) -> int:
        return self._visits.visits

    @property
    def quiet(self) -> bool:
        """The hub and it agree on everything that it has recorded."""
        return self.sync.welcomed and not self.journal.waiting()

    def joined(self, now_ms: int) -> None:
        self._say(topics.ONLINE, b"1")
        self.sync.joined(now_ms)

    def left(self) -> None:
        self.sync.welcomed = False

    def visited(self, now_ms: int) -> None:
        """Somebody goes."""
        for payload in self._visits.at(now_ms):
            self.journal.append(payload)
            self.recorded += 1
        self.sync.passed(now_ms)

    def heard(self, topic: str, payload: bytes, now_ms: int) -> None:
        """Raises ProtocolError for a topic that is none."""
        message = self.sync.heard(topics.parse(topic)[2], payload, now_ms)
        if isinstance(message, Person | Forget):
            self.told += 1
            self.sync.kept(message.revision)
