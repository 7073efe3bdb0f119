"""Corrections by visit number, beside what two simpler products would have needed."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from protocol.product import Product
from tools.replay.panel import Visit

BANDS = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 10), (11, 20), (21, 10**9))


class Needed(NamedTuple):
    """Whether each rule needed a correction for one choice."""

    visit: int
    ours: bool
    last_used: bool
    default: bool


class Score:
    """Told every choice as it is made; `applied` is what our device did by itself."""

    def __init__(self, product: Product) -> None:
        self._settings: dict[str, Any] = {s.name: s for s in product.settings}
        self._last: dict[tuple[str, str], int] = {}
        self._visits: dict[str, int] = {}
        self.needed: list[Needed] = []

    def take(self, visit: Visit, applied: dict[str, int]) -> None:
        """applied: setting name -> code that the device applied when the person came."""
        number = self._visits[visit.person] = self._visits.get(visit.person, 0) + 1
        for name, value in visit.choices.items():
            setting = self._settings[name]
            wanted = setting.parse(value)
            before = self._last.get((visit.person, name))
            last = setting.start if before is None else before
            self.needed.append(
                Needed(
                    number,
                    differs(setting, applied[name], wanted),
                    differs(setting, last, wanted),
                    differs(setting, setting.start, wanted),
                )
            )
            self._last[visit.person, name] = wanted

    def bands(self) -> Iterator[tuple[str, int, float, float, float]]:
        """(visits, choices, corrections per choice: ours, last used, default) by visit number."""
        for first, last in BANDS:
            rows = [row for row in self.needed if first <= row.visit <= last]
            if rows:
                name = (
                    str(first)
                    if first == last
                    else f"{first}-{last}"
                    if last < 999
                    else f"{first}+"
                )
                yield (name, *_rates(rows))
        yield ("all", *_rates(self.needed))


def differs(setting: Any, code: int, wanted: int) -> bool:
    """Is this far enough from what was wanted that a person would change it?"""
    return abs(setting.rung(setting.fit(code)) - setting.rung(wanted)) > setting.tolerance


def _rates(rows: list[Needed]) -> tuple[int, float, float, float]:
    count = len(rows)
    return (
        count,
        sum(row.ours for row in rows) / count,
        sum(row.last_used for row in rows) / count,
        sum(row.default for row in rows) / count,
    )
