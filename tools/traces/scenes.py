"""Scenes around a device: who walks where, and who really uses it when.

    scene = SCENES["walk up"](Random(7), 3)       # three people
    trace = record(scene, Adverts(1030, 0.1), Random(7))

In every scene of more than one, the others are about as people are: at the other end of the room
or walking past, and somebody who uses the device is within arm's reach of it.
"""

import heapq
import math
from bisect import bisect_right
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from tools.traces.radio import Adverts, Path, Place, Sighting, sightings

NAMES = ("Ana", "Ben", "Cem", "Dua", "Eli", "Fay")
_AWAY: Place = (12.0, 9.0)  # next door
_SPEED_M_S = 1.2
_TURN = math.pi / 4


class Use(NamedTuple):
    """Somebody uses the device, within arm's reach."""

    who: str
    since_s: float
    until_s: float


class Scene(NamedTuple):
    paths: dict[str, Path]
    uses: list[Use]
    until_s: float


class Trace(NamedTuple):
    """sightings: in the order they are heard."""

    sightings: list[Sighting]
    uses: list[Use]
    until_s: float
    paths: dict[str, Path]


class _Walk:
    """Way-points with times; called, it is a Path."""

    def __init__(self, start: Place) -> None:
        self._times_s, self._places = [0.0], [start]

    def __call__(self, at_s: float) -> Place:
        after = bisect_right(self._times_s, at_s)
        if after >= len(self._times_s):
            return self._places[-1]
        since_s, until_s = self._times_s[after - 1 : after + 1]
        (x, y), (to_x, to_y) = self._places[after - 1 : after + 1]
        share = (at_s - since_s) / (until_s - since_s)
        return x + share * (to_x - x), y + share * (to_y - y)

    def stay(self, until_s: float) -> None:
        if until_s > self._times_s[-1]:
            self._add(until_s, self._places[-1])

    def go(self, place: Place) -> float:
        """Walk there; when they arrive."""
        far_m = math.dist(self._places[-1], place)
        self._add(self._times_s[-1] + max(far_m / _SPEED_M_S, 0.1), place)
        return self._times_s[-1]

    def _add(self, at_s: float, place: Place) -> None:
        self._times_s.append(at_s)
        self._places.append(place)


def record(scene: Scene, adverts: Adverts, chance: Random) -> Trace:
    """All that the device hears of a scene."""
    heard = [
        list(sightings(who, path, adverts, scene.until_s, Random(chance.random())))
        for who, path in scene.paths.items()
    ]
    return Trace(list(heapq.merge(*heard)), scene.uses, scene.until_s, scene.paths)


def walk_up(chance: Random, people: int) -> Scene:
    """One after the other comes from next door, uses it for a minute or more, and goes."""
    walks = {who: _Walk(_somewhere(chance)) for who in NAMES[:people]}
    uses, at_s = [], chance.uniform(5, 15)
    for who in chance.sample(list(walks), people):
        uses.append(_use(walks[who], who, at_s, chance))
        at_s = uses[-1].until_s + chance.uniform(15, 40)
    return _scene(walks, uses, at_s)


def swap(chance: Random, people: int) -> Scene:
    """Each comes as soon as the one before goes: they meet on the way."""
    walks = {who: _Walk(_somewhere(chance)) for who in NAMES[:people]}
    uses, at_s = [], 5.0
    for who in walks:
        uses.append(_use(walks[who], who, at_s, chance))
        at_s = max(uses[-1].until_s - 8, at_s)  # it takes them so long to walk up
    return _scene(walks, uses, uses[-1].until_s + 20)


def walk_by(chance: Random, people: int) -> Scene:
    """Everybody passes, at one to two metres, and nobody uses it."""
    walks = {}
    at_s = 5.0
    for who in NAMES[:people]:
        walks[who] = walk = _Walk((-12.0, chance.uniform(1, 2)))
        walk.stay(at_s)
        walk.go((12.0, chance.uniform(1, 2)))
        at_s += chance.uniform(10, 30)
    return Scene(dict(walks), [], at_s + 30)


def party(chance: Random, people: int) -> Scene:
    """The first uses it all the time; the others wander about the room, 3 m off or more."""
    walks = {who: _Walk(_AWAY) for who in NAMES[:people]}
    first = NAMES[0]
    since_s = walks[first].go(_within_reach(chance))
    walks[first].stay(since_s + 300)
    for who in NAMES[1:people]:
        angle = chance.uniform(0, 2 * math.pi)
        for _ in range(20):
            angle += chance.uniform(-_TURN, _TURN)  # nobody cuts across the one who sits there
            arrived_s = walks[who].go(_at(chance.uniform(3.0, 6.0), angle))
            walks[who].stay(arrived_s + chance.uniform(5, 40))
    return Scene(dict(walks), [Use(first, since_s, since_s + 300)], since_s + 300)


def sit(chance: Random, people: int, seconds: float = 3600.0) -> Scene:
    """The first sits there for an hour; the others sit elsewhere in the room."""
    walks = {who: _Walk(_about(chance)) for who in NAMES[:people]}
    first = NAMES[0]
    walks[first] = _Walk(_within_reach(chance))
    return Scene(dict(walks), [Use(first, 0.0, seconds)], seconds)


SCENES: dict[str, Callable[[Random, int], Scene]] = {
    "walk up": walk_up,
    "swap": swap,
    "walk by": walk_by,
    "party": party,
    "sit": sit,
}


def _use(walk: _Walk, who: str, at_s: float, chance: Random) -> Use:
    walk.stay(at_s)
    since_s = walk.go(_within_reach(chance))
    until_s = since_s + chance.uniform(60, 180)
    walk.stay(until_s)
    walk.go(_somewhere(chance))
    return Use(who, since_s, until_s)


def _scene(walks: dict[str, _Walk], uses: list[Use], until_s: float) -> Scene:
    return Scene(dict(walks), uses, until_s)


def _within_reach(chance: Random) -> Place:
    return _at(chance.uniform(0.4, 0.9), chance.uniform(0, 2 * math.pi))


def _about(chance: Random) -> Place:
    return _at(chance.uniform(3.0, 6.0), chance.uniform(0, 2 * math.pi))


def _somewhere(chance: Random) -> Place:
    """Out of the room."""
    return _at(chance.uniform(9.0, 14.0), chance.uniform(0, 2 * math.pi))


def _at(metres: float, angle: float) -> Place:
    return metres * math.cos(angle), metres * math.sin(angle)
