"""What a browser meets first: the look, open to everybody, and a page where programs get JSON.

Whatever refuses a request below answers with JSON that holds a sentence. Who asked for a page gets
the same sentence as one, with what to do next.
"""

import orjson
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.answers import refusal
from hub.pages import look, paper

_SENTENCE = "Something went wrong in the hub. Nothing you typed was kept; please try again."
_TITLES = {
    401: "You are not signed in",
    403: "That may not be",
    405: "That cannot be asked so",
    404: "There is nothing here",
    429: "Too many attempts",
    503: "The hub cannot do that now",
}


class Front:
    """ASGI middleware, to be the outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        if scope["path"].startswith(look.PREFIX):
            return await look.answer(scope)(scope, receive, send)
        if wants_page(scope):
            send = _Apology(send)
        return await self._app(scope, receive, send)


def wants_page(scope: Scope) -> bool:
    accepted = Headers(scope=scope).get("accept", "")
    return "text/html" in accepted and not scope["path"].startswith("/api/")


async def broken(request: Request, error: Exception) -> Response:
    """For what nobody foresaw: the log gets the traceback, people a sentence."""
    if not wants_page(request.scope):
        return refusal(500, _SENTENCE)
    return Response(_page(500, _SENTENCE), 500, media_type="text/html")


class _Apology:
    """A `send` that holds back an error in JSON, and sends a page instead."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_error(message):
            self._start = message
            return
        if self._start is None:
            return await self._send(message)
        self._body += message.get("body", b"")
        if not message.get("more_body"):
            await self._apologise(self._start)

    async def _apologise(self, start: Message) -> None:
        sentence = orjson.loads(self._body).get("error", _SENTENCE)
        body = _page(start["status"], sentence).encode()
        headers = MutableHeaders(scope=start)
        headers["content-type"] = "text/html; charset=utf-8"
        headers["content-length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _is_error(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] >= 400 and kind == "application/json"


def _page(status: int, sentence: str) -> str:
    title = _TITLES.get(status, "That did not work")
    if sentence.startswith("This form is not of this session"):
        title = "This page is too old"
    return paper.write("sorry.html", title=title, sentence=sentence, status=status)
