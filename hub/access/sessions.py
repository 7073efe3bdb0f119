"""Tokens that say who somebody is: sessions of browsers, invitations that work once.

    token = sessions.begin(Who("support", "Sam"))
    sessions.who(token)            # Who("support", "Sam"), until it was idle or alive too long

A token is 256 random bits; the store has only its digest (SHA-256), so that a copy of the store
lets nobody in. They lie in 256 vaults, so that many sessions cost no more than few.
"""

import hashlib
from collections.abc import Callable
from typing import NamedTuple

from hub.access.who import CUSTOMER, Who
from hub.people.customer import vault
from hub.store import Document, Put, Store

_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000
_STEP_MS = _MINUTE_MS  # being used is written down so often at most
_MOST_IN_VAULT = 1000  # the one idle longest goes


class Life(NamedTuple):
    """Without use it ends after idle_ms, in any case after whole_ms."""

    idle_ms: int
    whole_ms: int


STAFF = Life(15 * _MINUTE_MS, 12 * _HOUR_MS)
CUSTOMERS = Life(30 * _DAY_MS, 365 * _DAY_MS)
INVITED = Life(7 * _DAY_MS, 7 * _DAY_MS)


class Tokens:
    """kind: the name under which they lie. life(who) is asked at each use, not kept."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], int],
        random: Callable[[int], bytes],
        kind: str,
        life: Callable[[Who], Life],
    ) -> None:
        self._store, self._clock, self._random = store, clock, random
        self._kind, self._life = kind, life

    def begin(self, who: Who) -> str:
        """A new token. Durable when it returns; StoreError where it cannot be kept."""
        token, now_ms = self._random(32).hex(), self._clock()
        kept = who._replace(name="") if who.role == CUSTOMER else who  # theirs is in the profile
        row = {"who": list(kept), "since_ms": now_ms, "seen_ms": now_ms}
        where, key = self._place(token)
        self._store.commit([*self._ended(where), Put(where, self._kind, key, row)])
        return token

    def who(self, token: str) -> Who | None:
        """Whose it is; None when there is no such token, it has ended, or its customer is gone."""
        where, key = self._place(token)
        row = self._store.get(where, self._kind, key)
        if row is None or self._over(row):
            return None
        who = self._named(Who(*row["who"]))
        if who and self._clock() - row["seen_ms"] >= _STEP_MS:
            row["seen_ms"] = self._clock()
            self._store.commit([Put(where, self._kind, key, row)])
        return who

    def is_younger(self, token: str, than_ms: int) -> bool:
        """Did somebody prove who they are so lately?"""
        where, key = self._place(token)
        row = self._store.get(where, self._kind, key)
        return row is not None and self._clock() - row["since_ms"] < than_ms

    def end(self, token: str) -> None:
        where, key = self._place(token)
        if self._store.get(where, self._kind, key) is not None:
            self._store.commit([Put(where, self._kind, key, None)])

    def take(self, token: str) -> Who | None:
        """`who`, and the token has ended: for what works once."""
        who = self.who(token)
        self.end(token)
        return who

    def end_all(self, who: Who) -> None:
        """Every token of this one ends, wherever it is."""
        gone = [
            Put(where, self._kind, key, None)
            for where in self._store.vaults("tokens/")
            for key, row in self._store.all(where, self._kind).items()
            if _is_same(Who(*row["who"]), who)
        ]
        self._store.commit(gone)

    def _over(self, row: Document) -> bool:
        life, now_ms = self._life(Who(*row["who"])), self._clock()
        idle, whole = now_ms - row["seen_ms"], now_ms - row["since_ms"]
        return idle >= life.idle_ms or whole >= life.whole_ms

    def _named(self, who: Who) -> Who | None:
        """With the name of the customer, as it is now; None when they were forgotten."""
        if who.role != CUSTOMER:
            return who
        profile = self._store.get(vault(who.customer), "profile", "about")
        return who._replace(name=profile["name"]) if profile else None

    def _ended(self, where: str) -> list[Put]:
        """What is over there, to be removed on the way."""
        rows = sorted(self._store.all(where, self._kind).items(), key=lambda row: row[1]["seen_ms"])
        too_many = len(rows) - _MOST_IN_VAULT + 1
        return [
            Put(where, self._kind, key, None)
            for at, (key, row) in enumerate(rows)
            if at < too_many or self._over(row)
        ]

    def _place(self, token: str) -> tuple[str, str]:
        digest = hashlib.sha256(token.encode()).hexdigest()
        return f"tokens/{digest[:2]}", digest


def _is_same(one: Who, other: Who) -> bool:
    """The same person of the staff, in whatever role, or the same customer."""
    if CUSTOMER in (one.role, other.role):
        return one.customer == other.customer
    return one.name.casefold() == other.name.casefold()
