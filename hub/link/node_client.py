"""A connection to one node of a NATS cluster, which ends when the node does: the next is a new one.

nats-py would find another node by itself, but its ways have no end where a node dies or hangs in
the middle of a TLS handshake: it then waits for ever for the old connection to be closed. So each
step here has an end, and whoever needs a node again asks the next one.

    client = await connect("tls://a:4222", context, within_s=5)
    ...
    await end(client)
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from nats.aio.client import Client
from nats.errors import Error

AWAY = (OSError, Error, TimeoutError)  # what a node is not there with

_log = logging.getLogger(__name__)

_END_S = 2.0


async def connect(
    server: str,
    tls: ssl.SSLContext | None,
    *,
    within_s: int,
    lost: Callable[[], Awaitable[None]] | None = None,
    **options: Any,
) -> Client:
    """options: more of nats.connect's. lost() is called when the connection ends. Raises AWAY."""
    client = Client()
    try:
        async with asyncio.timeout(within_s):
            await client.connect(
                server,
                tls=tls,
                allow_reconnect=False,
                max_reconnect_attempts=1,  # else it tries a node that is not there for ever
                reconnect_time_wait=0,
                connect_timeout=within_s,
                error_cb=_note,
                disconnected_cb=lost,
                **options,
            )
    except BaseException as error:
        await end(client)
        if isinstance(error, AWAY) or not isinstance(error, Exception):
            raise
        raise ConnectionError(f"{server} does not speak as a node does: {error!r}") from error
    return client


async def end(client: Client) -> None:
    """Whatever state it is in."""
    with contextlib.suppress(*AWAY):
        async with asyncio.timeout(_END_S):
            await client.close()


async def _note(error: Exception) -> None:
    _log.debug("nats: %r", error)
