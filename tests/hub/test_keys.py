import pytest

from hub.people.keys import credential, device_keys, new_master, new_share
from protocol import presence, session
from protocol.session import Credential
from tests.hub.living import NOON_MS, Dice

NOW_S = NOON_MS // 1000


def a_profile(dice: Dice | None = None) -> dict:
    dice = dice or Dice()
    devices = {name: new_share(dice, NOW_S) for name in ("lamp-1", "lamp-2")}
    return {"master": new_master(dice), "rotation": 10, "devices": devices}


def test_each_device_has_its_own_subject_and_ticket():
    one, other = a_profile()["devices"].values()
    assert one["subject"] != other["subject"]
    assert one["ticket"] != other["ticket"]


def test_a_device_recognises_the_carrier_and_holds_no_master_key():
    profile = a_profile()
    keys = device_keys(profile, "lamp-1", NOW_S)
    master = bytes.fromhex(profile["master"])
    shown = presence.identifier(presence.period_key(master, NOW_S >> 16), 10, NOW_S)[0]
    assert shown in presence.table([("ana", keys.rotation, dict(keys.presence))], NOW_S)
    assert profile["master"] not in repr(keys)
    assert len(keys.presence) == 10


@pytest.mark.parametrize("days", [0, 1, 2, 30, 800])
def test_the_companion_opens_a_session_with_keys_of_any_day(days):
    profile = a_profile()
    now_s = NOW_S + days * 86400
    keys = device_keys(profile, "lamp-1", now_s)
    share = credential("c-1", profile)["devices"]["lamp-1"]
    ticket = bytes.fromhex(share["ticket"])
    days_on = session.epoch(now_s) - share["epoch"]
    chain = session.chain_key(session.first_chain_key(ticket), days_on)
    phone = Credential("lamp-1", session.hint_key(ticket), chain, session.epoch(now_s))
    dice, pid = Dice(), b"12345678"
    carrier = session.Carrier(phone, pid, session.epoch(now_s), dice)
    device = session.Device([Credential("ana", keys.hint, keys.chain, keys.epoch)], pid, dice)
    m3 = carrier.answer(device.answer(carrier.hello()))
    assert device.finish(m3) is not None


def test_keys_never_go_back_behind_the_first_day_of_a_share():
    profile = a_profile()
    assert device_keys(profile, "lamp-1", NOW_S).epoch == session.epoch(NOW_S)
    assert device_keys(profile, "lamp-1", NOW_S + 3 * 86400).epoch == session.epoch(NOW_S) + 2


def test_the_credential_holds_what_the_companion_needs_and_no_more():
    given = credential("c-1", a_profile() | {"name": "Ana"})
    assert set(given) == {"customer", "master", "rotation", "devices"}
    assert set(given["devices"]["lamp-1"]) == {"subject", "ticket", "epoch"}
