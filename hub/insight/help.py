"""Does it help? A person's corrections over time, beside what simpler devices would have needed.

    helped(visits, lamp).verdict

Replayed from the log: at each visit what was applied, what the last visit ended with and what the
product's default is are held against what the person left it at. That they would have left it at
the same whatever was applied is an assumption; only hub/insight/holdout.py does without.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from hub.insight import estimate
from hub.insight.estimate import Estimate
from hub.past.visits import Visit
from protocol.fold import corrected
from protocol.product import Product
from protocol.restless import is_restless

FEWEST_VISITS = 8  # before anything is said
_TOGETHER = 10  # visits of a point of the curve
_LATELY = 20  # visits whose corrections are held against those before
_CURVE = (1, 2, 3, 5, 9, 17, 33, 65)  # visits with which a part of the fleet's curve begins


class Needed(NamedTuple):
    """Corrections in one visit: with the device as it was, by the last visit, by the default."""

    with_it: int
    last: int
    default: int


class Helped(NamedTuple):
    """Per visit: corrections, and what is saved beside the default and beside last used.

    verdict: helps, as good as last used, does not help, too early; trend: of the corrections:
    rising, falling, steady; changed: settings of which the taste changed lately; restless: settings
    chosen differently each time, which the device leaves alone; curve: each 10 visits.
    """

    visits: int
    corrections: Estimate
    beside_default: Estimate
    beside_last: Estimate
    verdict: str
    trend: str
    changed: list[str]
    restless: list[str]
    curve: list[dict[str, Any]]

    def shown(self) -> dict[str, Any]:
        parts = self._asdict()
        return {
            name: value.shown() if isinstance(value, Estimate) else value
            for name, value in parts.items()
        }


def needed(visits: Sequence[Visit], product: Product) -> list[Needed]:
    """For each visit in which there was something to decide, in their order."""
    found: list[Needed] = []
    last: dict[int, int] = {}
    for visit in visits:
        counts = [0, 0, 0]
        for index, code, _, applied in visit.values:
            setting = product.settings[index]
            start = setting.start  # type: ignore[attr-defined]
            for at, held in enumerate((applied, last.get(index, start), start)):
                counts[at] += corrected(setting, held, code)
            last[index] = code
        if visit.values:
            found.append(Needed(*counts))
    return found


def helped(visits: Sequence[Visit], product: Product) -> Helped:
    """visits: of one person at one product, in order of time."""
    rows = needed(visits, product)
    beside_default = estimate.mean([row.default - row.with_it for row in rows])
    beside_last = estimate.mean([row.last - row.with_it for row in rows])
    counts = [row.with_it for row in rows]
    histories = _histories(visits, product)
    restless = [
        setting.name
        for index, setting in enumerate(product.settings)
        if is_restless(histories.get(index, []), setting.tolerance)
    ]
    return Helped(
        len(rows),
        estimate.mean(counts),
        beside_default,
        beside_last,
        _verdict(len(rows), beside_default, beside_last),
        _trend(counts),
        _changed(histories, product),
        restless,
        _curve(rows),
    )


def fleet_curve(people: Sequence[Sequence[Needed]], fewest: int) -> list[dict[str, Any]]:
    """Corrections per visit by the number of the visit; parts with less than `fewest` people go."""
    points: list[dict[str, Any]] = []
    for begin, end in zip(_CURVE, (*_CURVE[1:], 1 << 30), strict=True):
        parts = [some for rows in people if (some := rows[begin - 1 : end - 1])]
        if len(parts) < fewest:
            break
        columns = zip(*(_means(part) for part in parts), strict=True)
        means = [estimate.mean(column).shown() for column in columns]
        names = dict(zip(("corrections", "last_used", "default"), means, strict=True))
        points.append({"from_visit": begin, "customers": len(parts)} | names)
    return points


def _means(rows: Sequence[Needed]) -> list[float]:
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


def _verdict(visits: int, beside_default: Estimate, beside_last: Estimate) -> str:
    if visits < FEWEST_VISITS:
        return "too early"
    if beside_last.is_below or not beside_default.is_above:
        return "does not help"
    return "helps" if beside_last.is_above else "as good as last used"


def _trend(counts: Sequence[int]) -> str:
    lately, before = counts[-_LATELY:], counts[:-_LATELY]
    if len(before) < FEWEST_VISITS:
        half = len(counts) // 2
        lately, before = counts[half:], counts[:half]
    if len(before) < FEWEST_VISITS // 2:
        return "too early"
    moved = estimate.difference(lately, before)
    return "rising" if moved.is_above else "falling" if moved.is_below else "steady"


def _histories(visits: Sequence[Visit], product: Product) -> dict[int, list[tuple[int, int, int]]]:
    """{index: [(rung, daypart, corrected)]}, as the learner sees them."""
    histories: dict[int, list[tuple[int, int, int]]] = {}
    for visit in visits:
        for index, code, _, applied in visit.values:
            setting = product.settings[index]
            moved = corrected(setting, applied, code)
            row = (setting.rung(setting.fit(code)), visit.daypart, moved)
            histories.setdefault(index, []).append(row)
    return histories


def _changed(histories: dict[int, list[tuple[int, int, int]]], product: Product) -> list[str]:
    """Settings of which the newest visits hardly share a value with those before."""
    found: list[str] = []
    for index, history in sorted(histories.items()):
        lately = [rung for rung, _, _ in history[-FEWEST_VISITS:]]
        before = [rung for rung, _, _ in history[:-FEWEST_VISITS]][-_LATELY:]
        if len(before) < FEWEST_VISITS:
            continue
        tolerance = product.settings[index].tolerance
        pairs = [abs(one - other) <= tolerance for one in lately for other in before]
        same = [abs(one - other) <= tolerance for one in before for other in before]
        if sum(pairs) / len(pairs) < 0.25 * (sum(same) / len(same)):
            found.append(product.settings[index].name)
    return found


def _curve(rows: Sequence[Needed]) -> list[dict[str, Any]]:
    points: list[dict[str, Any]] = []
    for first in range(0, len(rows), _TOGETHER):
        part = rows[first : first + _TOGETHER]
        with_it, last, default = _means(part)
        points.append(
            {
                "from_visit": first + 1,
                "visits": len(part),
                "corrections": round(with_it, 3),
                "last_used": round(last, 3),
                "default": round(default, 3),
            }
        )
    return points
