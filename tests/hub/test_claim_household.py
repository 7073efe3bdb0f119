"""Who may do what at a device, lost phones, and a device that says it was reset."""

import pytest

from hub.errors import ConflictError, InvalidError, UnknownDeviceError
from hub.people.household import Household
from hub.people.identities import Identities
from hub.people.lost import Lost
from protocol import presence, session
from protocol.messages import GUEST, OWNER, USER, Forget
from tests.hub.living import Hub, Unit, subject_of

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


@pytest.fixture
def hub() -> Hub:
    return Hub()


def owned(hub: Hub) -> tuple[Unit, str]:
    """A lamp that is there, and its owner."""
    lamp, ana = hub.lamp(), hub.profiles.welcome("Ana")
    hub.profiles.link(ana, lamp.name, "owner")
    lamp.hello()
    lamp.listen()
    return lamp, ana


def test_an_owner_invites_and_dismisses_and_nobody_else_does(hub: Hub):
    lamp, ana = owned(hub)
    ben, eve = hub.profiles.welcome("Ben"), hub.profiles.welcome("Eve")
    house = Household(hub.profiles)
    house.invite(ana, lamp.name, ben)
    with pytest.raises(ConflictError, match="Only the owner"):
        house.invite(ben, lamp.name, eve)
    with pytest.raises(UnknownDeviceError):
        house.invite(eve, lamp.name, eve)
    with pytest.raises(ConflictError, match="Only the owner"):
        house.dismiss(ben, lamp.name, ana)
    with pytest.raises(ConflictError, match="resetting"):
        house.dismiss(ana, lamp.name, ana)
    with pytest.raises(InvalidError, match="one owner"):
        house.invite(ana, lamp.name, eve, "owner")
    lamp.listen()
    roles = {lamp.keys[subject_of(hub, who)].right[0] for who in (ana, ben)}
    assert roles == {OWNER, USER}
    house.dismiss(ben, lamp.name, ben)  # he leaves
    assert [one["name"] for one in house.members(lamp.name)] == ["Ana"]


def test_a_guest_gets_the_keys_of_a_day_and_is_forgotten_after_it(hub: Hub):
    lamp, ana = owned(hub)
    ben, house = hub.profiles.welcome("Ben"), Household(hub.profiles)
    for hours in (0, 25, -1):
        with pytest.raises(InvalidError, match="1 to 24"):
            house.invite(ana, lamp.name, ben, "guest", hours)
    house.invite(ana, lamp.name, ben, "guest", 6)
    lamp.listen()
    until_ms, subject = hub.now_ms + 6 * _HOUR_MS, subject_of(hub, ben)
    keys = lamp.keys[subject]
    assert keys.right[0] == GUEST and 0 <= keys.right[1] * _HOUR_MS - until_ms < _HOUR_MS
    last = max(number for number, _ in keys.presence)
    assert last << presence.PERIOD_BITS <= keys.right[1] * 3600
    hub.now_ms += 5 * _HOUR_MS
    house.end_passes()
    assert len(house.members(lamp.name)) == 2
    hub.now_ms += 2 * _HOUR_MS
    house.end_passes()
    assert [one["name"] for one in house.members(lamp.name)] == ["Ana"]
    assert any(isinstance(one, Forget) and one.subject == subject for one in lamp.listen())
    house.end_passes()


def test_who_may_be_chosen_by_hand_is_said_by_themselves_or_the_owner(hub: Hub):
    lamp, ana = owned(hub)
    ben, eve = hub.profiles.welcome("Ben"), hub.profiles.welcome("Eve")
    house = Household(hub.profiles)
    house.invite(ana, lamp.name, ben)
    house.invite(ana, lamp.name, eve, "guest", 6)
    lamp.listen()
    subject = subject_of(hub, ben)
    assert lamp.keys[subject].right[2:] == (), "as long as nobody says otherwise"
    house.choosable(ben, lamp.name, ben, False)
    lamp.listen()
    assert lamp.keys[subject].right[2:] == (0,)
    by_hand = {one["name"]: one["by_hand"] for one in house.members(lamp.name)}
    assert by_hand == {"Ana": True, "Ben": False, "Eve": False}
    with pytest.raises(ConflictError, match="Only the owner"):
        house.choosable(ben, lamp.name, ana, False)
    with pytest.raises(ConflictError, match="only known by their phone"):
        house.choosable(ana, lamp.name, eve, True)
    house.choosable(ana, lamp.name, ben, True)
    lamp.listen()
    assert lamp.keys[subject].right[2:] == ()


def test_a_pass_that_was_made_for_good_does_not_end(hub: Hub):
    lamp, ana = owned(hub)
    ben, house = hub.profiles.welcome("Ben"), Household(hub.profiles)
    house.invite(ana, lamp.name, ben, "guest", 1)
    house.dismiss(ana, lamp.name, ben)
    house.invite(ana, lamp.name, ben)
    hub.now_ms += _DAY_MS
    house.end_passes()
    assert len(house.members(lamp.name)) == 2


def test_a_lost_phone_gets_new_secrets_and_the_other_keeps_its_own(hub: Hub):
    lamp, phone = owned(hub)
    tablet, one = hub.profiles.welcome("Ana's tablet"), Identities(hub.profiles.office)
    one.link(phone, one.prove(phone), tablet, one.prove(tablet))
    lamp.listen()
    before = {who: hub.profiles.credential(who) for who in (phone, tablet)}
    keys = {who: lamp.keys[subject_of(hub, who)] for who in (phone, tablet)}
    (told,) = Lost(hub.profiles.office).revoke(phone)
    assert told["id"] == lamp.name and told["online"]
    lamp.listen()
    after = {who: hub.profiles.credential(who) for who in (phone, tablet)}
    assert before[phone]["master"] != after[phone]["master"]
    old, new = (one[phone]["devices"][lamp.name] for one in (before, after))
    assert old["ticket"] != new["ticket"] and old["subject"] == new["subject"]
    assert before[tablet] == after[tablet]
    assert lamp.keys[subject_of(hub, tablet)].hint == keys[tablet].hint
    renewed = lamp.keys[subject_of(hub, phone)]
    assert renewed.hint == session.hint_key(bytes.fromhex(new["ticket"])) != keys[phone].hint
    assert not set(renewed.presence) & set(keys[phone].presence)
    assert renewed.right == keys[phone].right
    assert any("lost phone" in text for text in hub.texts(phone))


def test_what_a_device_holds_ends_when_it_is_said_to(hub: Hub):
    lamp, ana = owned(hub)
    for hours in range(0, 40, 7):
        hub.now_ms += hours * _HOUR_MS
        hub.profiles.refresh_keys([lamp.name])
        lamp.listen()
        held = lamp.keys[subject_of(hub, ana)]
        (told,) = Lost(hub.profiles.office).revoke(ana)
        last = max(number for number, _ in held.presence)
        assert last + 1 << presence.PERIOD_BITS <= told["recognition_ends_ms"] // 1000
        assert told["recognition_ends_ms"] - hub.now_ms <= 7.6 * _DAY_MS
        assert held.right[1] * _HOUR_MS <= told["sessions_end_ms"] <= hub.now_ms + 90 * _DAY_MS
        lamp.listen()


def test_a_device_that_was_reset_is_nobodys_and_is_told_nothing_of_who_was_there(hub: Hub):
    lamp, ana = owned(hub)
    ben, house = hub.profiles.welcome("Ben"), Household(hub.profiles)
    house.invite(ana, lamp.name, ben)
    lamp.listen()
    lamp.new_stream(b"after")
    lamp.revision, lamp.known, lamp.keys = 0, {}, {}
    lamp.hello(life=1)
    assert house.members(lamp.name) == []
    assert lamp.listen() == [], "the next owner's device hears of nobody"
    assert "lamp-1 was reset, and forgets you." in hub.texts(ana)
    lamp.hello(life=1)
    hub.profiles.link(ben, lamp.name, "owner")
    lamp.hello(life=1)
    lamp.listen()
    assert [one["role"] for one in house.members(lamp.name)] == ["owner"]
    assert list(lamp.keys) == [subject_of(hub, ben)]


def test_a_device_that_lost_its_flash_is_not_taken_for_one_that_was_reset(hub: Hub):
    lamp, ana = owned(hub)
    lamp.new_stream(b"after")
    lamp.revision = 0
    lamp.hello()
    assert [one["id"] for one in Household(hub.profiles).members(lamp.name)] == [ana]
    assert lamp.listen()
