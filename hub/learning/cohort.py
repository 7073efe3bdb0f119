"""What most people use: the prior with which somebody new at a product begins. Pure.

    prior(brightness, [{7: 3, 12: 1}, ...], fewest=10)

It is the mean of people's own distributions, each person counting the same, so that who uses a
product most does not speak for the others. Nobody can be read out of it:

- there is none below `fewest` people;
- a value that fewer than these chose is merged into the rest, which is spread evenly;
- shares are thirty-seconds;
- what stands is only replaced when so many people's use is another (or they came, or went): each
  change that can be seen is that of a group. Nor is it while no share moved by more than one of
  thirty-two, so that devices are not told again and again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

from protocol import norm
from protocol.preference import prior_of
from protocol.schema import GUARDED, Setting

_GRAIN = 32

Distribution = Mapping[int, int]
"""{rung: how often}: one person's newest visits."""


class Standing(NamedTuple):
    """What devices have been told: weights as in protocol/norm.py, and of whose use it was made:
    marks, a checksum of each person's distribution."""

    weights: bytes
    marks: tuple[int, ...]


class Prior(NamedTuple):
    """customers: who use it and agreed; merged: how many values were merged into the rest; why:
    there is none, or ""."""

    standing: Standing | None
    customers: int
    merged: int
    why: str

    @property
    def weights(self) -> bytes | None:
        return self.standing.weights if self.standing else None


def prior(
    setting: Setting,
    people: Sequence[Distribution],
    fewest: int,
    standing: Standing | None = None,
) -> Prior:
    """The prior from now on, where `standing` is that up to now."""
    people = [own for own in people if own]
    nothing = Prior(None, len(people), 0, "")
    if setting.cost == GUARDED:
        return nothing._replace(why="guarded: only one's own values count")
    if len(people) < fewest:
        return nothing._replace(why=f"fewer than {fewest} customers agreed and used it")
    rungs = sorted(prior_of(setting))
    supporters = {rung: sum(rung in own for own in people) for rung in rungs}
    found = nothing._replace(merged=sum(0 < count < fewest for count in supporters.values()))
    marks = tuple(sorted(_mark(own) for own in people))
    if standing and _changed(marks, standing.marks) < fewest:
        return found._replace(standing=standing)
    kept = [rung for rung in rungs if supporters[rung] >= fewest]
    if not kept:
        return found._replace(why=f"no value that {fewest} customers share")
    grains = {rung: round(_mean(people, rung) * _GRAIN) for rung in kept}
    weights = norm.weights(setting, _with_rest(grains, rungs))
    if weights is None:
        return found._replace(why="too many values for a prior")
    if standing and _is_near(weights, standing.weights):
        return found._replace(standing=standing)
    return found._replace(standing=Standing(weights, marks))


def _mean(people: Sequence[Distribution], rung: int) -> float:
    return sum(own.get(rung, 0) / sum(own.values()) for own in people) / len(people)


def _with_rest(grains: dict[int, int], rungs: Sequence[int]) -> dict[int, int]:
    """Whole numbers in proportion: the grains of each rung, and the same share of what is left."""
    rest = max(_GRAIN - sum(grains.values()), 0)
    return {rung: grains.get(rung, 0) * len(rungs) + rest for rung in rungs}


def _mark(own: Distribution) -> int:
    return crc32(repr(sorted(own.items())).encode())


def _changed(marks: Sequence[int], before: Sequence[int]) -> int:
    """How many people's use is another, at least."""
    now, then = Counter(marks), Counter(before)
    return max((now - then).total(), (then - now).total())


def _is_near(weights: bytes, standing: bytes) -> bool:
    step = 256 // _GRAIN
    same = len(weights) == len(standing)
    return same and all(
        abs(one - other) <= step for one, other in zip(weights, standing, strict=True)
    )
