"""What is worked out of what people do, over HTTP."""

import csv
import io
from xml.etree import ElementTree

import pytest

from tests.hub.test_api import Desk
from tests.hub.test_api import desk as desk
from tests.hub.test_api_histories import Lamp


@pytest.fixture
def ana(desk: Desk) -> str:
    ana = desk.welcome()
    lamp = Lamp(desk, ana)
    for _ in range(4):
        lamp.visit(35)
    return ana


def test_a_person_reads_whether_it_helps_what_it_costs_and_what_it_saves(desk, ana):
    (lamp,) = desk.staff.get(f"/api/customers/{ana}/insight").json()["products"]
    assert (lamp["product"], lamp["helps"]["verdict"]) == ("lamp", "too early")
    assert lamp["ledger"]["visits"] == 4
    assert lamp["ledger"]["saved_beside_default"] == 0
    assert lamp["signs"] == []
    assert desk.staff.get("/api/customers/c-000000000000/insight").status_code == 404


def test_a_product_of_which_too_few_agreed_says_only_that(desk, ana):
    assert desk.staff.get("/api/insight/lamp").json()["reckoned_ms"] is None
    assert desk.staff.post("/api/insight").json() == {"customers": 0}
    document = desk.staff.get("/api/insight/lamp").json()
    assert document["customers"] is None
    assert document["said"] == "Fewer than 10 customers who use it agreed to it."
    assert document["ledger"] is None and document["curve"] == []
    assert desk.staff.get("/api/insight/toaster").status_code == 404


def test_differences_come_as_a_table_and_a_picture_too(desk, ana):
    one = {"group": "who are new", "about": "brightness", "what": "brightness", "part": "evening",
           "unit": "%", "mean": 35.0, "others_mean": 60.0, "effect": -1.0, "sure": 0.6,
           "customers": 12, "others": 40, "text": "brightness, evening: <b>"}  # fmt: skip
    draft = desk.parts.profiles.office.draft()
    draft.put("hub", "insight", "lamp", {"differences": [one]})
    draft.commit()
    answer = desk.staff.get("/api/insight/lamp/differences.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["customers"], row["what"]) == ("12", "brightness")
    picture = desk.staff.get("/api/insight/lamp/differences.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    words = [part.text for part in ElementTree.fromstring(picture.text).iter() if part.text]
    assert "brightness, evening: <b>" in words, "whatever is in a name is only text"


def test_whoever_struggles_is_listed_with_the_signs_until_forgotten(desk, ana):
    for _ in range(3):
        desk.staff.post(f"/api/customers/{ana}/undo", json={"by": "Ana", "steps": 1})
    desk.staff.post("/api/insight")
    (one,) = desk.staff.get("/api/insight").json()["customers"]
    assert (one["customer"], one["name"]) == (ana, "Ana")
    assert [sign["kind"] for sign in one["signs"]] == ["takes_back"]
    desk.parts.profiles.forget(ana)
    assert desk.staff.get("/api/insight").json()["customers"] == []


def test_a_stranger_reads_nothing_of_it(desk, ana):
    for path in ("/api/insight", "/api/insight/lamp", f"/api/customers/{ana}/insight"):
        assert desk.stranger.get(path).status_code == 401
