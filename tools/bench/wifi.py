"""A Wi-Fi access point for one device: a TCP proxy to the broker that can be cut off.

point = AccessPoint("127.0.0.1", broker_port)
await point.start()
...  # the device connects to 127.0.0.1:point.port
await point.switch(False)
await point.stop()
"""

import asyncio
import contextlib

_CHUNK = 4096


class AccessPoint:
    """Passes bytes both ways while on; switched off, it drops every link and accepts none."""

    def __init__(self, host: str, port: int) -> None:
        self.on = True
        self._upstream = (host, port)
        self._links: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        assert self._server, "the access point is not started"
        return self._server.sockets[0].getsockname()[1]

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            await self._cut()
            self._server = None

    async def switch(self, on: bool) -> None:
        self.on = on
        if not on:
            await self._cut()

    async def _cut(self) -> None:
        links = list(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._links.add(task)
        upstream: asyncio.StreamWriter | None = None
        try:
            if self.on:
                source, upstream = await asyncio.open_connection(*self._upstream)
                await _first_of(_pass(reader, upstream), _pass(source, writer))
        except (OSError, asyncio.CancelledError):
            pass  # a cut is what this is for; the stream protocol would log it as an error
        finally:
            self._links.discard(task)
            for each in (writer, upstream):
                if each:
                    # A reset, not a farewell: bytes under way are lost, as on a dead network.
                    each.transport.abort()


async def _first_of(*works) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
