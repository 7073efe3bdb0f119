"""Updates over HTTP and at the desk."""

import inspect
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from hub.api import updates as api
from hub.api.edge import MOST_BODY
from hub.app import create_app
from hub.pages import updates as pages
from protocol import messages, topics
from protocol.update import STATES, Progress
from tests.hub.test_api import Desk
from tests.hub.test_rollout import bundle

FORM_TOKEN = re.compile('name="form_token" value="([^"]+)"')


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    with desk.staff:
        for number in range(4):
            desk.staff.post("/api/devices", json={"id": f"lamp-{number}", "product": "lamp"})
        yield desk


def say(desk: Desk, device: str, state: str, text: str = "") -> None:
    said = messages.encode(Progress(2, STATES.index(state), 1_000, text))
    desk.link.deliver(device, topics.PROGRESS, said)


def test_an_update_is_published_watched_stopped_and_gone_on_with(desk: Desk):
    staff, content = desk.staff, bundle().content()
    assert staff.get("/api/updates").json() == {"updates": []}
    assert staff.get("/api/updates/lamp").status_code == 404
    begun = staff.post("/api/updates?percent=50&only=lamp-*&only=x&at_once=7", content=content)
    assert begun.status_code == 201
    assert (begun.json()["percent"], begun.json()["only"], begun.json()["at_once"]) == (
        50.0, ["lamp-*", "x"], 7,
    )  # fmt: skip
    assert staff.post("/api/updates", content=content).status_code == 409
    say(desk, "lamp-1", "fetching")
    say(desk, "lamp-2", "rolled_back")
    about = staff.get("/api/updates/lamp").json()
    assert [(one["id"], one["state"]) for one in about["devices"]] == [
        ("lamp-1", "fetching"), ("lamp-2", "rolled_back"),
    ]  # fmt: skip
    notes = [note["text"] for note in staff.get("/api/devices/lamp-2").json()["notes"]]
    assert notes == ["Version 2 did not prove itself, and the version before runs again."]
    assert staff.post("/api/updates/lamp/stop").json()["state"] == "stopped"
    assert staff.post("/api/updates/lamp/go", json={"percent": 100}).json()["state"] == "running"
    listed = staff.get("/api/updates").json()["updates"]
    assert [(one["product"], one["version"], one["percent"]) for one in listed] == [
        ("lamp", 2, 100.0)
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [("percent=101", "percent"), ("at_once=0", "at_once"), ("stop_failed=x", "stop_failed")],
)
def test_a_stage_that_is_none_is_refused_by_name(desk: Desk, query: str, field: str):
    answer = desk.staff.post(f"/api/updates?{query}", content=bundle().content())
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_what_is_no_bundle_is_refused_with_what_to_do(desk: Desk):
    for content in (b"", b"{}", bundle().content()[:-1]):
        answer = desk.staff.post("/api/updates", content=content)
        assert (answer.status_code, answer.json()["field"]) == (422, "bundle")
        assert "make it again" in answer.json()["error"]
    assert desk.staff.post("/api/updates", content=bytes(MOST_BODY + 1)).status_code == 413


def test_the_desk_shows_how_far_it_is_and_can_stop_it(desk: Desk):
    browser = TestClient(desk.app, headers={"Accept": "text/html"})
    browser.get(f"/start/{desk.parts.access.link()}")
    assert "No product has been updated yet" in browser.get("/updates").text
    desk.staff.post("/api/updates", content=bundle().content())
    assert "No device was asked yet" in browser.get("/updates/lamp").text
    say(desk, "lamp-1", "done")
    say(desk, "lamp-2", "failed", "<b>rot</b>")
    assert "Lamp, version 2" in browser.get("/updates").text
    shown = browser.get("/updates/lamp").text
    assert "1 has it" in shown
    assert "&lt;b&gt;rot&lt;/b&gt;" in shown and "<b>rot</b>" not in shown
    assert shown.index("lamp-2") < shown.index("lamp-1"), "who failed comes first"
    found = FORM_TOKEN.search(shown)
    assert found
    assert browser.post("/updates/lamp/stop", data={}).status_code == 403
    browser.post("/updates/lamp/stop", data={"form_token": found[1]})
    assert "stopped at the desk" in browser.get("/updates/lamp").text
    browser.post("/updates/lamp/go", data={"form_token": found[1]})
    assert desk.parts.updates.rollouts()[0]["state"] == "running"


def test_routes_are_async_and_closed_to_strangers():
    stranger = TestClient(create_app(Desk().parts))
    routes = [*api.router.routes, *pages.router.routes]
    assert len(routes) == 9
    for route in routes:
        assert inspect.iscoroutinefunction(route.endpoint), route.path
        method = next(iter(route.methods))
        assert stranger.request(method, route.path).status_code == 401
