"""What people say no to is not done: not at the hub, not on the device, not on the wire."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from hub.errors import InvalidError, UnknownCustomerError
from hub.people.identities import Identities
from hub.privacy.consent import PURPOSES
from hub.privacy.consents import Consents
from protocol import chain, events, presence
from protocol.events import decode_event
from protocol.product import read_product
from tests.hub.living import Hub
from tests.hub.test_api import Desk
from tests.hub.test_api import desk as desk
from tests.journeys.home import Home, Lamp

LAMP = "lamp-1"
OFF = ("cohort", "holdout", "service")
NOISE = ("time", "clock", "revision", "tip", "totals", "spare")  # of the device itself


class AtHome:
    """Ana with one lamp whose wire is listened to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, Home(folder, [LAMP])
        self.lamp: Lamp = self.home.lamps[LAMP]
        self.ana = self.home.welcome("Ana")
        self.home.quiet()
        self.consents = Consents(self.home.hub.profiles.office)
        self.wire = b""
        heard = self.home.hub.ingest.heard

        def listening(batch):
            self.wire += b"".join(message.payload for message in batch)
            return heard(batch)

        self.home.hub.ingest.heard = listening  # type: ignore[method-assign]

    @property
    def subject(self) -> bytes:
        return self.home.subject(self.ana, LAMP)

    def say(self, purpose: str, yes: bool) -> None:
        """It is in force when the lamp has confirmed it: nothing else is waited for."""
        self.consents.say(self.ana, purpose, yes, "Ana")
        assert self.waiting(purpose) == [LAMP]
        for _ in range(3):
            self.home.exchange()
        assert self.waiting(purpose) == []

    def waiting(self, purpose: str) -> list[str]:
        found = {one["purpose"]: one["waiting"] for one in self.consents.of(self.ana)}
        return found[purpose]

    def visit(self, code: int) -> int:
        """What is applied, before a hand sets it to `code`."""
        if self.lamp.knows(self.subject):  # else the radio has no table to find them in
            self.lamp.near(self.subject)
        applied = self.lamp.runtime.driver.codes[0]
        self.lamp.runtime.set(0, code)
        self.home.pass_ms(3_000)
        self.lamp.away()
        self.home.quiet()
        return applied

    def flash(self) -> dict[str, bytes]:
        """All that is in it of people, and all of the journal."""
        files = [path for path in (self.folder / LAMP).rglob("*") if path.is_file()]
        return {str(path): path.read_bytes() for path in files if path.name not in NOISE}

    def told(self) -> list[events.Event]:
        """Every event of Ana's in the journal, whether the hub has it already or not."""
        journal = self.lamp.runtime.journal
        records = journal.records(journal.first, 1000, 1 << 20)
        found = [decode_event(payload) for _, kind, payload in records if kind == chain.EVENT]
        return [event for event in found if event.subject == self.subject]


@pytest.fixture
def at(tmp_path: Path) -> Iterator[AtHome]:
    at = AtHome(tmp_path)
    yield at
    for lamp in at.home.lamps.values():
        lamp.power_off()


def test_what_enrolling_asks_for_is_on_and_all_else_is_off_until_they_say_so(at: AtHome):
    found = at.consents.of(at.ana)
    assert [one["purpose"] for one in found] == list(PURPOSES)
    assert {one["purpose"] for one in found if not one["given"]} == set(OFF)
    assert all(one["title"] and one["help"].endswith(".") for one in found)
    assert all((one["since_ms"] is None) == (one["purpose"] in OFF) for one in found)


def test_what_was_said_is_kept_with_time_author_and_the_version_of_the_words(at: AtHome):
    for yes in (True, False):
        at.home.hub.now_ms += 1000
        at.consents.say(at.ana, "service", yes, " Ana ")
    service = next(one for one in at.consents.of(at.ana) if one["purpose"] == "service")
    assert (service["given"], service["by"], service["words"]) == (False, "Ana", 1)
    assert service["since_ms"] == at.home.hub.now_ms
    history = at.consents.history(at.ana)
    assert [(one["purpose"], one["given"]) for one in history] == [
        ("service", False),
        ("service", True),
    ]
    assert at.home.hub.texts(at.ana)[0].startswith("No longer agreed: You may write to me")


def test_words_that_make_no_sense_change_nothing(at: AtHome):
    for purpose, by in (("fun", "Ana"), ("learn", " "), ("learn", "x" * 65)):
        with pytest.raises(InvalidError):
            at.consents.say(at.ana, purpose, False, by)
    with pytest.raises(UnknownCustomerError):
        at.consents.may("c-000000000000", "learn")
    assert at.consents.history(at.ana) == []


def test_without_learn_no_hand_is_recorded_and_only_what_was_asked_for_is_applied(at: AtHome):
    at.visit(35)
    at.home.quiet()
    assert at.visit(35) == 35, "learned"
    at.say("learn", False)
    before, wire = len(at.told()), len(at.wire)
    assert at.visit(80) == 60, "the product's own"
    news = at.told()[before:]
    assert [event.kind for event in news] == [events.VISIT]
    assert news[0].body[2] == (), "of no setting a word"
    assert at.wire[wire:], "the visit itself is told"
    at.home.hub.profiles.wish(at.ana, "lamp", "brightness", 20, "Ana", own=True)
    at.home.quiet()
    assert at.visit(80) == 20, "what was asked for in words"
    at.say("learn", True)
    at.home.hub.profiles.wish(at.ana, "lamp", "brightness", None, "Ana", own=True)
    at.home.quiet()
    assert at.visit(35) == 35, "what was learned before was kept"


def test_a_hand_that_still_moves_when_the_no_arrives_is_not_recorded(at: AtHome):
    at.lamp.near(at.subject)
    at.lamp.runtime.set(0, 80)
    at.say("learn", False)
    at.home.pass_ms(3_000)
    at.lamp.away()
    at.home.quiet()
    assert [event.kind for event in at.told()] == [events.VISIT]


def test_without_remember_flash_is_the_same_after_a_visit_and_the_wire_names_nobody(at: AtHome):
    at.visit(35)
    at.say("remember", False)
    assert not at.lamp.knows(at.subject)
    before, wire = at.flash(), len(at.wire)
    lines = at.home.hub.texts(at.ana)
    assert not any(at.subject.hex() in path for path in before)
    assert at.visit(80) == 60
    assert at.flash() == before
    assert at.subject not in at.wire[wire:]
    assert at.home.hub.texts(at.ana) == lines
    at.say("remember", True)
    assert at.visit(35) == 35, "what the hub had kept is there again"


def test_a_wish_or_new_keys_bring_nobody_back_who_does_not_want_to_be_remembered(at: AtHome):
    at.say("remember", False)
    at.home.hub.profiles.wish(at.ana, "lamp", "brightness", 20, "Sam")
    at.home.hub.now_ms += 86_400_000
    at.home.hub.profiles.refresh_keys([LAMP])
    at.lamp.power_on()
    at.home.quiet()
    assert not at.lamp.knows(at.subject)


def test_without_recognise_no_key_to_recognise_them_is_in_flash(at: AtHome):
    at.visit(35)
    master = bytes.fromhex(at.home.hub.profiles.credential(at.ana)["master"])
    keys = [key for _, key in presence.period_keys(master, at.home.hub.now_ms // 1000)]
    assert any(key in b"".join(at.flash().values()) for key in keys)
    at.say("recognise", False)
    assert not any(key in b"".join(at.flash().values()) for key in keys)
    assert at.lamp.knows(at.subject), "they may still say who they are"
    at.say("recognise", True)
    assert all(key in b"".join(at.flash().values()) for key in keys)


def test_what_a_lamp_records_that_has_not_heard_yet_is_not_taken_in(at: AtHome):
    for purpose in ("learn", "remember"):
        at.lamp.online = False
        at.consents.say(at.ana, purpose, False, "Ana")
        at.lamp.near(at.subject)
        at.lamp.runtime.set(0, 80)
        at.home.pass_ms(3_000)
        at.lamp.away()
        assert at.lamp.runtime.journal.waiting()
        lines = at.home.hub.texts(at.ana)
        at.home.quiet()
        news = [text for text in at.home.hub.texts(at.ana) if text not in lines]
        assert not [text for text in news if "80" in text]
        assert len(news) == (1 if purpose == "learn" else 0), "that there was a visit"


def test_a_person_of_two_identities_says_it_for_both(at: AtHome):
    profiles = at.home.hub.profiles
    work = profiles.welcome("Ana at work")
    at.consents.say(work, "share", False, "Ana")
    identities = Identities(profiles.office)
    identities.link(at.ana, identities.prove(at.ana), work, identities.prove(work))
    assert not at.consents.may(at.ana, "share"), "one no is enough"
    at.consents.say(at.ana, "share", True, "Ana")
    assert at.consents.may(at.ana, "share") and at.consents.may(work, "share")


def test_over_http_it_is_read_and_said_by_everybody_but_strangers(desk: Desk):
    ana = desk.welcome()
    path = f"/api/customers/{ana}/consents"
    told = {"purpose": "cohort", "given": True, "by": "Ana"}
    consents = desk.staff.post(path, json=told).json()["consents"]
    assert {one["purpose"]: one["given"] for one in consents}["cohort"]
    assert desk.staff.get(path).json()["consents"] == consents
    assert desk.staff.get(f"{path}/history").json()["history"][0]["by"] == "Ana"
    assert desk.staff.post(path, json=told | {"purpose": "fun"}).status_code == 422
    assert desk.staff.post(path, json=told | {"by": " "}).status_code == 422
    assert desk.stranger.get(path).status_code == 401
    assert desk.parts.histories.export(ana)["identities"][0]["consents"]["cohort"]["given"]


BULB, SPOT = (
    read_product(
        {
            "product": name,
            "settings": [
                {"kind": "number", "name": "glow", "trait": "light.glow", "low": 0, "high": 100,
                 "step": 5, "unit": "%", "start": 60}
            ],
        }
    )
    for name in ("bulb", "spot")
)  # fmt: skip


class Lights(Hub):
    products: ClassVar = {"bulb": BULB, "spot": SPOT}


def test_without_share_no_product_tells_another():
    hub = Lights()
    ana, consents = hub.profiles.welcome("Ana"), Consents(hub.profiles.office)
    for name in ("bulb", "spot"):
        hub.profiles.register(f"{name}-1", name)
        hub.profiles.link(ana, f"{name}-1")
    hub.profiles.wish(ana, "bulb", "glow", 25, "Ana", own=True)

    def at_the_spot() -> tuple[int, str]:
        lines = hub.profiles.about(ana)["settings"]
        found = next(one for one in lines if one["product"] == "spot")
        return found["value"], found["source"]

    assert at_the_spot() == (25, "carried")
    consents.say(ana, "share", False, "Ana")
    assert at_the_spot() == (60, "default")
    consents.say(ana, "share", True, "Ana")
    assert at_the_spot() == (25, "carried")
