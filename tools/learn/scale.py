"""How the values of one setting become rungs, as a device sees them: whole numbers from 0.

Numbers lie on a grid, given or found: the coarsest that holds them all or, where that has more
than 500 steps, the finest of 1, 2, 5, 10 ... that has not. Anything else is a name; of more than
500 names the rare ones are one, "other".
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

MOST_VALUES = 500
OTHER = "other"

_NUMBERS_FROM = 0.9  # of the rows: then the others are mistakes, not names
_FINEST = Decimal(1).scaleb(-6)


class Scale(NamedTuple):
    """rungs: value as written -> rung; tolerance in rungs; note: what was made coarser, or ""."""

    setting: str
    rungs: Mapping[str, int]
    high: int
    tolerance: int
    note: str = ""


def scale(
    setting: str,
    counts: Counter[str],
    tolerance: Decimal = Decimal(0),
    grid: Decimal | None = None,
    categorical: bool = False,
) -> Scale:
    """The scale of one setting; values that are missing from its rungs are mistakes."""
    numbers = {text: number for text in counts if (number := _number(text)) is not None}
    rows = sum(counts[text] for text in numbers)
    if categorical or not numbers or rows < _NUMBERS_FROM * counts.total():
        return _names(setting, counts)
    step, note = (grid, "") if grid else _grid(setting, set(numbers.values()))
    lowest = min(numbers.values())
    rungs = {text: round((number - lowest) / step) for text, number in numbers.items()}
    return Scale(setting, rungs, max(rungs.values()), int(tolerance / step), note)


def _names(setting: str, counts: Counter[str]) -> Scale:
    kept = [text for text, _ in counts.most_common()]
    if len(kept) <= MOST_VALUES:
        return Scale(setting, {text: at for at, text in enumerate(sorted(kept))}, len(kept) - 1, 0)
    rungs = {text: min(at, MOST_VALUES - 1) for at, text in enumerate(kept)}
    rare = len(kept) - MOST_VALUES + 1
    note = f"{setting}: {len(kept)} values; the {rare} rarest count as one"
    return Scale(setting, rungs, MOST_VALUES - 1, 0, note)


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**12 else None


def _grid(setting: str, numbers: set[Decimal]) -> tuple[Decimal, str]:
    """(step, note): the coarsest that holds all numbers, or one of at most 500 steps."""
    lowest, span = min(numbers), max(numbers) - min(numbers)
    if not span:
        return Decimal(1), ""
    step = _common((number - lowest) / _FINEST for number in numbers) * _FINEST
    if span / step < MOST_VALUES:
        return step, ""
    coarse = _at_least(span / MOST_VALUES)
    if len(numbers) <= MOST_VALUES and span / step <= 8 * MOST_VALUES:
        return step, ""
    return coarse, f"{setting}: {len(numbers)} values; taken in steps of {coarse.normalize():f}"


def _common(numbers: Iterable[Decimal]) -> int:
    return math.gcd(*[round(number) for number in numbers]) or 1


def _at_least(least: Decimal) -> Decimal:
    """The next of 1, 2, 5, 10, 20 ... from `least`."""
    power = Decimal(1).scaleb(least.adjusted())
    return next(power * times for times in (1, 2, 5, 10) if power * times >= least)
