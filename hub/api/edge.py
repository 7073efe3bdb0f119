"""What every request passes first: size, who it is, and the headers of every answer.

Who may ask what is said behind it, for each route (hub/api/permit.py). What did not pass there does
not get out here, whatever was routed and whoever forgot what.
"""

from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.access.door import SECURE_COOKIE, SESSION_COOKIE, Access
from hub.access.roles import is_open
from hub.access.who import STAFF_KEY
from hub.api.answers import Json, refusal
from hub.api.permit import NOT_SIGNED_IN

MOST_BODY = 256 << 10  # bytes

_MOST_OF = {"/api/imports": 32 << 20}  # where more is taken than MOST_BODY
_START = "/start/"
_SAFE = ("GET", "HEAD", "OPTIONS")
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none';"
    " form-action 'self'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "bluetooth=(self), camera=(), geolocation=(), microphone=(), usb=()",
}
_ONLY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}


class Edge:
    """ASGI middleware. Behind it scope["state"] holds:

    session: the browser's, or "" for a program with a key.
    who: hub.access.who.Who; None where strangers may ask.
    permitted: whether hub.api.permit let it pass.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        send = with_headers(send, _HEADERS | (_ONLY_HTTPS if _is_https(scope) else {}))
        refused = self._refuse(scope)
        if refused:
            return await refused(scope, receive, send)
        receive = _limited(receive, _most(scope["path"]))
        return await self._app(scope, receive, _only_permitted(scope, receive, send))

    def _refuse(self, scope: Scope) -> Json | None:
        """The answer for who or what is not let in; else None."""
        headers, path = Headers(scope=scope), scope["path"]
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > _most(path):
            return _too_large(path)
        scope.setdefault("state", {}).update(session="", who=None, permitted=False)
        address = scope["client"][0] if scope.get("client") else ""
        if path.startswith(_START):
            return self._wait(address)
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._wait(address) or self._check_key(scope, key.strip(), address)
        return self._check_session(scope, headers)

    def _wait(self, address: str) -> Json | None:
        wait_s = self._access.must_wait_s(address)
        if not wait_s:
            return None
        sentence = f"Too many failed attempts; try again in {wait_s} seconds."
        return refusal(429, sentence, Retry_After=str(wait_s))

    def _check_key(self, scope: Scope, key: str, address: str) -> Json | None:
        if self._access.is_key(key):
            scope["state"]["who"] = STAFF_KEY
            return None
        self._access.failed(address)
        return refusal(401, "That is not the staff key.", WWW_Authenticate="Bearer")

    def _check_session(self, scope: Scope, headers: Headers) -> Json | None:
        session = _session(scope, headers)
        who = self._access.who(session)
        if who is None and not is_open(scope["path"]):
            return _stranger()
        if who is not None:
            scope["state"].update(session=session, who=who)
        return None if scope["method"] in _SAFE else self._check_origin(scope, headers, session)

    def _check_origin(self, scope: Scope, headers: Headers, session: str) -> Json | None:
        """A browser may only change something when one of our own pages asked it to."""
        origin = headers.get("origin")
        if origin and origin.partition("://")[2] != headers.get("host"):
            return refusal(403, "This was sent by a page of another site.")
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return refusal(403, "This was sent by a page of another site.")
        if is_open(scope["path"]):  # who signs in has no session yet, nor its token
            return None if origin else refusal(403, "It is not said which page sent this.")
        if scope["path"].startswith("/api/"):
            token = headers.get("x-form-token", "")
            if not self._access.is_form_token(session, token):
                return refusal(403, "The header X-Form-Token of this session is missing.")
        return None


def _is_https(scope: Scope) -> bool:
    return scope.get("scheme") == "https"


def _session(scope: Scope, headers: Headers) -> str:
    try:
        name = SECURE_COOKIE if _is_https(scope) else SESSION_COOKIE
        cookie = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


def _most(path: str) -> int:
    return _MOST_OF.get(path, MOST_BODY)


def _too_large(path: str) -> Json:
    return refusal(413, f"More than {_most(path) >> 10} KB is not taken.")


def _stranger() -> Json:
    return refusal(401, f"{NOT_SIGNED_IN}.", WWW_Authenticate="Bearer")


def _only_permitted(scope: Scope, receive: Receive, send: Send) -> Send:
    """A `send` that lets out what was permitted, and of the rest only what refuses."""
    refused = False

    async def sending(message: Message) -> None:
        nonlocal refused
        state = scope["state"]
        if message["type"] == "http.response.start" and not state["permitted"]:
            if state["who"] is None and message["status"] != 401:
                refused = True
                return await _stranger()(scope, receive, send)
            if message["status"] < 400:
                refused = True
                return await refusal(403, "Nobody may ask this.")(scope, receive, send)
        if not refused:
            await send(message)

    return sending


def _limited(receive: Receive, most: int) -> Receive:
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413, f"More than {most >> 10} KB is not taken")
        return message

    return limited


def with_headers(send: Send, added: dict[str, str]) -> Callable[[Message], Awaitable[None]]:
    """A `send` whose answers have these headers too, where they do not say otherwise."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in added.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
