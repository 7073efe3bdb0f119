"""A request that another hub worker came before is carried out again, on what stands now.

Nothing was kept of it (hub.store.StaleError), and nothing was answered: whoever asked notices only
that it took longer. With a store of its own a hub has no other worker, and this does nothing.
"""

import asyncio
import random

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.answers import refusal
from hub.store import StaleError

_TRIES = 8
_LONGEST_PAUSE_S = 0.05


class Again:
    """ASGI middleware, behind the one that bounds bodies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        taken = _Taken(receive)
        for _ in range(_TRIES):
            try:
                return await self._app(scope, taken.again(), send)
            except StaleError:
                await asyncio.sleep(random.random() * _LONGEST_PAUSE_S)
        refused = refusal(503, "Others are changing the same at the moment; ask again.")
        return await refused(scope, receive, send)


class _Taken:
    """What was received of a request, to be received again."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []

    def again(self) -> Receive:
        old = iter(list(self._messages))

        async def receiving() -> Message:
            for message in old:
                return message
            message = await self._receive()
            if message["type"] == "http.request":
                self._messages.append(message)
            return message

        return receiving
