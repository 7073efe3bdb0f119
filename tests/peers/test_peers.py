"""The peers' rules do what their own pages say, and lose what people report that they lose."""

import pytest

from tools.peers import Rule
from tools.peers.arrival import Arrival
from tools.peers.shadow import Shadow
from tools.peers.three_way import ThreeWay
from tools.peers.wall_clock import WallClock

ALL = [Shadow, Arrival, WallClock, ThreeWay]
MORNING_MS, NOON_MS, EVENING_MS = 8 * 3_600_000, 12 * 3_600_000, 18 * 3_600_000


@pytest.mark.parametrize("rule", ALL)
def test_what_only_one_side_changed_reaches_the_other(rule: type) -> None:
    by_hand: Rule = rule(60)
    by_hand.at_device(35, NOON_MS)
    assert by_hand.meet() == 35

    from_afar: Rule = rule(60)
    from_afar.from_afar(80, NOON_MS)
    assert from_afar.meet() == 80


@pytest.mark.parametrize("rule", ALL)
def test_nothing_changed_is_nothing_done(rule: type) -> None:
    met: Rule = rule(60)
    assert met.meet() == met.meet() == 60


@pytest.mark.parametrize("rule", [Shadow, ThreeWay])
def test_an_older_wish_from_afar_undoes_the_knob(rule: type) -> None:
    """aws-iot-device-sdk-embedded-C#229, thingsboard#731: the desired state comes back."""
    undone: Rule = rule(60)
    undone.from_afar(80, MORNING_MS)
    undone.at_device(35, NOON_MS)
    assert undone.meet() == 80


def test_by_arrival_a_newer_wish_is_lost_to_an_older_hand() -> None:
    late = Arrival(60)
    late.at_device(35, MORNING_MS)
    late.from_afar(80, NOON_MS)
    assert late.meet() == 35


def test_by_wall_clock_a_board_without_one_always_loses() -> None:
    unset = WallClock(60)
    unset.from_afar(80, MORNING_MS)
    unset.at_device(35, 1000)  # at noon, but its clock began again
    assert unset.meet() == 80


def test_by_wall_clock_the_later_one_stands_if_the_clocks_are_right() -> None:
    right = WallClock(60)
    right.at_device(35, MORNING_MS)
    right.from_afar(80, NOON_MS)
    assert right.meet() == 80


def test_a_shadow_complies_once_and_no_more() -> None:
    shadow = Shadow(60)
    shadow.from_afar(80, MORNING_MS)
    assert shadow.meet() == 80
    shadow.at_device(35, NOON_MS)
    assert shadow.meet() == 35
