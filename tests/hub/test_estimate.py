"""Beside values from tables of statistics, worked out elsewhere."""

import random

import pytest

from hub.insight import estimate
from hub.insight.estimate import Estimate


def test_the_interval_of_a_mean_is_student_s():
    found = estimate.mean([1, 2, 3, 4, 5, 6])  # t(5) = 2.5706, sd 1.8708
    assert found.mean == 3.5
    assert found.high == pytest.approx(3.5 + 2.5706 * 1.8708 / 6**0.5, abs=0.02)
    assert found.low == pytest.approx(3.5 - 2.5706 * 1.8708 / 6**0.5, abs=0.02)


def test_the_interval_of_a_share_is_wilson_s():
    found = estimate.share(1, 10)  # Newcombe 1998: 0.0179 to 0.4042
    assert (found.low, found.high) == pytest.approx((0.0179, 0.4042), abs=1e-4)


def test_the_interval_of_a_difference_of_shares_is_newcombe_s():
    # Newcombe 1998, method 10: 56/70 less 48/80 is 0.2, 0.0524 to 0.3339
    found = estimate.less(estimate.share(56, 70), estimate.share(48, 80))
    assert found[:3] == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


def test_too_little_has_no_interval_and_is_never_beyond_doubt():
    for found in (
        estimate.mean([]),
        estimate.mean([1]),
        estimate.share(0, 0),
        estimate.difference([1], [2, 3]),
        estimate.less(estimate.share(0, 0), estimate.share(1, 2)),
    ):
        assert found.low is None and found.high is None
        assert not found.is_above and not found.is_below


def test_an_interval_holds_what_it_is_of_in_nineteen_of_twenty_cases():
    dice, held = random.Random(1), 0
    for _ in range(1000):
        found = estimate.difference(
            [dice.gauss(1, 1) for _ in range(12)], [dice.gauss(0, 2) for _ in range(12)]
        )
        held += (found.low or 0) <= 1 <= (found.high or 0)
    assert 935 <= held <= 985


def test_what_is_shown_is_rounded():
    assert Estimate(1 / 3, None, 2 / 3, 4).shown() == {
        "mean": 0.3333, "low": None, "high": 0.6667, "of": 4,
    }  # fmt: skip
