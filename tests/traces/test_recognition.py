"""Recognition on generated traces, in small; `rapport measure recognise` has more."""

import asyncio
import hashlib
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.conftest import many
from tools.measure import recognise
from tools.traces.play import play
from tools.traces.radio import Adverts
from tools.traces.scenes import SCENES, record

SEED = 4


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    rounds = min(many(1), 40)
    measured = recognise.measure(Path(tmp_path_factory.mktemp("m")), rounds, SEED, lambda x, _: x)
    return asyncio.run(measured).figures


def test_hardly_anybody_is_taken_for_another_and_few_are_unsure(figures: dict[str, Any]):
    assert figures["wrong"] <= max(0.005, 1 / figures["uses"])  # one, where there are few
    assert figures["unsure"] < 0.1
    assert figures["wrong"] < figures["peer"]["wrong"]


def test_who_only_passes_hardly_ever_counts(figures: dict[str, Any]):
    assert figures["passers_counted"] < 0.02


def test_nothing_changes_in_an_hour_of_sitting_still(figures: dict[str, Any]):
    assert figures["switches_per_hour"] == 0
    assert figures["peer"]["switches_per_hour"] > 10


def test_among_others_who_sit_in_the_room_hardly_anything_changes():
    rounds = many(6)
    for adverts, most in ((Adverts(1030, 0.1), 3), (Adverts(loss=0.0, gaps=True), 4)):
        changes = 0
        for number in range(rounds):
            chance = Random(f"{SEED}/four/{number}")
            changes += play(record(SCENES["sit"](chance, 4), adverts, chance)).switches
        print(f"four sit there for an hour, {adverts}: {changes / rounds:.1f} changes")  # noqa: T201
        assert changes / rounds <= most


def test_one_advert_is_enough_to_be_near(figures: dict[str, Any]):
    for row in figures["latency"]:
        if row["loss"] < 0.5:  # of twenty rounds the 95th percentile is the last but one
            assert row["near_p95_ms"] <= row["floor_p95_ms"] + 50 + row["interval_ms"] * 0.05


def test_at_half_the_adverts_lost_the_hour_helps_by_ten_points(figures: dict[str, Any]):
    assert figures["context"]["points"] >= 10
    assert figures["context"]["wrong"] <= max(0.005, 1 / figures["uses"])


def test_a_trace_follows_its_seed():
    def trace(seed: int) -> str:
        made = record(SCENES["party"](Random(seed), 3), Adverts(), Random(seed))
        return hashlib.sha256(repr(made.sightings).encode()).hexdigest()

    assert trace(1) == trace(1) != trace(2)


@pytest.mark.parametrize("rule", ["nearest", "first", "owner", "ask"])
@pytest.mark.parametrize("people", [2, 3])
def test_whatever_the_rule_there_is_one_person_at_most(rule: str, people: int):
    made = record(SCENES["swap"](Random(people), people), Adverts(), Random(people))
    here = None
    for state in play(made, rule).states[1:]:
        assert state.who is None or here is None or state.sure
        here = state.who
