"""kill -9 of hub and broker in live traffic: nothing is lost, nothing counts twice."""

import pytest

from tests.conftest import many
from tests.crash.kill_hub import besiege
from tests.crash.tally import FAULTS


@pytest.mark.timeout(3600)
def test_a_hub_and_a_broker_that_are_killed_over_and_over_count_every_visit_once():
    kills = min(many(100), 1_000)
    tally = besiege(kills, kills // 2, 100 * kills, seed=2)
    assert (tally["hub_kills"], tally["broker_kills"]) == (kills, kills // 2)
    assert tally["points"] == 100 * kills
    assert {fault: tally[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0)
