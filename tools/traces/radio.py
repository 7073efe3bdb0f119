"""What a device hears of a carrier that moves: the radio model of all traces.

RSSI of an advert = level at 1 m - 22 log10(metres) - body - shadow - fading, rounded.

    carrier    -59 dBm at 1 m, differing by carrier (sd 2 dB): phones are not calibrated
    path loss  exponent 2.2, a furnished room (free space is 2.0)
    body       6 dB while its owner stands between; changes every 20 s on average, one third of it
    shadow     furniture and people: sd 2 dB, changes over 10 s (Gudmundson 1991)
    fading     sd 4 dB, anew each advert: three channels, a 2 to 3 cm change is another value
    loss       the share of adverts that are not heard; below -95 dBm none is

Adverts follow the Core Specification 5.4, vol 6 part B 4.4.2.2: the interval, then 0 to 10 ms. With
`gaps` they come 2 to 96 s apart (log-uniform), as of a phone whose system throttles them.
"""

import math
from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

Place = tuple[float, float]
"""x, y in metres; the device is at (0, 0)."""
Path = Callable[[float], Place]
"""Where somebody is, by the time in s."""

_LEVEL_1M_DBM, _LEVEL_SD_DB = -59.0, 2.0
_EXPONENT = 2.2
_NEAREST_M = 0.1
_BODY_DB, _BODY_S, _BODY_SHARE = 6.0, 20.0, 1 / 3
_SHADOW_SD_DB, _SHADOW_S = 2.0, 10.0
_FADING_SD_DB = 4.0
_SENSITIVITY_DBM = -95
_JITTER_S = 0.010
_GAP_S = (2.0, 96.0)


class Sighting(NamedTuple):
    at_ms: int
    who: str
    rssi_dBm: int


class Adverts(NamedTuple):
    """How a carrier advertises; interval_ms is of no account with gaps."""

    interval_ms: int = 1030
    loss: float = 0.1
    gaps: bool = False

    def times_s(self, chance: Random, until_s: float) -> Iterator[float]:
        at_s = chance.uniform(0, _GAP_S[0] if self.gaps else self.interval_ms / 1000)
        while at_s < until_s:
            yield at_s
            at_s += self._wait_s(chance) + chance.uniform(0, _JITTER_S)

    def _wait_s(self, chance: Random) -> float:
        if self.gaps:
            return math.exp(chance.uniform(*map(math.log, _GAP_S)))
        return self.interval_ms / 1000


def calibration_dbm(chance: Random) -> float:
    """Of one more carrier."""
    return chance.gauss(_LEVEL_1M_DBM, _LEVEL_SD_DB)


def sightings(
    who: str,
    path: Path,
    adverts: Adverts,
    until_s: float,
    chance: Random,
    level_dBm: float | None = None,
) -> Iterator[Sighting]:
    """All that is heard of one carrier, in order; level_dBm: its level at 1 m, None for any."""
    level_dBm = calibration_dbm(chance) if level_dBm is None else level_dBm
    shadow_dB, blocked, before_s = chance.gauss(0, _SHADOW_SD_DB), False, 0.0
    for at_s in adverts.times_s(chance, until_s):
        passed_s, before_s = at_s - before_s, at_s
        stays = math.exp(-passed_s / _SHADOW_S)
        shadow_dB = shadow_dB * stays + chance.gauss(0, _SHADOW_SD_DB * math.sqrt(1 - stays**2))
        if chance.random() < 1 - math.exp(-passed_s / _BODY_S):
            blocked = chance.random() < _BODY_SHARE
        metres = max(math.hypot(*path(at_s)), _NEAREST_M)
        heard = level_dBm - 10 * _EXPONENT * math.log10(metres) - shadow_dB
        heard -= _BODY_DB * blocked + chance.gauss(0, _FADING_SD_DB)
        if heard >= _SENSITIVITY_DBM and chance.random() >= adverts.loss:
            yield Sighting(round(1000 * at_s), who, round(heard))
