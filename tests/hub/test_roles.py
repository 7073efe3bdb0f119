"""Every route by every role and by nobody, as hub/access/roles.py says: no more, and no less."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from hub.access.roles import HOME, HOUSEHOLD, ROWS
from hub.access.who import CUSTOMER, ROLES, SUPPORT
from hub.api.answers import Json
from hub.api.permit import NOT_SIGNED_IN
from tests.hub.house import House, routes_of
from tests.hub.test_api import KEY, Desk

_REFUSED = (401, 403)


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    with TestClient(house.app):
        yield house


def test_every_route_has_a_row_and_every_row_a_route():
    routes = routes_of(Desk().app)
    assert len(routes) > 80
    assert routes - set(ROWS) == set(), "add a row to hub/access/roles.py"
    assert set(ROWS) - routes == set(), "no such route"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_ask_what_its_rows_say_and_nothing_else(house, role):
    for route, row in sorted(ROWS.items()):
        headers = house.headers(role)  # a session of its own: some routes end it
        status, body = house.asked(route, headers, customer=_there(house))
        allowed = role in row.roles or row.everybody or (role == CUSTOMER and _own(row.roles))
        refused = f"This is not for {role}s" in body
        assert refused != allowed, (route, role, status, body)
        assert status < 500, (route, role, status, body)


def _own(roles: frozenset[str]) -> bool:
    """Ana, whose session it is, owns lamp-1."""
    return HOUSEHOLD in roles


def _there(house: House) -> str:
    """Some customer: the walk forgets them on its way."""
    found = house.parts.profiles.search("Ben")
    return found[0]["id"] if found else house.parts.profiles.welcome("Ben")


def test_nobody_may_ask_only_what_everybody_may(house):
    for route, row in sorted(ROWS.items()):
        status, body = house.asked(route, {"Origin": "http://testserver"})
        signed_out = status == 401 and NOT_SIGNED_IN in body
        assert signed_out != row.everybody, (route, status, body)


def test_the_staff_key_may_what_an_administrator_may(house):
    for route, row in sorted(ROWS.items()):
        status, body = house.asked(route, {"Authorization": f"Bearer {KEY}"}, customer=house.ana)
        refused = "This is not for administrators" in body
        assert refused == ("administrator" not in row.roles and not row.everybody), (route, status)


def test_a_customer_is_the_sessions_customer_whatever_the_path_says(house):
    for route in ROWS:
        if "{customer}" in route:
            status, _ = house.asked(route, house.headers(CUSTOMER), customer=house.ana)
            assert status in _REFUSED, route


def test_only_who_owns_a_device_manages_who_is_there(house):
    owners = [route for route, row in ROWS.items() if HOUSEHOLD in row.roles]
    assert owners
    for route in owners:
        for customer, allowed in ((house.ana, True), (house.ben, False)):
            status, body = house.asked(route, house.headers(CUSTOMER, customer))
            assert ("This is not for customers" not in body) == allowed, (route, status, body)
        status, _ = house.asked(route, house.headers(CUSTOMER), device="lamp-9")
        assert status in _REFUSED


def test_every_role_has_a_home_that_it_may_see(house):
    for role in ROLES:
        assert role in ROWS[f"GET {HOME.get(role, '/')}"].roles, role


def test_a_route_that_somebody_forgets_to_allow_answers_nobody(house):
    async def leak() -> Json:
        return Json({"everything": "known"})

    house.app.add_api_route("/api/leak", leak)
    house.app.add_route("/leak", lambda request: Json({"everything": "known"}))
    for headers in ({}, {"Authorization": f"Bearer {KEY}"}, house.headers(SUPPORT)):
        for path in ("/api/leak", "/leak"):
            status, body = house.asked(f"GET {path}", headers)
            assert status in _REFUSED
            assert "known" not in body


def test_what_support_looks_at_or_changes_wants_a_reason(house):
    headers = {n: v for n, v in house.headers(SUPPORT).items() if n != "X-Reason"}
    asked = [
        route
        for route, row in ROWS.items()
        if SUPPORT in row.roles and "{customer}" in route and row.what
    ]
    assert len(asked) > 25
    for route in asked:
        status, body = house.asked(route, headers, customer=house.ben)
        assert status in (303, 403), (route, status)
        assert "Say why" in body
    assert house.parts.audit.about(house.ben) == []
    status, _ = house.asked("GET /api/customers/{customer}", headers | {"X-Reason": "Ben called"})
    assert status == 200
    assert [one["reason"] for one in house.parts.audit.about(house.ben)] == ["Ben called"]


def test_support_does_not_see_who_does_not_want_it(house):
    house.parts.consents.say(house.ben, "support", False, "Ben")
    status, body = house.asked("GET /api/customers/{customer}", house.headers(SUPPORT))
    assert (status, "does not want" in body) == (403, True)
    status, _ = house.asked("GET /api/customers/{customer}", {"Authorization": f"Bearer {KEY}"})
    assert status == 200
