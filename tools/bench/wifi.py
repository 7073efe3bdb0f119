"""A Wi-Fi access point for one device: a TCP proxy to the broker that can be cut off.

point = AccessPoint("127.0.0.1", broker_port)
await point.start()
...  # the device connects to 127.0.0.1:point.port
await point.switch(False)
await point.stop()
"""

import asyncio
import contextlib

from tools.bench.relay import relay
from tools.bench.server import Server


class AccessPoint:
    """Passes bytes both ways while on; switched off, it drops every link and accepts none."""

    def __init__(self, host: str, port: int) -> None:
        self.on = True
        self._upstream = (host, port)
        self._server = Server(self._join)

    @property
    def port(self) -> int:
        return self._server.port

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    async def switch(self, on: bool) -> None:
        self.on = on
        if not on:
            await self._server.cut()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        try:
            if self.on:
                with contextlib.suppress(OSError):
                    upstream = await asyncio.open_connection(*self._upstream)
                    ends.append(upstream[1])
                    await relay((reader, writer), upstream)
        finally:
            for end in ends:
                # A reset, not a farewell: bytes under way are lost, as on a dead network.
                end.transport.abort()
