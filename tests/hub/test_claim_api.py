"""Roles and lost phones over HTTP, and the button of the support desk."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from hub.access.door import Access
from hub.api.parts import Parts
from hub.app import create_app
from hub.link.memory import MemoryLink
from hub.store.memory import MemoryStore
from tests.hub.living import LAMP, NOON_MS, Dice

KEY = "the-staff-key"


@pytest.fixture
def parts() -> Parts:
    dice = Dice()
    return Parts(
        store=MemoryStore(),
        link=MemoryLink(),
        products={"lamp": LAMP},
        clock=lambda: NOON_MS,
        random=dice,
        access=Access(KEY, lambda: NOON_MS, dice),
    )


@pytest.fixture
def staff(parts: Parts) -> Iterator[TestClient]:
    with TestClient(create_app(parts), headers={"Authorization": f"Bearer {KEY}"}) as staff:
        yield staff


def owned(parts: Parts) -> str:
    parts.profiles.register("lamp-1", "lamp")
    ana = parts.profiles.welcome("Ana")
    parts.profiles.link(ana, "lamp-1", "owner")
    return ana


def test_an_owner_has_members_over_http(parts: Parts, staff: TestClient):
    ana, ben = owned(parts), parts.profiles.welcome("Ben")
    members = "/api/devices/lamp-1/members"
    asked = {"by": ana, "customer": ben, "role": "guest"}
    assert staff.post(members, json=asked).status_code == 422
    assert staff.post(members, json=asked | {"hours": 25}).status_code == 422
    assert staff.post(members, json=asked | {"by": ben, "hours": 2}).status_code == 404
    assert staff.post(members, json=asked | {"hours": 2}).status_code == 201
    found = {one["name"]: one["role"] for one in staff.get(members).json()["members"]}
    assert found == {"Ana": "owner", "Ben": "guest"}
    by_hand = f"{members}/{ana}/by-hand"
    assert staff.put(by_hand, json={"by": ben, "yes": False}).status_code == 409
    assert staff.put(by_hand, json={"by": ana, "yes": False}).json() == {"by_hand": False}
    assert staff.delete(f"{members}/{ana}", params={"by": ben}).status_code == 409
    assert staff.delete(f"{members}/{ben}", params={"by": ana}).status_code == 200
    assert len(staff.get(members).json()["members"]) == 1
    assert staff.get("/api/devices/lamp-9/members").status_code == 404


def test_a_lost_phone_is_revoked_over_http_and_by_the_button(parts: Parts, staff: TestClient):
    ana = owned(parts)
    before = parts.profiles.credential(ana)
    said = staff.post(f"/api/customers/{ana}/revoke").json()
    assert said["devices"][0]["id"] == "lamp-1" and not said["devices"][0]["online"]
    assert parts.profiles.credential(ana)["master"] != before["master"]
    assert staff.post("/api/customers/c-nobody/revoke").status_code == 404

    browser = TestClient(staff.app, follow_redirects=False)
    browser.get(f"/start/{parts.access.link()}")
    page = browser.get(f"/customers/{ana}").text
    token = re.search(r'name="form_token" value="(\w+)"', page)
    assert token and f"/customers/{ana}/revoke" in page
    master = parts.profiles.credential(ana)["master"]
    assert browser.post(f"/customers/{ana}/revoke", data={}).status_code == 403
    answer = browser.post(f"/customers/{ana}/revoke", data={"form_token": token[1]})
    assert answer.headers["location"].endswith("done=revoked#devices")
    assert parts.profiles.credential(ana)["master"] != master
    assert "lost phone" in browser.get(answer.headers["location"]).text
