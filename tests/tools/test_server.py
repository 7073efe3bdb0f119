"""The bench's servers: what is connected to them ends with them, and bytes pass both ways."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tools.bench.balancer import Balancer
from tools.bench.server import Server
from tools.bench.wifi import AccessPoint

LONG_S = 60


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(100):
        writer.write(chunk)
        await writer.drain()


def play(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(LONG_S):
            await story()

    asyncio.run(whole())


async def ended(reader: asyncio.StreamReader) -> bool:
    try:
        return not await reader.read(1)
    except ConnectionError:
        return True


def test_a_connection_whose_task_never_began_is_closed():
    begun: list[bool] = []

    async def serve(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        begun.append(True)
        await reader.read()

    class Ending(Server):
        def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            super()._taken(reader, writer)
            for task in self._serving:
                task.cancel()

    async def story() -> None:
        server = Ending(serve)
        await server.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        assert await ended(reader)
        writer.close()
        await server.stop()

    play(story)
    assert begun == []


@pytest.mark.parametrize("proxy", [Balancer, AccessPoint])
def test_a_proxy_passes_bytes_both_ways_until_it_stops(proxy: type):
    async def story() -> None:
        server = Server(echo)
        await server.start()
        nobody = Server(echo)
        await nobody.start()
        closed = nobody.port
        await nobody.stop()
        between = (
            Balancer([closed, server.port])
            if proxy is Balancer
            else AccessPoint("127.0.0.1", server.port)
        )
        await between.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", between.port)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        await between.stop()
        assert await ended(reader)
        writer.close()
        await server.stop()

    play(story)


def test_a_connection_for_which_there_is_no_node_ends():
    async def story() -> None:
        balancer = Balancer([])
        await balancer.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", balancer.port)
        assert await ended(reader)
        writer.close()
        await balancer.stop()

    play(story)
