"""How people are spread over the values of a setting, told of no fewer than ten."""

import random

import pytest

from hub.insight.digest import digest
from hub.insight.spread import corrected, spreads
from tests.browser.report import of_a_fleet, with_windows
from tests.conftest import many
from tests.hub.fleet import fleet
from tests.hub.living import LAMP

FEWEST = 10


def users_at(*counts):
    """So many people at each rung of the brightness, each with four visits there."""
    (one,) = fleet(1, 1)
    made = digest(with_windows(one), LAMP)
    return [
        made._replace(windows={0: [(rung, 2, 0)] * 4})
        for rung, count in enumerate(counts)
        for _ in range(count)
    ]


def told(*counts):
    found = spreads(users_at(*counts), LAMP, FEWEST)
    return [bar["people"] for bar in found.get("brightness", [])]


def test_people_are_counted_where_they_usually_are():
    assert told(0, 12, 0, 0, 30) == [12, 30, 0, 0, 0, 0, 0]
    assert [bar["text"] for bar in of_a_fleet(120)["spread"]["mood"]] == ["calm", "bright"]


def test_a_bar_of_few_is_hidden_and_does_not_follow_from_the_others():
    assert told(25, 0, 0, 3, 0, 0, 40) == [None, None, 40, 0, 0, 0, 0]
    assert told(5, 0, 0, 6, 0, 0, 40) == [None, None, 40, 0, 0, 0, 0]
    assert told(25, 0, 0, 3) == [], "of two bars neither is told if one cannot be"


@pytest.mark.parametrize("seed", range(many(20)))
def test_whatever_is_hidden_is_of_at_least_ten_people_in_at_least_two_bars(seed):
    dice = random.Random(seed)
    counts = [dice.choice((0, 1, 4, 9, 10, 30)) for _ in range(21)]
    bars = told(*counts)
    real = [sum(counts[at : at + 3]) for at in range(0, 21, 3)]
    if not bars:
        return
    hidden = [count for bar, count in zip(bars, real, strict=True) if bar is None]
    assert all(bar in (None, count) for bar, count in zip(bars, real, strict=True))
    assert all(bar is None or bar == 0 or bar >= FEWEST for bar in bars)
    assert not hidden or (len(hidden) >= 2 and sum(hidden) >= FEWEST)


def test_settings_are_ranked_by_how_often_a_hand_corrects_them():
    users = [digest(with_windows(one), LAMP) for one in fleet(40, 3)]
    found = corrected(users, LAMP, FEWEST)
    assert found[0]["setting"] == "brightness"
    shares = [one["share"] for one in found]
    assert shares == sorted(shares, reverse=True)
    assert all(one["people"] == 40 for one in found)
    assert corrected(users[:9], LAMP, FEWEST) == []
