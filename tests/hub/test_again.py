"""A person's own later choice outlasts an older one; nobody else's undoes them."""

import pytest

from hub.past.histories import Histories
from protocol import events
from tests.hub.living import Hub, subject_of

APART_MS = 600_000


@pytest.fixture
def hub() -> Hub:
    return Hub()


def _apart(hub: Hub):
    """(customer, their lamp, its subject); the lamp speaks to nobody until it is asked to."""
    customer = hub.profiles.welcome("Ana")
    lamp = hub.lamp()
    hub.profiles.link(customer, lamp.name)
    lamp.hello()
    lamp.listen()
    return customer, lamp, subject_of(hub, customer)


def _meet(lamp) -> None:
    for _ in range(3):
        lamp.hello()
        lamp.listen()
        lamp.send()


def _wish(hub: Hub, customer: str, value: int, own: bool = True) -> int:
    hub.now_ms += APART_MS
    return hub.profiles.wish(customer, "lamp", "brightness", value, "Ana", own=own)


def _turn(hub: Hub, lamp, subject: bytes, code: int, trust: int = events.EXACT) -> None:
    hub.now_ms += APART_MS
    lamp.event(events.ADJUSTED, (0, code, 60, events.DEFAULT), subject, trust=trust)


def test_what_a_person_asked_for_last_stands_though_a_hand_came_in_first(hub: Hub) -> None:
    customer, lamp, subject = _apart(hub)
    _turn(hub, lamp, subject, 35)
    number = _wish(hub, customer, 80)
    _meet(lamp)
    setting = hub.setting(customer)
    assert (setting["value"], setting["source"]) == (80, "said")
    assert lamp.known[subject].registers.value(0) == 80
    assert hub.profiles.wished(customer, number)["state"] == "applied"
    assert any("after a hand had set it at lamp-1: it stands." in t for t in hub.texts(customer))


def test_a_hand_that_came_later_is_never_undone(hub: Hub) -> None:
    customer, lamp, subject = _apart(hub)
    number = _wish(hub, customer, 80)
    _turn(hub, lamp, subject, 35)
    _meet(lamp)
    assert hub.setting(customer)["value"] == 35
    assert lamp.known[subject].registers.value(0) is None
    assert hub.profiles.wished(customer, number)["state"] == "refused"


def test_between_two_hands_the_last_of_the_three_stands(hub: Hub) -> None:
    customer, lamp, subject = _apart(hub)
    _turn(hub, lamp, subject, 35)
    _wish(hub, customer, 80)
    _turn(hub, lamp, subject, 20)
    _meet(lamp)
    assert hub.setting(customer)["value"] != 80
    assert lamp.known[subject].registers.value(0) is None


def test_what_somebody_else_asked_for_gives_way_to_a_hand_it_had_not_seen(hub: Hub) -> None:
    customer, lamp, subject = _apart(hub)
    _turn(hub, lamp, subject, 35)
    number = _wish(hub, customer, 80, own=False)
    _meet(lamp)
    setting = hub.setting(customer)
    assert setting["value"] == 35
    assert setting["conflict"]["value"] == 80
    assert hub.profiles.wished(customer, number)["state"] == "refused"


@pytest.mark.parametrize("trust", [events.NO_TIME, events.PROVISIONAL])
def test_where_the_order_is_not_known_the_hand_stands_and_both_are_shown(
    hub: Hub, trust: int
) -> None:
    customer, lamp, subject = _apart(hub)
    _turn(hub, lamp, subject, 35, trust)
    _wish(hub, customer, 80)
    _meet(lamp)
    setting = hub.setting(customer)
    assert setting["value"] == 35
    assert setting["conflict"]["value"] == 80


def test_what_was_undone_is_not_asked_for_again(hub: Hub) -> None:
    customer, lamp, subject = _apart(hub)
    _turn(hub, lamp, subject, 35)
    _wish(hub, customer, 80)
    Histories(hub.profiles.office).undo(customer, "Ana", 1)
    _meet(lamp)
    assert hub.setting(customer)["value"] == 35
