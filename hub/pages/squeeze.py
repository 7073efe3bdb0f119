"""Pages and their look are sent compressed: on a phone a first load is small.

Nothing else is: programs ask for little at once, streams have to flow. A page holds the token of
its session beside what people typed; only our own pages can ask for it with that session (its
cookie is SameSite=Strict), so nobody else can make it be compressed again and again and listen.
"""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.pages import look
from hub.pages.front import wants_page

_LEAST = 1024  # bytes; less is not worth it
_LEVEL = 5


class Squeeze:
    """ASGI middleware, to be the outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._squeezed = app, GZipMiddleware(app, _LEAST, _LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and (
            scope["path"].startswith(look.PREFIX) or wants_page(scope)
        )
        await (self._squeezed if is_page else self._app)(scope, receive, send)
