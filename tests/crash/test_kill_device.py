"""kill -9 of a device's interpreter in live traffic: what it had accepted is told, once."""

import asyncio

import pytest

from tests.conftest import many, micropython, require
from tests.crash.kill_device import endure
from tests.crash.tally import FAULTS


@pytest.mark.timeout(3600)
def test_a_device_that_is_killed_over_and_over_tells_what_it_had_accepted_once(tmp_path):
    require("a micropython interpreter", micropython())
    kills = min(many(20), 200)
    tally = asyncio.run(endure(tmp_path, kills))
    assert tally["device_kills"] == kills and tally["points"] > kills
    assert {fault: tally[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0)
