"""Staff who sign in with their account at the firm, by a small provider on this machine."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from hub.access.door import SESSION_COOKIE
from hub.access.oidc import Firm, Provider
from hub.access.who import SUPPORT, Who
from tests.hub.living import NOON_MS
from tests.hub.test_api import Desk

_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})


class Sso:
    """What a provider does, and what it is told to do wrong."""

    def __init__(self) -> None:
        self.asked: dict[str, str] = {}
        self.wrong: dict[str, object] = {}
        self.key = _KEY
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def sign_in(self, address: str) -> str:
        """Where the provider sends a browser back to."""
        self.asked = {name: one[0] for name, one in parse_qs(urlsplit(address).query).items()}
        back = urlsplit(self.asked["redirect_uri"])
        return f"{back.path}?code=it-is-sam&state={self.asked['state']}"

    def places(self) -> dict:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def token(self, form: dict[str, list[str]]) -> dict:
        verifier = form["code_verifier"][0].encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).decode()
        assert challenge.rstrip("=") == self.asked["code_challenge"]
        assert (form["code"], form["client_secret"]) == (["it-is-sam"], ["secret"])
        claims = {
            "iss": self.issuer,
            "aud": "rapport",
            "sub": "7",
            "exp": NOON_MS // 1000 + 300,
            "nonce": self.asked["nonce"],
            "preferred_username": "sam",
            "groups": ["everybody", "desk"],
        } | self.wrong
        return {"id_token": jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sso = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                keys = {"keys": [_KEY.as_dict(private=False)]}
                self.say(keys if self.path == "/keys" else sso.places())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.say(sso.token(parse_qs(body)))

            def say(self, content: dict) -> None:
                body = json.dumps(content).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *said: object) -> None: ...

        return Handler


@pytest.fixture
def sso() -> Iterator[Sso]:
    sso = Sso()
    yield sso
    sso.close()


class Browser:
    def __init__(self, sso: Sso, clock=lambda: NOON_MS) -> None:
        desk = Desk()
        provider = Provider(sso.issuer, "rapport", "secret", {"desk": "support"})
        desk.parts.firm = Firm(provider, clock, desk.parts.random)
        self.sso, self.parts = sso, desk.parts
        self.client = TestClient(desk.app, follow_redirects=False)

    def go(self):
        return self.client.get("/sign-in/firm")

    def come_back(self):
        return self.client.get(self.sso.sign_in(self.go().headers["location"]))


def test_who_has_a_role_at_the_firm_is_let_in_with_it(sso):
    browser = Browser(sso)
    assert "Sign in with 127.0.0.1" in browser.client.get("/sign-in").text
    answer = browser.come_back()
    assert answer.status_code == 200
    assert answer.headers["refresh"] == "0; url=/"
    session = browser.client.cookies[SESSION_COOKIE]
    assert browser.parts.access.who(session) == Who(SUPPORT, "sam")
    assert browser.client.get("/").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://other.example"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"exp": NOON_MS // 1000 - 61},
        {"nonce": "replayed"},
        {"groups": ["everybody"]},
        {"groups": "nobody"},
        {"groups": None},
    ],
)
def test_what_is_not_said_for_this_hub_and_now_lets_nobody_in(sso, wrong):
    sso.wrong = wrong
    browser = Browser(sso)
    assert browser.come_back().status_code == 403
    assert SESSION_COOKIE not in browser.client.cookies


def test_what_another_key_signed_lets_nobody_in(sso):
    sso.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
    assert Browser(sso).come_back().status_code == 403


def test_a_way_back_is_used_once_and_by_the_browser_that_was_sent(sso):
    browser, other = Browser(sso), Browser(sso)
    back = sso.sign_in(browser.go().headers["location"])
    assert other.client.get(back).status_code == 403
    other.client.cookies.set("rapport-firm", "x")
    assert other.client.get(back).status_code == 403
    assert browser.client.get(back).status_code == 200
    assert browser.client.get(back).status_code == 403


def test_who_is_away_too_long_signs_in_again(sso):
    now = [NOON_MS]
    browser = Browser(sso, lambda: now[0])
    back = sso.sign_in(browser.go().headers["location"])
    now[0] += 10 * 60_000
    assert browser.client.get(back).status_code == 403


def test_without_a_provider_there_is_no_such_way(sso):
    client = TestClient(Desk().app, follow_redirects=False)
    assert client.get("/sign-in/firm").status_code == 404
    assert "Sign in with" not in client.get("/sign-in").text


def test_a_provider_that_is_away_or_without_https_is_told_in_a_sentence(sso):
    browser = Browser(sso)
    for issuer in ("http://127.0.0.1:1", "http://sso.example"):
        provider = Provider(issuer, "rapport", "secret", {})
        browser.parts.firm = Firm(provider, lambda: NOON_MS, browser.parts.random)
        answer = browser.go()
        assert answer.status_code == 403
        assert "https" in answer.text or "does not answer" in answer.text
