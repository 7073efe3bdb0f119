"""Who listens cannot follow a carrier over the change of its identifier."""

from functools import cache

import pytest

from tests.conftest import many
from tools.traces.sniffer import FEATURES, Crossing, crossings, link

PEOPLE, SEED = 50, 20261122
CHANGES = 40
BY_CHANCE = 0.02  # 1 % and what 1,900 links differ by themselves (three standard errors)


@cache
def watched(careless: bool = False) -> list[Crossing]:
    return crossings(PEOPLE, many(CHANGES) if not careless else CHANGES // 8, SEED, careless)


@pytest.mark.parametrize("feature", FEATURES)
def test_nothing_of_a_carrier_tells_its_successor_better_than_chance(feature: str):
    better = link(watched(), feature)
    print(f"{feature}: {better:+.2%} (seed {SEED})")  # noqa: T201
    assert better < (BY_CHANCE if many(CHANGES) == CHANGES else 0.01)


def test_the_same_listener_follows_who_changes_only_bytes_and_stands_still():
    assert link(watched(careless=True), "level throughout") > 0.05
