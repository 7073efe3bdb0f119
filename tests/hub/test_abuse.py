"""Sixty ways in which somebody might try to get at what is not theirs. None of them works.

Each line of the table: what is tried, by whom, the request, and how it may be answered. Afterwards
Ben is still there, as he was, and nothing of him was said.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from hub.access.who import ADMIN, AUDITOR, CUSTOMER, FLEET, OPERATOR, SUPPORT
from tests.hub.house import PASSWORD, Target

_SPOOFS = {"X-Role": ADMIN, "X-User": "admin", "X-Original-URL": "/", "X-Forwarded-For": "::1"}
_LONG = "x" * 5000
_WISH = {"product": "lamp", "setting": "mood", "value": "calm", "by": "me"}

# (what is tried, by whom, method, path, what is sent besides, statuses)
_TABLE: list[tuple[str, str, str, str, dict[str, Any], set[int]]] = [
    # somebody else's id
    ("another's profile", CUSTOMER, "GET", "/api/customers/{ben}", {}, {403}),
    ("another's page", CUSTOMER, "GET", "/customers/{ben}", {}, {403}),
    ("one's own profile by the staff's door", CUSTOMER, "GET", "/api/customers/{ana}", {}, {403}),
    ("another's export", CUSTOMER, "GET", "/api/customers/{ben}/export", {}, {403}),
    ("another's credential", CUSTOMER, "GET", "/api/customers/{ben}/credential", {}, {403}),
    ("a wish for another", CUSTOMER, "POST", "/api/customers/{ben}/wishes", {"json": _WISH}, {403}),
    ("to forget another", CUSTOMER, "DELETE", "/api/customers/{ben}", {}, {403}),
    ("another's id in the query of one's own", CUSTOMER, "GET", "/api/me?customer={ben}", {},
     {200}),
    ("another's id in the body of one's own", CUSTOMER, "POST", "/api/me/wishes",
     {"json": _WISH | {"customer": "{ben}"}}, {422}),
    ("to undo a line of another", CUSTOMER, "POST", "/api/me/undo",
     {"json": {"event": 1, "of": "{ben}"}}, {404}),
    ("another's guest list", CUSTOMER, "GET", "/api/devices/lamp-1/members", {}, {403}),
    ("what everybody searches", CUSTOMER, "GET", "/api/customers?q=", {}, {403}),
    ("what changes at everybody's", CUSTOMER, "GET", "/api/changes", {}, {403}),
    # a role more than one's own
    ("accounts by support", SUPPORT, "POST", "/api/staff",
     {"json": {"name": "Sam", "role": ADMIN}}, {403}),
    ("a role in a field of a form", SUPPORT, "POST", "/staff",
     {"data": {"name": "Sam", "role": ADMIN}}, {403}),
    ("a role in a header", FLEET, "GET", "/api/customers/{ben}", {"headers": _SPOOFS}, {403}),
    ("a role in the query", FLEET, "GET", "/api/customers/{ben}?role=administrator", {}, {403}),
    ("a profile by the operator", OPERATOR, "GET", "/api/customers/{ben}", {}, {403}),
    ("a search by the auditor", AUDITOR, "GET", "/api/customers?q=Ben", {}, {403}),
    ("a device's people by the fleet", FLEET, "GET", "/api/devices/lamp-1", {}, {403}),
    ("who struggles by the fleet", FLEET, "GET", "/api/insight", {}, {403}),
    ("the audit by support", SUPPORT, "GET", "/api/audit", {}, {403}),
    ("a backup by support", SUPPORT, "GET", "/api/backup", {}, {403}),
    ("to remove an administrator", AUDITOR, "DELETE", "/api/staff/Ada", {}, {403}),
    ("a role that there is not", ADMIN, "POST", "/api/staff",
     {"json": {"name": "Eve", "role": "root"}}, {422}),
    ("a customer as staff", ADMIN, "POST", "/api/staff",
     {"json": {"name": "Eve", "role": CUSTOMER}}, {422}),
    # a look without its reason
    ("a look without a reason", SUPPORT, "GET", "/api/customers/{ben}", {}, {403}),
    ("an empty reason", SUPPORT, "GET", "/api/customers/{ben}", {"headers": {"X-Reason": "  "}},
     {403, 422}),
    ("a reason that says nothing", SUPPORT, "GET", "/api/customers/{ben}",
     {"headers": {"X-Reason": "x"}}, {422}),
    ("a reason too long to read", SUPPORT, "GET", "/api/customers/{ben}",
     {"headers": {"X-Reason": _LONG}}, {422}),
    ("a second line in the reason", SUPPORT, "POST", "/customers/{ben}/reason",
     {"data": {"other": "called\r\nSet-Cookie: rapport=x"}}, {422}),
    ("to uncover without a reason", SUPPORT, "POST", "/customers/{ben}/unmask", {"data": {}},
     {303}),
    # the path
    ("a path that climbs", SUPPORT, "GET", "/static/../../keys/master", {}, {401, 403, 404}),
    ("a path that climbs, encoded", SUPPORT, "GET", "/static/%2e%2e/%2e%2e/staff.key", {},
     {403, 404}),
    ("a path that climbs out of an id", ADMIN, "GET", "/api/customers/..%2f..%2fhub", {}, {404}),
    ("the vault of the hub as a customer", ADMIN, "GET", "/api/customers/hub", {}, {404}),
    ("an id that is a path", ADMIN, "GET", "/api/customers/%2Fetc%2Fpasswd", {}, {404}),
    ("an open path with more behind it", "nobody", "GET", "/health/../api/customers/{ben}", {},
     {401}),
    ("an open path before", "nobody", "GET", "/sign-in%2f..%2fapi%2fcustomers", {}, {401, 404}),
    ("two slashes", "nobody", "GET", "//api/customers/{ben}", {}, {401}),
    ("a slash at the end", "nobody", "GET", "/api/customers/{ben}/", {}, {401}),
    ("other letters", "nobody", "GET", "/API/customers/{ben}", {}, {401}),
    ("a null in the path", ADMIN, "GET", "/api/customers/c-1%00{ben}", {}, {404}),
    # the method
    ("another method in a header", CUSTOMER, "POST", "/api/me",
     {"headers": {"X-HTTP-Method-Override": "DELETE"}}, {405}),
    ("another method in the form", SUPPORT, "POST", "/customers/{ben}?_method=DELETE", {},
     {405}),
    ("TRACE", ADMIN, "TRACE", "/api/customers/{ben}", {}, {405}),
    ("HEAD instead of GET", CUSTOMER, "HEAD", "/api/customers/{ben}", {}, {403, 405}),
    # what a page of another site sends
    ("a form without its token", ADMIN, "POST", "/customers/{ben}/forget",
     {"data": {"name": "Ben Secret", "form_token": ""}}, {403}),
    ("a request without the token", ADMIN, "DELETE", "/api/customers/{ben}",
     {"headers": {"X-Form-Token": ""}}, {403}),
    ("from another site", ADMIN, "DELETE", "/api/customers/{ben}",
     {"headers": {"Origin": "https://evil.example"}}, {403}),
    ("from a page without origin", ADMIN, "DELETE", "/api/customers/{ben}",
     {"headers": {"Origin": "null"}}, {403}),
    ("from another site, as the browser says", ADMIN, "DELETE", "/api/customers/{ben}",
     {"headers": {"Sec-Fetch-Site": "cross-site"}}, {403}),
    ("to sign somebody in without their page", "nobody", "POST", "/sign-in",
     {"data": {"name": "Ada", "password": PASSWORD}, "headers": {"Origin": ""}}, {403}),
    # what is sent
    ("more than is taken", ADMIN, "POST", "/api/customers", {"content": b"x" * (300 << 10)},
     {413}),
    ("a length that is none", ADMIN, "POST", "/api/customers",
     {"content": b"{}", "headers": {"Content-Length": "-1"}}, {400, 413}),
    ("JSON without an end", ADMIN, "POST", "/api/customers", {"content": b"[" * 50_000},
     {422}),
    ("fields that nobody asked for", ADMIN, "POST", "/api/customers",
     {"json": {"name": "Eve", "id": "{ben}"}}, {422}),
    ("a name that turns the text round", ADMIN, "POST", "/api/customers",
     {"json": {"name": "Eve\u202enimda"}}, {422}),
    ("a null in a name", ADMIN, "POST", "/api/customers", {"json": {"name": "Eve\0"}}, {422}),
    ("half a letter", ADMIN, "POST", "/api/customers", {"content": b'{"name":"\\ud800"}'}, {422}),
    ("a cookie that is none", "nobody", "GET", "/api/customers/{ben}",
     {"headers": {"Cookie": 'rapport="\\"; rapport=; x'}}, {401}),
    ("two keys at once", "nobody", "GET", "/api/customers/{ben}",
     {"headers": {"Authorization": "Bearer the-staff-key, Bearer x"}}, {401}),
    ("a key in other letters", "nobody", "GET", "/api/customers/{ben}",
     {"headers": {"Authorization": "Bearer THE-STAFF-KEY"}}, {401}),
    ("a key by another scheme", "nobody", "GET", "/api/customers/{ben}",
     {"headers": {"Authorization": "Basic dGhlLXN0YWZmLWtleQ=="}}, {401}),
]  # fmt: skip


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    target = Target()
    with target.browser:
        yield target


def test_there_are_sixty_of_them():
    assert len(_TABLE) >= 60
    assert len({line[0] for line in _TABLE}) == len(_TABLE)


@pytest.mark.parametrize("line", _TABLE, ids=[line[0] for line in _TABLE])
def test_nobody_gets_at(target, line):
    _, by, method, path, sent, statuses = line
    answer = target.ask(by, method, path, sent)
    assert answer.status_code in statuses, answer.text
    assert "Secret" not in answer.text and "ben-secret" not in answer.text
    assert "rapport=x" not in answer.headers.get("set-cookie", "")
    about = target.parts.profiles.about(target.ben)
    assert (about["name"], len(about["devices"])) == ("Ben Secret", 1)
    assert [one["name"] for one in target.parts.accounts.staff()] == ["Ada", "Sam"]
    assert target.parts.profiles.search("Eve") == []
