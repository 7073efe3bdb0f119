"""Somebody steps near, over and over: when they are heard, near, and sure.

For latencies: from nowhere to 80 cm at once, so that the wait is the radio's and the recogniser's.
"""

from random import Random
from typing import NamedTuple

from firmware.recogniser import Near, Recogniser, Sure
from tools.traces.radio import Adverts, Sighting, sightings

INTERVALS_MS = (130, 280, 1030)
LOSSES = (0.0, 0.1, 0.5)
NEVER_MS = 60_000.0
_WHO = "Ana"


class Steps(NamedTuple):
    """All in ms from stepping near, one a walk-up; usual_: of who is usually here at this hour."""

    interval_ms: int
    loss: float
    floor_ms: list[float]
    near_ms: list[float]
    sure_ms: list[float]
    usual_sure_ms: list[float]


def steps_near(seed: int, many: int) -> list[Steps]:
    return [_steps(seed, many, Adverts(i, loss)) for i in INTERVALS_MS for loss in LOSSES]


def _steps(seed: int, many: int, adverts: Adverts) -> Steps:
    steps = Steps(adverts.interval_ms, adverts.loss, [], [], [], [])
    for number in range(many):
        chance = Random(f"{seed}/near/{adverts}/{number}")
        heard = list(sightings(_WHO, lambda _: (0.8, 0.0), adverts, NEVER_MS / 1000, chance))
        steps.floor_ms.append(heard[0].at_ms)
        near_ms, sure_ms = _recognised(heard, usual=False)
        steps.near_ms.append(near_ms)
        steps.sure_ms.append(sure_ms)
        steps.usual_sure_ms.append(_recognised(heard, usual=True)[1])
    return steps


def _recognised(heard: list[Sighting], usual: bool) -> tuple[float, float]:
    recogniser, near_ms = Recogniser(), NEVER_MS
    for sighting in heard:
        changes = recogniser.heard(sighting.who, sighting.rssi_dBm, sighting.at_ms)
        for change in changes:
            if isinstance(change, Near):
                near_ms, recogniser.usual = min(near_ms, sighting.at_ms), usual
            elif isinstance(change, Sure):
                return near_ms, sighting.at_ms
    return near_ms, NEVER_MS
