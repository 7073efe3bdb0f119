"""All states of the protocol: nothing is lost or counts twice, and each rule has its use."""

from pathlib import Path

import pytest

from tests.conftest import many
from tests.crash.conformance import walk
from tests.crash.model import REDUNDANT, RULES, Model, search
from tests.crash.tally import seeds

NIGHTLY = many(1) > 1  # one event more takes a minute
EVENTS_THAT_SHOW = {"whole digest": 3}


@pytest.mark.timeout(1200)
def test_nothing_is_lost_or_counts_twice_and_all_is_told_at_last():
    found = search(Model(events=3 if NIGHTLY else 2))
    assert found.states > 30_000
    assert (found.fault, found.path, found.stuck) == ("", [], 0)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in REDUNDANT])
def test_without_one_rule_something_is_lost_or_counts_twice(rule: str):
    found = search(Model(EVENTS_THAT_SHOW.get(rule, 2), without=rule))
    assert found.fault


@pytest.mark.parametrize("rule", REDUNDANT)
def test_a_redundant_rule_changes_nothing(rule: str):
    found = search(Model(2, without=rule))
    assert (found.fault, found.stuck) == ("", 0)


def test_a_rule_that_there_is_not_cannot_be_left_out():
    with pytest.raises(ValueError, match="'luck' is none of uid"):
        Model(without="luck")


def test_device_and_hub_do_what_the_model_does(tmp_path):
    names: set[str] = set()
    for seed in seeds(many(150)):
        names |= set(walk(seed, _folder(tmp_path, seed), events=4, steps=40))
    assert names >= {"append", "hello", "send", "hear", "welcome", "ack", "lost", "restart", "rot"}


def _folder(parent: Path, seed: int) -> Path:
    folder = parent / str(seed)
    folder.mkdir()
    return folder
