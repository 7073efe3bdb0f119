"""Undo, identities, export, replacement and the state of wishes, over HTTP."""

import asyncio
import json
import re

import pytest

from hub.link import Message
from protocol import chain, events, messages, topics
from protocol.events import ANSWERED, EXACT, VISIT, Event, encode_event
from protocol.messages import Events, Hello, Told
from tests.hub.living import NOON_MS
from tests.hub.test_api import WISH, Desk
from tests.hub.test_api import desk as desk

STREAM, BOOT = b"stream-1", b"boot"


class Lamp:
    """As much of a lamp as says what is needed here."""

    def __init__(self, desk: Desk, customer: str) -> None:
        self.desk, self.number = desk, 0
        credential = desk.staff.get(f"/api/customers/{customer}/credential").json()
        self.subject = bytes.fromhex(credential["devices"]["lamp-1"]["subject"])
        hello = Hello("lamp", 1, STREAM, BOOT, 1, chain.start(STREAM), 0, 0, None, None)
        self.say(topics.HELLO, hello)

    def say(self, kind, message):
        self.desk.parts.ingest.heard([Message("lamp-1", kind, messages.encode(message))])

    def told(self):
        row = self.desk.parts.profiles.device("lamp-1")
        assert row["waiting"]
        draft = self.desk.parts.profiles.office.draft()
        revision = draft.get("device/lamp-1", "state", "sync")["revision"]
        self.say(topics.TOLD, Told(revision, None))

    def event(self, kind, body):
        self.number += 1
        uid = BOOT + self.number.to_bytes(4, "big")
        stamp = (NOON_MS - 60_000 + self.number, 0)
        event = Event(kind, uid, stamp, EXACT, 1000, self.subject, self.number, body)
        self.say(topics.EVENTS, Events(STREAM, self.number, [(chain.EVENT, encode_event(event))]))

    def visit(self, code):
        self.event(VISIT, (2, 60, ((0, code, events.HAND, 60),), ()))


def value(desk, customer):
    return desk.staff.get(f"/api/customers/{customer}").json()["settings"][0]["value"]


def test_what_was_undone_is_gone_and_can_be_had_back(desk):
    ana = desk.welcome()
    Lamp(desk, ana).visit(35)
    assert value(desk, ana) == 35
    undone = desk.staff.post(f"/api/customers/{ana}/undo", json={"by": "Sam", "steps": 1})
    assert undone.status_code == 201
    assert value(desk, ana) == 60
    (line,) = undone.json()["lines"]
    again = desk.staff.post(f"/api/customers/{ana}/undo", json={"by": "Sam", "event": line})
    assert again.status_code == 201
    assert value(desk, ana) == 35


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"by": "Sam", "steps": 3}, 409),
        ({"by": "Sam"}, 422),
        ({"by": "", "steps": 1}, 422),
        ({"steps": 1}, 422),
        ({"by": "Sam", "event": 1}, 422),
        ({"by": "Sam", "event": 999}, 404),
        ({"by": "Sam", "steps": 0}, 422),
    ],
)
def test_what_can_not_be_undone_is_refused_with_a_sentence(desk, asked, status):
    answer = desk.staff.post(f"/api/customers/{desk.welcome()}/undo", json=asked)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")


def test_who_wrote_reads_their_own_word_at_once(desk):
    ana = desk.welcome()
    made = desk.staff.post(f"/api/customers/{ana}/wishes", json=WISH).json()
    assert value(desk, ana) == 35
    wish = desk.staff.get(f"/api/customers/{ana}/wishes/{made['id']}").json()
    assert (wish["state"], wish["value"]) == ("queued", 35)
    assert desk.staff.get(f"/api/customers/{ana}/wishes/99").status_code == 404


def test_each_state_of_a_wish_is_in_the_live_stream_when_it_is_there(desk):
    ana, seen = desk.welcome(), []

    async def listen():
        with desk.parts.changed.listening(0.05) as news:
            lamp = Lamp(desk, ana)
            lamp.told()  # the link
            desk.staff.post(f"/api/customers/{ana}/wishes", json=WISH)
            lamp.told()
            lamp.event(ANSWERED, (0, 35, events.APPLIED, 35))
            async for change in news:
                if change is None:
                    return
                if change[0] == "wish":
                    seen.append(json.loads(change[1]))

    asyncio.run(listen())
    assert [(one["customer"], one["state"]) for one in seen] == [
        (ana, "queued"), (ana, "delivered"), (ana, "applied")
    ]  # fmt: skip
    assert (
        desk.staff.get(f"/api/customers/{ana}/wishes/{seen[0]['id']}").json()["state"] == "applied"
    )


def test_two_customers_who_prove_it_are_one_and_can_part(desk):
    ana = desk.welcome()
    ben = desk.staff.post("/api/customers", json={"name": "Ana at work"}).json()["id"]
    codes = [desk.staff.post(f"/api/customers/{who}/proof").json()["code"] for who in (ana, ben)]
    asked = {"code": codes[0], "other": ben, "other_code": "guess"}
    assert desk.staff.post(f"/api/customers/{ana}/identities", json=asked).status_code == 422
    asked["other_code"] = codes[1]
    assert desk.staff.post(f"/api/customers/{ana}/identities", json=asked).status_code == 201
    assert [one["id"] for one in desk.staff.get(f"/api/customers/{ben}").json()["devices"]] == [
        "lamp-1"
    ]
    assert desk.staff.delete(f"/api/customers/{ben}/identities").status_code == 200
    assert desk.staff.get(f"/api/customers/{ben}").json()["devices"] == []
    assert desk.staff.delete(f"/api/customers/{ben}/identities").status_code == 409


def test_a_device_is_replaced_in_one_request(desk):
    ana = desk.welcome()
    desk.staff.post("/api/devices", json={"id": "lamp-2", "product": "lamp"})
    moved = desk.staff.post("/api/devices/lamp-1/replace", json={"by": "lamp-2"})
    assert (moved.status_code, moved.json()) == (201, {"moved": [ana]})
    assert [one["id"] for one in desk.staff.get(f"/api/customers/{ana}").json()["devices"]] == [
        "lamp-2"
    ]
    wrong = desk.staff.post("/api/devices/lamp-1/replace", json={"by": "lamp-9"})
    assert wrong.status_code == 404


def test_an_export_is_one_request_and_a_decision_another(desk):
    ana = desk.welcome()
    Lamp(desk, ana).visit(35)
    export = desk.staff.get(f"/api/customers/{ana}/export").json()
    assert export["format"] == "rapport-profile"
    lines = desk.staff.get(f"/api/customers/{ana}/timeline").json()["timeline"]
    (visit,) = [line["id"] for line in lines if line["kind"] == "visit"]
    answer = desk.staff.get(f"/api/customers/{ana}/visits/{visit}/decision")
    assert answer.status_code == 409
    assert "did not tell what it had decided" in answer.json()["error"]


def test_the_desk_has_a_button_that_undoes_a_line(desk):
    ana = desk.welcome()
    Lamp(desk, ana).visit(35)
    browser = desk.browser()
    page = browser.get(f"/customers/{ana}").text
    token = re.search(r'name="form_token" value="(\w+)"', page)
    line = re.search(r'name="event" value="(\d+)"', page)
    assert token
    assert line
    form = {"form_token": token[1], "event": line[1]}
    assert browser.post(f"/customers/{ana}/undo", data=form).status_code == 303
    assert value(desk, ana) == 60
    shown = browser.get(f"/customers/{ana}?done=undone").text
    assert "as if it had never happened" in shown
    assert "<s>" in shown
