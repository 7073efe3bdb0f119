"""The whole relationship, under every fault at once, in many lives."""

import pytest

from tests.conftest import many
from tests.crash.relationship import live
from tests.crash.tally import seeds, sweep


@pytest.mark.timeout(3600)
def test_nothing_is_lost_or_counts_twice_and_all_come_to_know_the_same_however_much_goes_wrong():
    lives = seeds(many(500))
    total = sweep(live, lives)
    assert total["points"] > len(lives)
