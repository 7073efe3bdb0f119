"""Tells hooks what is handed over: webhooks by HTTP, signed, and topics of the broker.

    carrier = Carrier(turns, outgoing.hooks, clock, link)
    await carrier.carry()                       # everything that is due now

What is told is in `body`. A redirect is not followed; 2xx is an answer, all else is tried again.
"""

import asyncio
import http.client
import logging
import ssl
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from urllib.parse import urlsplit

import orjson

from hub.errors import UnknownError
from hub.link import Broadcaster, Link
from hub.relation.hooks import SIGNATURE, Hook, sign
from hub.relation.turns import Turn, Turns
from hub.store import StoreError

_log = logging.getLogger(__name__)

_TIMEOUT_S = 10.0
_AT_ONCE = 8  # webhooks
_LOOK_S = 1.0


class Carrier:
    """link: for hooks by MQTT; clock: ms since 1970."""

    def __init__(
        self,
        turns: Turns,
        hooks: Sequence[Hook],
        clock: Callable[[], int],
        link: Link,
    ) -> None:
        self._turns, self._clock, self._link = turns, clock, link
        self._hooks = {hook.name: hook for hook in hooks}

    async def carry(self) -> int:
        """Tell everything that is due; how many hooks took something."""
        turns = list[Turn]()
        for customer in self._turns.due():
            try:
                turns += self._turns.now(customer)
            except UnknownError:
                continue  # forgotten meanwhile
        taken = 0
        for first in range(0, len(turns), _AT_ONCE):
            some = turns[first : first + _AT_ONCE]
            wrong = await asyncio.gather(*map(self._tell, some))
            taken += sum(self._note(*pair) for pair in zip(some, wrong, strict=True))
        return taken

    async def run(self) -> None:
        while True:
            try:
                await self.carry()
            except StoreError as error:
                _log.error("hooks were not told: %s", error)
            await asyncio.sleep(_LOOK_S)

    def _note(self, turn: Turn, wrong: str) -> bool:
        try:
            state = self._turns.told(turn, wrong)
        except UnknownError:
            return False  # forgotten meanwhile
        if wrong:
            _log.warning("hook %s: %s; it is %s", turn.hook, wrong, state)
        return not wrong

    async def _tell(self, turn: Turn) -> str:
        """Why it could not be told; "" when it was."""
        hook, content = self._hooks[turn.hook], body(turn)
        if hook.url:
            signature = sign(hook.secret, content, self._clock() // 1000)
            return await asyncio.to_thread(partial(_post, hook.url, content, signature))
        if not isinstance(self._link, Broadcaster) or not self._link.connected:
            return "the broker is not there"
        self._link.broadcast(turn.message["kind"], content)
        return ""


def body(turn: Turn) -> bytes:
    """{id, event, at_ms, customer, channel, text, details}; the same id: the same message."""
    message = turn.message
    told = {name: message[name] for name in ("at_ms", "channel", "text", "details")}
    named = {"id": f"{turn.customer}-{turn.number}", "event": message["kind"]}
    return orjson.dumps(named | {"customer": turn.customer} | told)


def _post(url: str, content: bytes, signature: str) -> str:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        tls = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=tls)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
    headers = {"Content-Type": "application/json", SIGNATURE: signature}
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with closing(connection):
        try:
            connection.request("POST", path, content, headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return f"no answer ({type(error).__name__})"
    return "" if 200 <= status < 300 else f"answered {status}"
