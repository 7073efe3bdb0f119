"""The simpler rules beside ours: each knows one person's setting so far and says what comes next.

All of them know the whole past, ours the newest 32 visits; none knows what was not yet chosen.
"""

from collections.abc import Mapping

_FADE = 0.8  # recency mode: what is left of older visits at each visit

NAMES = ("default", "last used", "user mode", "recency mode", "last in daypart")


class Rules:
    """One person's setting as the five rules see it; ties go to what was chosen later."""

    def __init__(self, start: int, tolerance: int) -> None:
        self._start, self._tolerance = start, tolerance
        self._last = start
        self._in_daypart: dict[int, int] = {}
        self._counts: dict[int, float] = {}
        self._recent: dict[int, float] = {}

    def answers(self, daypart: int) -> tuple[int, ...]:
        """What each rule expects now, in the order of NAMES."""
        return (
            self._start,
            self._last,
            self._most(self._counts),
            self._most(self._recent),
            self._in_daypart.get(daypart, self._last),
        )

    def told(self, rung: int, daypart: int) -> None:
        self._last = self._in_daypart[daypart] = rung
        self._counts[rung] = self._counts.pop(rung, 0) + 1
        for known in self._recent:
            self._recent[known] *= _FADE
        self._recent[rung] = self._recent.pop(rung, 0) + 1

    def _most(self, counts: Mapping[int, float]) -> int:
        """The rung with most around it; counts are in the order of the last visit."""
        best, most = self._start, 0.0
        for rung in counts:
            around = self._around(counts, rung)
            if around >= most:
                best, most = rung, around
        return best

    def _around(self, counts: Mapping[int, float], rung: int) -> float:
        if not self._tolerance:
            return counts[rung]
        return sum(counts[at] for at in counts if abs(at - rung) <= self._tolerance)
