"""kill -9 of all that can be killed, in live traffic: nothing is lost, nothing counts twice."""

import asyncio

import pytest

from tests.conftest import many, micropython, require
from tests.crash.kill_device import endure
from tests.crash.kill_hub import besiege
from tests.crash.tally import FAULTS


@pytest.mark.timeout(3600)
def test_a_hub_and_a_broker_that_are_killed_over_and_over_count_every_visit_once():
    kills = min(many(200), 2_000)
    tally = besiege(kills, kills // 4, 100 * kills)
    assert tally["hub_kills"] == kills and tally["broker_kills"] == kills // 4
    assert tally["points"] == 100 * kills
    assert {fault: tally[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0)


@pytest.mark.timeout(3600)
def test_a_device_that_is_killed_over_and_over_tells_what_it_had_accepted_once(tmp_path):
    require("a micropython interpreter", micropython())
    kills = min(many(20), 200)
    tally = asyncio.run(endure(tmp_path, kills))
    assert tally["device_kills"] == kills and tally["points"] > kills
    assert {fault: tally[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0)
