"""What every request passes first: size, who it is, and the headers of every answer.

Whatever is routed below is closed to strangers unless it is named in _OPEN.
"""

from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.access import SESSION_COOKIE, Access
from hub.api.answers import Json, refusal
from hub.who import STAFF_KEY

MOST_BODY = 256 << 10  # bytes

_TOO_LARGE = f"More than {MOST_BODY >> 10} KB is not taken"
_OPEN = ("/health", "/start/")
_SAFE = ("GET", "HEAD", "OPTIONS")
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none';"
    " form-action 'self'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Edge:
    """ASGI middleware. Behind it scope["state"] holds:

    session: the browser's, or "" for a program with a key.
    who: hub.who.Who; None where strangers may ask.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        send = with_headers(send, _HEADERS)
        refused = self._refuse(scope)
        if refused:
            return await refused(scope, receive, send)
        return await self._app(scope, _limited(receive), send)

    def _refuse(self, scope: Scope) -> Json | None:
        """The answer for who or what is not let in; else None."""
        headers, path = Headers(scope=scope), scope["path"]
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BODY:
            return _too_large()
        scope.setdefault("state", {}).update(session="", who=None)
        if path == _OPEN[0]:
            return None
        address = scope["client"][0] if scope.get("client") else ""
        if path.startswith(_OPEN[1]):
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
        session = _session(headers)
        who = self._access.who(session)
        if who is None:
            sentence = "Open the link that `rapport hub` shows, or send the staff key."
            return refusal(401, sentence, WWW_Authenticate="Bearer")
        scope["state"].update(session=session, who=who)
        return None if scope["method"] in _SAFE else self._check_origin(scope, headers, session)

    def _check_origin(self, scope: Scope, headers: Headers, session: str) -> Json | None:
        """A browser may only change something when one of our own pages asked it to."""
        origin = headers.get("origin")
        if origin and origin.partition("://")[2] != headers.get("host"):
            return refusal(403, "This was sent by a page of another site.")
        if scope["path"].startswith("/api/"):
            token = headers.get("x-form-token", "")
            if not self._access.is_form_token(session, token):
                return refusal(403, "The header X-Form-Token of this session is missing.")
        return None


def _session(headers: Headers) -> str:
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(SESSION_COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


def _too_large() -> Json:
    return refusal(413, f"{_TOO_LARGE}.")


def _limited(receive: Receive) -> Receive:
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BODY:
            raise HTTPException(413, _TOO_LARGE)
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
