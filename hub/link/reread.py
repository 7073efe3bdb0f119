"""Has every node of a cluster read anew who may speak, and goes on until every one has.

Each is asked by a connection of its own: one that has just started, or is cut off from the rest,
is unknown to them, and would refuse who was let in and keep who was thrown out. Nodes that nobody
named are asked through those that know them.

    reread = Reread(["tls://a:4222", "tls://b:4222"], certificates.operator_context)
    await reread.everywhere()
    reread.stop()
"""

import asyncio
import json
import logging
import ssl
from collections.abc import AsyncIterator, Callable

from nats.aio.client import Client

from hub.link.broker import BrokerError
from hub.link.node_client import AWAY, connect, end

_log = logging.getLogger(__name__)

_CONNECT_S, _ANSWER_S = 2, 5.0
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
        silent, pause_s, refusal = ["some"], _FIRST_PAUSE_S, ""
        while silent:
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            try:
                silent = await self._round(asked)
            except BrokerError as error:
                if refusal != str(error):
                    _log.error("%s", error)
                refusal = str(error)

    async def _round(self, asked: set[str]) -> list[str]:
        """All once, but for those that have read (ids); which did not answer, and why."""
        all_ended = await asyncio.gather(
            *(self._ask(server, asked) for server in self._servers), return_exceptions=True
        )
        silent = []
        for server, ended in zip(self._servers, all_ended, strict=True):
            if isinstance(ended, AWAY):
                silent.append(f"{server} ({ended!r})")
            elif ended:
                raise ended
        return silent

    async def _ask(self, server: str, asked: set[str]) -> None:
        """This node, and those it knows that were not asked yet."""
        client = await connect(server, self._tls(), within_s=_CONNECT_S)
        try:
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
            await end(client)


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
