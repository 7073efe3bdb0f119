"""How a hub takes in more than it can fold at once: safe and acknowledged first, folded then.

    intake = Intake(ingest, store, products, link.say)
    await link.open(intake.heard)
    await intake.run()

What comes in small numbers goes straight through. Of a burst, of all devices that come back after
an outage say, each message costs only its place in the inbox (hub/store/inbox.py): the devices hear
at once that it is durable, and folding goes on behind, in the same order and in slices between
which pages are served. For a store without an inbox everything goes straight through.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any, Protocol, runtime_checkable

from hub.devices.heard import Heard
from hub.devices.journals import Journals
from hub.ingest import Ingest
from hub.link import Message
from hub.products import Products
from hub.store import Put, Store, StoreError
from hub.store.inbox import Inbox
from protocol import messages, topics
from protocol.messages import Ack

_log = logging.getLogger(__name__)

STRAIGHT = 32  # messages at once that are folded as they come
AT_ONCE = 128  # of those that wait, in one commit, before anything else gets its turn
_MOST_WAITING, _MOST_BYTES = 100_000, 64 << 20
_QUIET_S, _LONGEST_S = 0.02, 2.0  # folding waits for so short a silence, and never longer than that
_AGAIN_S = 1.0
_PLACE = "inbox", "folded", "upto"

Say = Callable[[str, str, bytes], Any]


@runtime_checkable
class Keeping(Protocol):
    """A store that can keep messages until they are folded."""

    def inbox(self) -> Inbox: ...


class Intake:
    """`waiting`: messages that are durable and not folded; `failing`: they cannot be at present."""

    def __init__(self, ingest: Ingest, store: Store, products: Products, say: Say) -> None:
        self._ingest, self._store, self._say = ingest, store, say
        self._inbox = store.inbox() if isinstance(store, Keeping) else None
        self._journals = Journals(store, products)
        self._waiting: deque[tuple[int, Message]] = deque()
        self._bytes = 0
        self._news = asyncio.Event()
        self._last_s = self._since_s = 0.0
        self.failing = False
        if self._inbox:
            self._begin(self._inbox)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def heard(self, batch: list[Message]) -> None:
        """As hub/link wants it. Raises StoreError: then nothing of the batch is kept."""
        if self._inbox is None or not (self._waiting or len(batch) > STRAIGHT):
            for said in self._ingest.heard(batch):
                self._say(*said)
            return
        if len(self._waiting) >= _MOST_WAITING or self._bytes >= _MOST_BYTES:
            raise StoreError(f"{self.waiting} messages wait to be folded: more when fewer do")
        self._last_s = time.monotonic()
        further = self._wait(self._inbox.add(batch), batch)
        for device, heard in further.items():
            self._say(device, topics.ACK, messages.encode(Ack(*heard)))

    async def run(self) -> None:
        """Folds what waits, for ever."""
        while True:
            if not self._waiting:
                self._news.clear()
                await self._news.wait()
            await asyncio.sleep(self._go_on_s())

    def settle(self) -> None:
        """Fold all that waits, now. Raises StoreError."""
        while self._waiting:
            self._fold()

    # Below: how

    def _begin(self, inbox: Inbox) -> None:
        """What the last run left is folded before anything newer."""
        kept = self._store.get(*_PLACE)
        for number, said in inbox.begin(kept["number"] if kept else 0):
            self._wait(number, [Message(*said)])

    def _wait(self, first: int, batch: list[Message]) -> dict[str, Heard]:
        """These wait to be folded; how far the journals of their devices are safe now."""
        if not self._waiting:
            self._since_s = time.monotonic()
        further = {}
        for number, message in enumerate(batch, first):
            heard = self._journals.further(message)
            if heard:
                further[message.device] = heard
            self._waiting.append((number, message))
            self._bytes += len(message.payload)
        self._news.set()
        return further

    def _go_on_s(self) -> float:
        """Fold a slice, unless more is just coming in; how long to wait until the next."""
        now_s = time.monotonic()
        if not self._waiting:
            return 0
        if now_s - self._last_s < _QUIET_S and now_s - self._since_s < _LONGEST_S:
            return _QUIET_S
        try:
            self._fold()
        except Exception:  # noqa: BLE001 - whatever it is: not folded, so it is tried again
            if not self.failing:
                _log.exception("%d messages wait, and cannot be folded", self.waiting)
            self.failing = True
            return _AGAIN_S
        self.failing = False
        return 0

    def _fold(self) -> None:
        """Fold the oldest that wait, in one commit with how far that is."""
        assert self._inbox
        some = list(islice(self._waiting, AT_ONCE))
        upto = some[-1][0]
        batch = [message for _, message in some]
        for said in self._ingest.heard(batch, Put(*_PLACE, {"number": upto})):
            if said[1] != topics.ACK or not self._journals.is_ahead(said[0]):
                self._say(*said)
        for _, message in some:
            self._waiting.popleft()
            self._bytes -= len(message.payload)
        if not self._waiting:
            self._journals.clear()
        self._inbox.done(upto)
