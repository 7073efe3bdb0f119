"""Which small question is worth asking next, and when. Pure.

    pick([Candidate(question, visits=12, unknown_pct=100), ...])
    may_ask(asked_ms, now_ms)

The value of a question is how often its answer would be used, times how little is known of it:
visits of the newest 30 days x per cent unknown. The more was asked, the longer until the next: a
week after the first question, two after the second, then four, eight, up to a year.
"""

from collections.abc import Sequence
from typing import NamedTuple

from hub.relation.days import DAY_MS
from hub.relation.offering import Question

LATELY_MS = 30 * DAY_MS
LEAST_VALUE = 50  # half a visit a month about which nothing is known

_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS = 7 * DAY_MS, 365 * DAY_MS


class Candidate(NamedTuple):
    """visits: lately, to which the answer applies; unknown_pct: 0 where it was said already."""

    question: Question
    visits: int
    unknown_pct: int

    @property
    def value(self) -> int:
        return self.visits * self.unknown_pct


def pick(candidates: Sequence[Candidate]) -> Question | None:
    """The most valuable; of equal ones the first; None where none is worth it."""
    best = max(candidates, key=lambda one: one.value, default=None)
    return best.question if best and best.value >= LEAST_VALUE else None


def may_ask(asked_ms: Sequence[int], now_ms: int) -> bool:
    """asked_ms: when each question so far was put."""
    if not asked_ms:
        return True
    pause_ms = min(_FIRST_PAUSE_MS << min(len(asked_ms) - 1, 10), _LONGEST_PAUSE_MS)
    return now_ms >= max(asked_ms) + pause_ms
