"""What one person does with a product, in numbers that can be held against other people's."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import NamedTuple

from hub.insight.fleet import Use
from hub.past.visits import Visit
from protocol.fold import corrected
from protocol.product import Product
from protocol.schema import Setting
from protocol.window import NO_DAYPART

DAYPARTS = ("night", "morning", "midday", "evening")
WHEN, OFTEN = "when it is used", "how much it is used"

FEWEST_VISITS = 3  # behind any number
SURE_VISITS = 10  # behind one that is fine enough to be split
_MOST_OPTIONS = 12  # of a choice whose shares are looked at
_WEEK_MS = 7 * 86_400_000
_NUMBERS = ("number", "time")


class Feature(NamedTuple):
    """about: a setting, a counter, "corrections" and so on; part: of the day or week, or "";
    unit: of the number, "share" for one from 0 to 1."""

    about: str
    what: str
    part: str
    unit: str


Features = dict[Feature, float]


def features(use: Use, product: Product, fewest: int = FEWEST_VISITS) -> Features:
    """Only those with at least `fewest` visits behind them."""
    found: Features = {}
    for part, visits in _parts(use.visits):
        if len(visits) >= fewest:
            for index, setting in enumerate(product.settings):
                found |= _of_setting(setting, index, part, visits)
    if len(use.visits) >= fewest:
        found |= _of_use(use.visits, product)
    return found


def _parts(visits: Sequence[Visit]) -> Iterable[tuple[str, list[Visit]]]:
    parts: dict[str, list[Visit]] = defaultdict(list)
    for visit in visits:
        parts[""].append(visit)
        parts["weekend" if visit.weekend else "weekdays"].append(visit)
        if visit.daypart != NO_DAYPART:
            parts[DAYPARTS[visit.daypart]].append(visit)
    return parts.items()


def _of_setting(setting: Setting, index: int, part: str, visits: list[Visit]) -> Features:
    """The mean of a number, or the share of each option."""
    codes = [value.code for visit in visits for value in visit.values if value.setting == index]
    if len(codes) < FEWEST_VISITS:
        return {}
    name = setting.name.replace("_", " ")
    if setting.kind in _NUMBERS:
        return {Feature(setting.name, name, part, setting.unit): fmean(codes)}
    counts = Counter(codes)
    options = _options(setting)
    return {
        Feature(setting.name, f"{name} {_shown(setting, code)}", part, "share"): counts[code]
        / len(codes)
        for code in options
    }


def _options(setting: Setting) -> Sequence[int]:
    if setting.kind == "colour":
        return setting.palette[:_MOST_OPTIONS]  # type: ignore[attr-defined]
    if setting.kind == "switch":
        return (1,)
    low, high = setting.rungs()
    if high - low == 1:
        return (high,)  # of two, one says it all
    return range(low, high + 1) if high - low < _MOST_OPTIONS else ()


def _shown(setting: Setting, code: int) -> str:
    value = setting.show(code)  # type: ignore[attr-defined]
    return "on" if value is True else "off" if value is False else str(value)


def _of_use(visits: Sequence[Visit], product: Product) -> Features:
    count = len(visits)
    weeks = max(1.0, (visits[-1].at_ms - visits[0].at_ms) / _WEEK_MS)
    moved = [
        sum(corrected(product.settings[v.setting], v.applied, v.code) for v in visit.values)
        for visit in visits
    ]
    found = {
        Feature("corrections", "corrections", "", "a visit"): fmean(moved),
        Feature("hands", "settings by hand", "", "a visit"): fmean(len(v.hands) for v in visits),
        Feature(OFTEN, "visits", "", "a week"): count / weeks,
        Feature(OFTEN, "length", "", "min a visit"): fmean(v.seconds for v in visits) / 60,
        Feature(WHEN, "visits at weekends", "", "share"): fmean(v.weekend for v in visits),
    }
    known = [visit.daypart for visit in visits if visit.daypart != NO_DAYPART]
    for number, name in enumerate(DAYPARTS):
        if known:
            found[Feature(WHEN, f"visits, {name}", "", "share")] = known.count(number) / len(known)
    for index, counter in enumerate(product.counters):
        if not counter.timed:
            total = sum(more for visit in visits for at, more in visit.counters if at == index)
            what = counter.name.replace("_", " ")
            found[Feature(counter.name, what, "", "a visit")] = total / count
    return found
