"""What the hub counts of its own work since its start: numbers of no person.

The numbers are read by hub/api/metrics.py; `ready` says whether it can keep what it hears.
"""

import time
from collections import Counter

from hub.link import Heard, Message
from hub.store import StoreError
from protocol import topics

_OFF = b"0"


class Meters:
    """messages, batches: taken in; taking_in_s: the time that took; answers: HTTP, by status.

    online: the devices whose last word on it was that they are. failing: what was last heard could
    not be kept.
    """

    def __init__(self) -> None:
        self.messages = self.batches = self.not_kept = 0
        self.taking_in_s = 0.0
        self.answers: Counter[int] = Counter()
        self.online: set[str] = set()
        self.failing = False

    def metered(self, heard: Heard) -> Heard:
        """The same, counted."""

        def counted(batch: list[Message]) -> None:
            began_s = time.perf_counter()
            try:
                heard(batch)
            except StoreError:
                self.not_kept += 1
                self.failing = True
                raise
            self.failing = False
            self.taking_in_s += time.perf_counter() - began_s
            self.batches += 1
            self.messages += len(batch)
            for message in batch:
                self._note(message)

        return counted

    def _note(self, message: Message) -> None:
        if message.kind != topics.ONLINE:
            return
        if message.payload == _OFF:
            self.online.discard(message.device)
        else:
            self.online.add(message.device)
