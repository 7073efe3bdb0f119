"""Nodes that are there and do not serve: whoever asks them passes by, and comes to an end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.link import Message
from hub.link.certificates import Certificates
from hub.link.jetstream import JetStreamLink
from hub.link.nodes import Nodes
from tests.contracts.device import LONG_S, Device
from tests.contracts.test_nodes import reread, until
from tools.bench.nodes import Cluster
from tools.bench.server import Serve, Server

LAMP = "lamp-0001"
INFO = b'INFO {"server_id": "A", "version": "2.12.0", "max_payload": 1048576, "tls_required": true}'


async def _hangs_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _is_silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def _hangs_up_in_the_handshake(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    writer.write(INFO + b"\r\n")
    await reader.read(1)
    writer.transport.abort()


async def _is_silent_in_the_handshake(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    writer.write(INFO + b"\r\n")
    await reader.read()


async def _talks_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"INFO [1, 2]\r\n")
    await reader.read()


@pytest.fixture(
    params=[
        _hangs_up,
        _is_silent,
        _hangs_up_in_the_handshake,
        _is_silent_in_the_handshake,
        _talks_nonsense,
    ]
)
def ill(request: pytest.FixtureRequest) -> Serve:
    return request.param


@contextlib.asynccontextmanager
async def node(ill: Serve) -> AsyncIterator[str]:
    """Its URL."""

    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await ill(reader, writer)

    server = Server(taken)
    await server.start()
    try:
        yield f"tls://127.0.0.1:{server.port}"
    finally:
        await server.stop()


@contextlib.asynccontextmanager
async def cluster(folder: Path, size: int) -> AsyncIterator[tuple[Cluster, Certificates]]:
    certificates = Certificates(folder / "certificates")
    made = Cluster(folder / "nodes", certificates, size)
    try:
        await made.start()
        await made.nodes.admit([LAMP])
        yield made, certificates
    finally:
        made.stop()


@contextlib.asynccontextmanager
async def worker(
    urls: list[str], certificates: Certificates
) -> AsyncIterator[tuple[JetStreamLink, list[Message]]]:
    heard: list[Message] = []
    link = JetStreamLink(urls, tls=certificates.hub_context())
    await link.open(heard.extend)
    try:
        await until(lambda: link.connected)
        yield link, heard
    finally:
        async with asyncio.timeout(LONG_S):
            await link.close()


async def connected(port: int, certificates: Certificates) -> Device:
    """A device, as soon as the nodes have agreed on who leads."""
    identity = certificates.device(LAMP)
    async with asyncio.timeout(LONG_S):
        while True:
            device = Device(LAMP, port, certificates, identity)
            await until(lambda at=device: at.connected.is_set() or at.ended.is_set())
            if device.connected.is_set():
                return device
            await asyncio.to_thread(device.close)


def test_a_worker_passes_by_a_node_that_is_ill(tmp_path: Path, ill: Serve):
    async def story() -> None:
        async with (
            cluster(tmp_path, 1) as (well, certificates),
            node(ill) as url,
            worker([url, *well.urls], certificates) as (link, _),
        ):
            assert link.connected

    asyncio.run(story())


def test_a_worker_that_finds_only_a_node_that_is_ill_ends(tmp_path: Path, ill: Serve):
    async def story() -> None:
        certificates = Certificates(tmp_path / "certificates")
        async with node(ill) as url:
            link = JetStreamLink([url], tls=certificates.hub_context())
            await link.open(lambda batch: None)
            await asyncio.sleep(0.5)
            assert not link.connected
            async with asyncio.timeout(LONG_S):
                await link.close()

    asyncio.run(story())


def test_the_other_nodes_read_who_may_speak_while_one_is_ill(tmp_path: Path, ill: Serve):
    async def story() -> int:
        async with cluster(tmp_path, 1) as (well, certificates), node(ill) as url:
            nodes = Nodes([url, *well.urls], tmp_path / "nodes", certificates)
            before = reread(tmp_path / "nodes" / "n0")
            async with asyncio.timeout(LONG_S):
                await nodes.admit([LAMP])
            await nodes.stop()
            return reread(tmp_path / "nodes" / "n0") - before

    assert asyncio.run(story()) == 1


def test_a_worker_whose_node_freezes_goes_on_with_another(tmp_path: Path):
    async def story() -> None:
        async with cluster(tmp_path, 3) as (nodes, certificates):
            lamp = await connected(nodes.mqtt_ports[1], certificates)
            try:
                async with worker(nodes.urls, certificates) as (link, heard):
                    with nodes.frozen(0):
                        await until(lambda: not link.connected)
                        await asyncio.to_thread(lamp.say, f"rapport/{LAMP}/up/hello", b"x")
                        await until(lambda: heard)
            finally:
                await asyncio.to_thread(lamp.close)

    asyncio.run(story())
