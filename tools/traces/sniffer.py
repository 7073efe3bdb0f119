"""Fifty people walk about a hall with phones; somebody listens and tries to follow each of them.

Every step all carriers change identifier, masked bytes and address in the same instant, each after
a pause of its own length, with a new phase and a new transmit power. The listener has what there
is to have: the bytes, the address, when each was last and first heard, how strongly, and how its
adverts are timed; and links each that goes to the one that comes by whatever it is told to use.

    link(crossings(50, 20, seed), "level")  -> 0.004, of all that are linked
"""

import math
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from protocol import gatt, presence
from tools.traces.radio import Adverts, Path, calibration_dbm, sightings

_STEP_S = 1 << presence.PHONE_ROTATION
_START_S = 1_790_000_000 >> presence.PHONE_ROTATION << presence.PHONE_ROTATION
_WATCHED_S = 60.0  # on both sides of a change; the rest of a step says nothing more
_MOST_PAUSE_S = 60.0
_POWERS_DB = (0, -4, -8, -12)
_HALL_M = 20.0
_SPEED_M_S = 1.2
_LEG_S = 10.0
_NEWEST = 5  # adverts


class Track(NamedTuple):
    """What a listener has of one identifier: the advert's bytes, the address, and its sightings."""

    advert: bytes
    address: bytes
    times_ms: list[int]
    levels_dBm: list[int]


class Crossing(NamedTuple):
    """Both sides of one change; the same place in both lists is the same person."""

    before: list[Track]
    after: list[Track]


def crossings(people: int, steps: int, seed: int, careless: bool = False) -> list[Crossing]:
    """Changes that are watched, each of its own hour.

    careless: carriers change their bytes only, without a pause or another power, and people stand.
    """
    return [_crossing(people, Random(f"{seed}/{step}"), careless) for step in range(steps)]


def link(found: list[Crossing], feature: str) -> float:
    """How much better than chance one feature tells the successor of an identifier: a share."""
    distance = FEATURES[feature]
    right, total = 0.0, 0
    for crossing in found:
        for number, track in enumerate(crossing.before):
            likely = min(
                range(len(crossing.after)), key=lambda at: distance(track, crossing.after[at])
            )
            right += (likely == number) - 1 / len(crossing.after)
            total += 1
    return right / total


def _crossing(people: int, chance: Random, careless: bool) -> Crossing:
    change_s = _START_S + _STEP_S * chance.randrange(10_000)
    before, after = [], []
    for _ in range(people):
        path, master, level_dBm = _walk(chance), chance.randbytes(32), calibration_dbm(chance)
        powers_dB = [0 if careless else chance.choice(_POWERS_DB) for _ in range(2)]
        pause_s = _WATCHED_S + (0 if careless else chance.uniform(0, _MOST_PAUSE_S))
        if careless:
            place = path(0.0)
            path = _standing(place)
        levels = [level_dBm + power_dB for power_dB in powers_dB]
        before.append(_track(master, change_s - 1, path, 0.0, levels[0], chance))
        after.append(_track(master, change_s, path, pause_s, levels[1], chance))
    order = [at for at in range(people) if _is_heard(before[at]) and _is_heard(after[at])]
    chance.shuffle(order)  # the place in a list tells nothing
    return Crossing([before[at] for at in order], [after[at] for at in order])


def _is_heard(track: Track) -> bool:
    return len(track.times_ms) >= _NEWEST


def _standing(place: tuple[float, float]) -> Path:
    return lambda _: place


def _track(
    master: bytes, at_s: int, path: Path, since_s: float, level_dBm: float, chance: Random
) -> Track:
    """since_s: on the clock of the path, which begins _WATCHED_S before the change."""
    key = presence.period_key(master, presence.period(at_s))
    identifier, mask = presence.identifier(key, presence.PHONE_ROTATION, at_s)
    heard = list(
        sightings("", lambda s: path(s + since_s), Adverts(), _WATCHED_S, chance, level_dBm)
    )
    times_ms = [round(1000 * since_s) + each.at_ms for each in heard]
    levels = [each.rssi_dBm for each in heard]
    return Track(gatt.presence_advert(identifier, mask), chance.randbytes(6), times_ms, levels)


def _walk(chance: Random) -> Path:
    """About the hall, another way every few seconds; the listener stands in the middle."""
    at = (chance.uniform(-_HALL_M, _HALL_M), chance.uniform(-_HALL_M, _HALL_M))
    places = [at]
    for _ in range(int(4 * _WATCHED_S / _LEG_S)):
        angle, far_m = chance.uniform(0, 2 * math.pi), _SPEED_M_S * _LEG_S
        at = (_within(at[0] + far_m * math.cos(angle)), _within(at[1] + far_m * math.sin(angle)))
        places.append(at)

    def path(at_s: float) -> tuple[float, float]:
        leg, share = divmod(at_s / _LEG_S, 1)
        (x, y), (to_x, to_y) = places[int(leg)], places[int(leg) + 1]
        return x + share * (to_x - x), y + share * (to_y - y)

    return path


def _within(metres: float) -> float:
    return min(max(metres, -_HALL_M), _HALL_M)


def _bytes(one: bytes, other: bytes) -> float:
    """In how many bits they differ."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def _mean(values: list[int]) -> float:
    return sum(values) / max(len(values), 1)


def _level(one: Track, other: Track) -> float:
    return abs(_mean(one.levels_dBm[-_NEWEST:]) - _mean(other.levels_dBm[:_NEWEST]))


def _phase(one: Track, other: Track) -> float:
    """How far the first advert is from where the old one's would have been."""
    interval_ms = _mean([b - a for a, b in zip(one.times_ms, one.times_ms[1:], strict=False)])
    off = (other.times_ms[0] - one.times_ms[-1]) % max(interval_ms, 1.0)
    return min(off, interval_ms - off)


def _interval(one: Track, other: Track) -> float:
    gaps = [
        min((b - a for a, b in zip(t.times_ms, t.times_ms[1:], strict=False)), default=0)
        for t in (one, other)
    ]
    return abs(gaps[0] - gaps[1])


FEATURES: dict[str, Callable[[Track, Track], float]] = {
    "identifier": lambda one, other: _bytes(one.advert[8:16], other.advert[8:16]),
    "mask": lambda one, other: _bytes(one.advert[16:], other.advert[16:]),
    "address": lambda one, other: _bytes(one.address, other.address),
    "next to come": lambda one, other: other.times_ms[0] - one.times_ms[-1],
    "phase": _phase,
    "interval": _interval,
    "level": _level,
    "level throughout": lambda one, other: abs(_mean(one.levels_dBm) - _mean(other.levels_dBm)),
    "all": lambda one, other: (
        _level(one, other) / 4
        + _phase(one, other) / 500
        + _interval(one, other) / 10
        + _bytes(one.advert, other.advert) / 10
    ),
}
