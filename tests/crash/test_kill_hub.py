"""kill -9 of a hub in live traffic: nothing is lost, nothing counts twice."""

import pytest

from tests.conftest import many
from tests.crash.kill_hub import besiege
from tests.crash.tally import FAULTS


@pytest.mark.timeout(3600)
def test_a_hub_that_is_killed_over_and_over_counts_every_visit_once():
    kills = min(many(100), 1_000)  # as many again with the broker: test_kill_broker.py
    tally = besiege(kills, 0, 100 * kills, seed=1)
    assert (tally["hub_kills"], tally["points"]) == (kills, 100 * kills)
    assert {fault: tally[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0)
