"""A line that loses, repeats and delays, and a store whose process dies around a commit."""

from collections.abc import Sequence
from random import Random
from typing import Any

from hub.link import Message
from hub.store import Put


class Crash(BaseException):
    """The hub's process is gone."""


class CrashingStore:
    """A store whose next commit may be the last thing that its hub does: `crash` says when."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.crash = ""  # "before" or "after" the next commit

    def commit(self, puts: Sequence[Put]) -> None:
        when, self.crash = self.crash, ""
        if when == "before":
            raise Crash
        self.store.commit(puts)
        if when == "after":
            raise Crash

    def act(self) -> "CrashingStore":
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


class Line:
    """Messages under way. `faulty` off: everything arrives once and in order."""

    def __init__(self, random: Random) -> None:
        self.faulty = True
        self._random = random
        self._under_way: list[Message] = []

    def put(self, messages: Sequence[Message]) -> None:
        self._under_way += messages

    def take(self) -> list[Message]:
        """What arrives now; some of the rest comes later, in any order."""
        if not self.faulty:
            arrived, self._under_way = self._under_way, []
            return arrived
        random, arrived, later = self._random, [], []
        for message in self._under_way:
            fate = random.random()
            if fate < 0.15:
                continue  # lost
            if fate < 0.35:
                later.append(message)  # and perhaps behind newer ones
            if fate > 0.30:
                arrived.append(message)  # below 0.35: now, and once more later
        self._under_way = later
        if random.random() < 0.3:
            random.shuffle(arrived)
        return arrived
