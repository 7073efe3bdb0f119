"""What happened lately, one sentence each, newest last."""

import itertools
from collections import deque
from collections.abc import Callable
from typing import Any

from tools.bench.room.words import plain

# Where something happened
HAND, AIR, DEVICE, WIRE, HUB, TIME = "hand", "air", "device", "wire", "hub", "time"

_MOST = 60
_SAME_MS = 4_000


class Ticker:
    """clock: ms since 1970. changed: called after each sentence."""

    def __init__(self, clock: Callable[[], int], changed: Callable[[], None]) -> None:
        self.changed = changed
        self._clock = clock
        self._entries: deque[dict[str, Any]] = deque(maxlen=_MOST)
        self._numbers = itertools.count(1)

    def say(self, where: str, text: str, key: str = "") -> None:
        """Add a sentence; of one key, the newest takes the place of one said just before."""
        text, now_ms = plain(text), self._clock()
        for entry in reversed(self._entries):
            if now_ms - entry["at_ms"] > _SAME_MS:
                break
            if key and entry["key"] == key:
                entry["text"] = text
                self.changed()
                return
        entry = {"id": next(self._numbers), "at_ms": now_ms, "where": where, "text": text}
        self._entries.append(entry | {"key": key})
        self.changed()

    def recent(self, key: str) -> bool:
        """Whether a sentence of this key would still be replaced."""
        now_ms = self._clock()
        return any(
            entry["key"] == key and now_ms - entry["at_ms"] <= _SAME_MS for entry in self._entries
        )

    def entries(self) -> list[dict[str, Any]]:
        """[{id, at_ms, where, text}], oldest first."""
        shown = ("id", "at_ms", "where", "text")
        return [{name: entry[name] for name in shown} for entry in self._entries]
