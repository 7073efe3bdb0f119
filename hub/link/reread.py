"""Has every node of a cluster read anew who may speak, and goes on until every one has.

Each is asked by a connection of its own: one that has just started, or is cut off from the rest,
is unknown to them, and would refuse who was let in and keep who was thrown out. Nodes that nobody
named are asked through those that know them.

    reread = Reread(["tls://a:4222", "tls://b:4222"], certificates.operator_context)
    await reread.everywhere()
    reread.stop()
"""

import asyncio
import contextlib
import json
import logging
import ssl
from collections.abc import AsyncIterator, Callable

from nats.aio.client import Client
from nats.errors import Error

from hub.link.broker import BrokerError

_log = logging.getLogger(__name__)

_CONNECT_S = 2
_ANSWER_S = 5.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 15.0
_PING, _RELOAD = "$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.{}.RELOAD"


class Reread:
    """tls: makes what the nodes know their operator by."""

    def __init__(self, servers: list[str], tls: Callable[[], ssl.SSLContext]) -> None:
        self._servers, self._tls = servers, tls
        self._going_on: asyncio.Task[None] | None = None

    async def everywhere(self) -> None:
        """At each node that answers when it returns, at the others as soon as they do.

        Raises BrokerError when one refuses what it reads.
        """
        self.stop()
        asked: set[str] = set()
        silent = await self._round(asked)
        if silent:
            _log.warning("nodes are asked until they answer: %s", "; ".join(silent))
            self._going_on = asyncio.create_task(self._go_on(asked))

    def stop(self) -> None:
        if self._going_on:
            self._going_on.cancel()
            self._going_on = None

    async def _go_on(self, asked: set[str]) -> None:
        silent, pause_s = ["some"], _FIRST_PAUSE_S
        while silent:
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            try:
                silent = await self._round(asked)
            except BrokerError as error:
                _log.error("%s", error)

    async def _round(self, asked: set[str]) -> list[str]:
        """All once, but for those that have read (ids); which did not answer, and why."""
        ends = await asyncio.gather(
            *(self._ask(server, asked) for server in self._servers), return_exceptions=True
        )
        silent = []
        for server, end in zip(self._servers, ends, strict=True):
            if isinstance(end, (OSError, Error, TimeoutError)):
                silent.append(f"{server} ({end!r})")
            elif end:
                raise end
        return silent

    async def _ask(self, server: str, asked: set[str]) -> None:
        """This node, and those it knows that were not asked yet."""
        client = Client()
        try:
            await self._connect(client, server)
            async for node in _known(client):
                if node in asked:
                    continue
                asked.add(node)
                try:
                    await _reload(client, node)
                except BaseException:
                    asked.discard(node)  # it may not have read: once more
                    raise
        finally:
            with contextlib.suppress(OSError, Error):
                await client.close()

    async def _connect(self, client: Client, server: str) -> None:
        await client.connect(
            server,
            tls=self._tls(),
            allow_reconnect=False,
            max_reconnect_attempts=1,  # else it tries a node that is not there for ever
            reconnect_time_wait=0,
            connect_timeout=_CONNECT_S,
            error_cb=_note,
        )


async def _known(client: Client) -> AsyncIterator[str]:
    """Ids of nodes: first the one of this connection, then those it hears of."""
    yield client._server_info["server_id"]
    inbox, heard = client.new_inbox(), 0
    answers = await client.subscribe(inbox)
    await client.publish(_PING, reply=inbox)
    while True:
        answer = json.loads((await answers.next_msg(_ANSWER_S)).data)
        heard += 1
        yield answer["server"]["id"]
        if heard >= answer["statsz"]["active_servers"]:
            return


async def _reload(client: Client, node: str) -> None:
    answer = json.loads((await client.request(_RELOAD.format(node), timeout=_ANSWER_S)).data)
    wrong = answer.get("error")
    if wrong:
        name = answer.get("server", {}).get("name", node)
        raise BrokerError(f"node {name} refuses its users: {wrong['description']}")


async def _note(error: Exception) -> None:
    _log.debug("nats: %r", error)
