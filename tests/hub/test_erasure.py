"""A receipt lists every copy, says what became of it, and closes with the last device."""

import json
from typing import Any

import pytest

from hub.access.signing import SignatureError, check
from hub.errors import UnknownCustomerError, UnknownError
from hub.people.identities import Identities
from hub.privacy.backups import noted
from hub.privacy.erasures import Erasures
from hub.store import StoreError
from hub.store.memory import MemoryStore
from tests.hub.living import Hub, Unit, subject_of
from tests.hub.test_api import Desk
from tests.hub.test_api import desk as desk

DAY_MS = 86_400_000


class House:
    """Ana with two lamps that are there, erased by herself."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.erasures = Erasures(self.hub.profiles.office)
        self.lamps = [self.hub.lamp(name) for name in ("lamp-1", "lamp-2")]
        self.ana = self.hub.profiles.welcome("Ana", "ana@example.org")
        for lamp in self.lamps:
            self.hub.profiles.link(self.ana, lamp.name)
            lamp.hello()
            lamp.listen()

    def leave(self, unit: Unit) -> None:
        """It has no network any more."""
        draft = self.hub.profiles.office.draft()
        state = draft.get(f"device/{unit.name}", "state", "sync")
        assert state
        draft.put(f"device/{unit.name}", "state", "sync", state | {"online": False})
        draft.commit()

    def begin(self) -> str:
        return self.erasures.begin(self.ana, "ana ")

    def copies(self, receipt: str) -> dict[str, dict[str, Any]]:
        """By device."""
        copies = self.erasures.receipt(receipt)["copies"]
        return {copy["device"]: copy for copy in copies if copy["where"] == "device"}

    def state(self, receipt: str) -> str:
        return self.erasures.receipt(receipt)["state"]


@pytest.fixture
def house() -> House:
    return House()


def test_every_copy_is_listed_and_the_receipt_closes_when_the_last_device_confirmed(house: House):
    noted(house.hub.store, house.hub.now_ms - 3 * DAY_MS)
    house.leave(house.lamps[1])
    receipt = house.begin()
    shown = house.erasures.receipt(receipt)
    assert {copy["where"] for copy in shown["copies"]} == {"store", "device", "phone", "broker"}
    assert any("backup of " in copy["what"] for copy in shown["copies"])
    assert all(c["state"] == "erased" for c in shown["copies"] if c["where"] == "store")
    assert (shown["state"], shown["asked_by"]) == ("open", "the person")
    house.lamps[0].listen()
    assert [c["state"] for c in house.copies(receipt).values()] == ["erased", "waiting"]
    house.hub.now_ms += 21 * DAY_MS
    assert "expired" in house.copies(receipt)["lamp-2"]["text"]
    house.lamps[1].hello()
    house.lamps[1].listen()
    shown = house.erasures.receipt(receipt)
    assert (shown["state"], shown["closed_ms"]) == ("closed", house.hub.now_ms)
    assert all(copy["state"] == "erased" for copy in shown["copies"])


def test_a_receipt_holds_neither_name_nor_any_id_and_is_signed(house: House):
    subjects = [subject_of(house.hub, house.ana, lamp.name).hex() for lamp in house.lamps]
    receipt = house.begin()
    shown = house.erasures.receipt(receipt)
    text = json.dumps(shown).casefold()
    assert not [word for word in ("ana", "example.org", house.ana, *subjects) if word in text]
    assert len(receipt) == 32
    assert check(json.loads(json.dumps(shown))) == house.erasures.key()["fingerprint"]
    for changed in (
        shown | {"state": "closed"},
        shown | {"copies": shown["copies"][1:]},
        {name: value for name, value in shown.items() if name != "signature"},
        shown | {"key": "00" * 32},
        shown | {"key": 5},
    ):
        with pytest.raises(SignatureError):
            check(changed)


def test_it_is_read_by_its_id_only(house: House):
    receipt = house.begin()
    for other in ("", "0" * 32, receipt[:-1], house.ana):
        with pytest.raises(UnknownError, match="no such receipt"):
            house.erasures.receipt(other)
    everything = json.dumps([house.hub.store.all(v, "receipt") for v in house.hub.store.vaults()])
    assert receipt not in everything, "not even in the store"


def test_a_lost_device_is_waited_for_until_its_keys_end(house: House):
    house.leave(house.lamps[1])
    receipt = house.begin()
    house.lamps[0].listen()
    assert house.erasures.write_off("lamp-2") == 1
    lost = house.copies(receipt)["lamp-2"]
    assert lost["state"] == "lost" and "reported lost; the keys in it expire on" in lost["text"]
    assert house.state(receipt) == "open"
    house.hub.now_ms = lost["keys_end_ms"] + 1
    assert "expired on" in house.copies(receipt)["lamp-2"]["text"]
    assert house.state(receipt) == "closed"
    house.lamps[1].hello()  # found after all
    house.lamps[1].listen()
    assert house.copies(receipt)["lamp-2"]["state"] == "erased"


def test_a_device_that_was_reset_has_nothing_left(house: House):
    house.leave(house.lamps[1])
    receipt = house.begin()
    house.lamps[0].listen()
    house.lamps[1].revision = 0
    house.lamps[1].hello(life=1)
    assert house.state(receipt) == "closed"


def test_a_device_that_comes_back_with_an_older_memory_still_confirms(house: House):
    house.leave(house.lamps[1])
    receipt = house.begin()
    house.lamps[0].listen()
    house.lamps[1].revision = 0  # nothing of what it was told is there any more
    house.lamps[1].new_stream(b"2")
    house.lamps[1].hello()
    assert house.state(receipt) == "open"
    house.lamps[1].listen()
    assert house.state(receipt) == "closed"


def test_all_identities_of_a_person_go_and_a_device_counts_when_it_forgot_them_all(house: House):
    profiles = house.hub.profiles
    work = profiles.welcome("Ana at work")
    identities = Identities(profiles.office)
    identities.link(house.ana, identities.prove(house.ana), work, identities.prove(work))
    for lamp in house.lamps:
        lamp.listen()
    receipt = house.begin()
    for customer in (house.ana, work):
        with pytest.raises(UnknownCustomerError):
            profiles.about(customer)
    for lamp in house.lamps:
        lamp.listen()
    assert house.state(receipt) == "closed"
    assert not any(lamp.known for lamp in house.lamps)


def test_nothing_outside_their_vault_names_them_any_more(house: House):
    store = house.hub.store
    draft = house.hub.profiles.office.draft()
    draft.put("hub", "passes", "1 lamp-1 x", {"customer": house.ana, "device": "lamp-1"})
    draft.put("hub", "struggling", "all", {"customers": [{"customer": house.ana, "signs": []}]})
    draft.put("tokens/00", "sessions", "d", {"who": ["customer", "", house.ana]})
    made = {"claimed": {"customer": house.ana, "at_ms": 1}}
    draft.put("device/lamp-1", "made", "about", made)
    draft.commit()
    house.begin()
    assert isinstance(store, MemoryStore)
    left = {vault: tables for vault, tables in store._vaults.items() if house.ana in str(tables)}
    assert not left


def test_a_disk_that_fails_meanwhile_costs_no_receipt(house: House, monkeypatch):
    def full(vault: str) -> None:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(house.hub.store, "drop", full)
    receipt = house.begin()
    waiting = [c for c in house.erasures.receipt(receipt)["copies"] if c["where"] == "store"]
    assert all(copy["state"] == "waiting" for copy in waiting)
    monkeypatch.undo()
    house.hub.profiles.finish()
    done = [c for c in house.erasures.receipt(receipt)["copies"] if c["where"] == "store"]
    assert all(copy["state"] == "erased" for copy in done)
    assert house.hub.store.vaults("customer/") == []


def test_over_http_staff_erase_and_whoever_has_the_id_reads_the_receipt(desk: Desk):
    ana = desk.welcome()
    path = f"/api/customers/{ana}/erasures"
    assert desk.stranger.post(path).status_code == 401
    made = desk.staff.post(path)
    assert (made.status_code, made.json()["state"]) == (201, "open")
    found = desk.stranger.get(f"/api/receipts/{made.json()['id']}").json()
    assert check(found) == desk.stranger.get("/api/receipts/key").json()["fingerprint"]
    assert desk.stranger.get(f"/api/receipts/{ana}").status_code == 404
    assert desk.staff.get(f"/api/customers/{ana}").status_code == 404
    assert desk.staff.post("/api/devices/lamp-1/lost").json() == {"lost": "lamp-1", "receipts": 1}
    assert desk.staff.post("/api/devices/lamp-9/lost").status_code == 404
