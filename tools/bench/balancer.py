"""What stands before the nodes of a cluster: each connection goes to the first node that answers.

balancer = Balancer(cluster.mqtt_ports)
await balancer.start()
balancer.port
await balancer.stop()
"""

import asyncio
import contextlib

from tools.bench.relay import Streams, relay
from tools.bench.server import Server


class Balancer:
    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        self._server = Server(self._join)

    @property
    def port(self) -> int:
        return self._server.port

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        node = await self._node()
        if node is None:
            return
        try:
            await relay((reader, writer), node)
        finally:
            node[1].close()

    async def _node(self) -> Streams | None:
        for port in self._ports:
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return None
