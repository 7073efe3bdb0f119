"""How people come in: by links, passwords, invitations; how they are shut out, and leave."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from hub.access.door import SECURE_COOKIE, SESSION_COOKIE
from hub.access.who import ADMIN, CUSTOMER, SUPPORT, Who
from tests.hub.house import HOST, PASSWORD, Target


@pytest.fixture
def target() -> Iterator[Target]:
    target = Target()
    with target.browser:
        yield target


def test_a_link_that_was_used_is_used(target):
    token = target.parts.access.link()
    assert target.browser.get(f"/start/{token}").status_code == 303
    target.browser.cookies.clear()
    assert target.browser.get(f"/start/{token}").status_code == 401


def test_an_invitation_works_once_and_not_for_another(target):
    token = target.parts.access.invitations.begin(Who(SUPPORT, "Sue"))
    sent = {"name": "Ada", "password": PASSWORD, "role": ADMIN}
    assert target.post(f"/invitation/{token}", sent).headers["location"] == "/"
    assert target.parts.accounts.check_staff("Sue").who == Who(SUPPORT, "Sue")
    assert target.parts.accounts.check_staff("Ada").who.role == ADMIN
    target.browser.cookies.clear()
    assert target.post(f"/invitation/{token}", sent).status_code == 401
    for other in ("", "x", "0" * 64, "../" * 5, "%00"):
        answer = target.post(f"/invitation/{other}", sent)
        assert answer.status_code in (401, 404)


def test_a_session_is_new_when_somebody_signs_in_and_the_planted_one_ends(target):
    planted = target.parts.access.begin(Who(SUPPORT, "Eve"))
    target.browser.cookies.set(SESSION_COOKIE, planted)
    assert target.sign_in().status_code == 303
    given = target.browser.cookies.get(SESSION_COOKIE, domain="testserver.local")
    assert given != planted
    assert target.parts.access.who(given) == Who(ADMIN, "Ada")
    assert target.parts.access.who(planted) is None


def test_a_cookie_that_somebody_made_up_is_no_session(target):
    for made in ("x", "0" * 64, "administrator", "", "None", "null", "true"):
        headers = {"Cookie": f"{SESSION_COOKIE}={made}"}
        assert target.browser.get("/api/customers", headers=headers).status_code == 401


def test_by_https_the_cookie_is_for_this_host_only_and_the_plain_one_is_none(target):
    secure = TestClient(target.app, base_url="https://testserver", follow_redirects=False)
    sent = {"name": "Ada", "password": PASSWORD}
    answer = secure.post("/sign-in", data=sent, headers={"Origin": "https://testserver"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{SECURE_COOKIE}=")
    for part in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    session = target.parts.access.begin(Who(ADMIN, "Ada"))
    stranger = TestClient(target.app, base_url="https://testserver")
    headers = {"Cookie": f"{SESSION_COOKIE}={session}"}
    assert stranger.get("/api/customers", headers=headers).status_code == 401


def test_every_answer_has_the_headers_that_close_a_page(target):
    for path in ("/health", "/", "/sign-in", "/api/customers", "/nowhere"):
        headers = target.browser.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["permissions-policy"].startswith("bluetooth=(self)")
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "strict-transport-security" not in headers


def test_who_is_unknown_and_who_mistyped_are_told_the_same(target):
    wrong, unknown = target.sign_in("Ada", "a sentence is bad"), target.sign_in("Eve", PASSWORD)
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("Ada", "Eve") == unknown.text


def test_a_password_is_tried_five_times_a_minute_whatever_the_letters(target):
    tried = [target.sign_in(name, "wrong again") for name in ("Ada", "ADA", "ada ", "aDa", "AdA")]
    assert [answer.status_code for answer in tried] == [401] * 5
    assert target.sign_in().status_code == 429
    assert target.sign_in("Sam").status_code == 303


def test_an_address_tries_twenty_times_a_minute_whatever_the_names(target):
    for number in range(20):
        answer = target.post("/sign-in", {"name": f"name {number}", "password": "x"})
        assert answer.status_code == 401
    assert target.sign_in().status_code == 429


def test_who_is_removed_from_the_staff_is_signed_out(target):
    target.sign_in("Sam")
    assert target.browser.get("/").status_code == 200
    assert target.staff.delete("/api/staff/sam").json() == {"removed": "Sam"}
    assert target.browser.get("/").status_code == 401
    assert target.sign_in("Sam").status_code == 401
    assert target.staff.delete("/api/staff/Ada").status_code == 409


def test_a_session_that_was_signed_out_is_over(target):
    target.sign_in()
    session = target.browser.cookies[SESSION_COOKIE]
    token = {"form_token": target.parts.access.form_token(session)}
    assert target.post("/sign-out", {"form_token": "x"}).status_code == 403
    assert target.post("/sign-out", token).headers["location"] == "/sign-in"
    headers = {"Cookie": f"{SESSION_COOKIE}={session}"}
    assert target.browser.get("/", headers=headers).status_code == 401


def test_a_new_invitation_takes_the_place_of_what_was_lost(target):
    target.sign_in("Sam")
    token = target.parts.access.invitations.begin(Who(SUPPORT, "Sam"))
    other = TestClient(target.app, follow_redirects=False)
    sent = {"password": "another good sentence"}
    assert other.post(f"/invitation/{token}", data=sent, headers=HOST).status_code == 303
    assert target.browser.get("/").status_code == 401
    assert target.sign_in("Sam").status_code == 401
    assert target.sign_in("Sam", "another good sentence").status_code == 303


def test_a_customer_signs_in_by_address_or_number_and_comes_to_their_own_page(target):
    made = target.staff.post(f"/api/customers/{target.ana}/invitation").json()["link"]
    path = made.removeprefix("http://testserver")
    assert "Ana" in target.browser.get(path).text
    answer = target.post(path, {"password": "a lamp that knows me"})
    assert answer.headers["location"] == "/mine"
    target.browser.cookies.clear()
    assert target.sign_in(target.ana, "a lamp that knows me").headers["location"] == "/mine"
    session = target.browser.cookies[SESSION_COOKIE]
    assert target.parts.access.who(session) == Who(CUSTOMER, "Ana", target.ana)


def test_a_passkey_that_was_never_made_opens_nothing(target):
    options = target.browser.post("/sign-in/passkey/options", headers=HOST, json={}).json()
    assert len(options["challenge"]) >= 43
    for answer in (
        {},
        {"id": "x", "response": {}},
        {"id": "x", "response": {"userHandle": "QWRh", "clientDataJSON": "e30"}},
        {"id": [], "response": "x"},
        {"id": "x", "response": {"userHandle": "////", "clientDataJSON": 7}},
    ):
        told = target.browser.post("/sign-in/passkey", headers=HOST, json=answer)
        assert told.status_code in (401, 422, 429)
    account = target.parts.accounts.check_staff("Ada")
    passkey = {"id": "eA", "key": "eA", "count": 0}
    target.parts.accounts.keep(account._replace(passkeys=(passkey,)))
    handle = account.handle.encode()
    said = {"userHandle": _text(handle), "clientDataJSON": _text(b'{"challenge":"AAAA"}')}
    told = target.browser.post(
        "/sign-in/passkey", headers=HOST, json={"id": "eA", "response": said}
    )
    assert told.status_code == 422


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def test_support_sees_devices_first_then_everything_and_the_customer_sees_why(target):
    target.sign_in("Sam")
    token = {"form_token": target.parts.access.form_token(target.browser.cookies[SESSION_COOKIE])}
    page, why = f"/customers/{target.ben}", f"/customers/{target.ben}/reason"
    assert target.browser.get(page).headers["location"] == why
    covered = target.browser.get(why).text
    assert "lamp-1" in covered and "Secret" not in covered
    told = target.post(why, token | {"reason": "They called or wrote"})
    assert told.headers["location"] == why
    covered = target.browser.get(why).text
    assert "Show everything" in covered and "Secret" not in covered
    assert target.browser.get(page).headers["location"] == why
    assert target.post(f"{page}/unmask", token).headers["location"] == page
    opened = target.browser.get(page).text
    assert "Ben Secret" in opened and "They called or wrote" in opened
    looked = target.parts.audit.about(target.ben)
    assert {(one["who"], one["reason"]) for one in looked} == {("Sam", "They called or wrote")}
    assert target.post(f"{page}/close", token).headers["location"] == "/"
    assert target.browser.get(page).headers["location"] == why


def test_a_search_of_support_covers_addresses(target):
    headers = target.headers(SUPPORT)
    for path in ("/", "/api/customers?q=secret"):
        found = target.browser.get(path, headers=headers).text
        assert "Ben Secret" in found and "ben-secret@" not in found
    assert "ben-secret@" in target.staff.get("/api/customers?q=secret").text


def test_an_export_is_given_twice_an_hour(target):
    headers = target.headers(SUPPORT)
    path = f"/api/customers/{target.ben}/export"
    statuses = [target.browser.get(path, headers=headers).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert target.staff.get(path).status_code == 200


def test_where_a_weakness_is_reported_is_said_where_it_is_set(target):
    assert target.browser.get("/.well-known/security.txt").status_code == 404
    target.parts.public = target.parts.public._replace(security_contact="mailto:x@example.org")
    said = target.browser.get("/.well-known/security.txt").text
    assert said.startswith("Contact: mailto:x@example.org\nExpires: 20")
