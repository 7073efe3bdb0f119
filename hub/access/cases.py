"""Why support looks at a customer: a reason stated once, good for half an hour.

cases.open(session, "c-7f3a", "They called: the lamp is too bright")
cases.of(session, "c-7f3a").masked       # until they say that they need to see it
"""

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

from hub.access.who import SUPPORT, Who
from hub.errors import InvalidError

CASE_MS = 30 * 60_000
OFFERED = (
    "They called or wrote",
    "They are with me now",
    "A device does not do what they want",
    "They asked what is known of them",
    "A repair or replacement",
)

COVERED = "address covered"

_MOST = 1000  # the oldest is closed
_SHORTEST, _LONGEST = 3, 200


class Case(NamedTuple):
    reason: str
    ends_ms: int
    masked: bool = True


class Cases:
    """Kept in memory: after a restart the reason is stated again."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._open: dict[tuple[str, str], Case] = {}

    def open(self, session: str, customer: str, reason: str) -> Case:
        case = Case(check_reason(reason), self._clock() + CASE_MS)
        self._open.pop(_place(session, customer), None)
        self._open[_place(session, customer)] = case
        while len(self._open) > _MOST:
            del self._open[next(iter(self._open))]
        return case

    def of(self, session: str, customer: str) -> Case | None:
        """None when there is none, or its time is over."""
        case = self._open.get(_place(session, customer))
        return case if case and case.ends_ms > self._clock() else None

    def unmask(self, session: str, customer: str) -> Case | None:
        case = self.of(session, customer)
        if case:
            self._open[_place(session, customer)] = case._replace(masked=False)
        return case

    def close(self, session: str, customer: str) -> None:
        self._open.pop(_place(session, customer), None)


def covered(who: Who, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a search found, as this one may see it before a reason is stated."""
    if who.role != SUPPORT:
        return found
    return [one | {"email": one["email"] and COVERED} for one in found]


def check_reason(reason: str) -> str:
    """The reason without spaces around it; InvalidError for what is none."""
    reason = reason.strip()
    if not _SHORTEST <= len(reason) <= _LONGEST or not reason.isprintable():
        sentence = f"reason: {_SHORTEST} to {_LONGEST} letters on one line say why."
        raise InvalidError("reason", sentence)
    return reason


def _place(session: str, customer: str) -> tuple[str, str]:
    return hashlib.sha256(session.encode()).hexdigest(), customer
