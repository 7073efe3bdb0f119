"""Who may speak to the nodes of a NATS cluster, and what: a real node, and the hub's word."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nats
import pytest
from typer.testing import CliRunner

from hub.config import Settings
from hub.engines import open_link, servers_of, store_of
from hub.link import Message, issue
from hub.link.broker import BrokerError, find_server
from hub.link.certificates import Certificates, Identity
from hub.link.jetstream import STREAM, JetStreamLink
from hub.link.mqtt import MqttLink
from hub.link.nodes import Nodes
from hub.store import StoreError
from hub.store.tiny import TinyStore
from tests.contracts.device import LONG_S, Device
from tools import broker_commands
from tools.bench.nodes import Cluster

LAMP, OTHER = "lamp-0001", "lamp-0002"


class World:
    def __init__(self, folder: Path) -> None:
        self.certificates, self.folder = Certificates(folder / "certificates"), folder / "nodes"
        self.cluster = Cluster(self.folder, self.certificates, size=1)
        self.heard: list[Message] = []
        self._stack = contextlib.ExitStack()

    def device(self, name: str, identity: Identity | None = None) -> Device:
        port = self.cluster.mqtt_ports[0]
        identity = identity or self.certificates.device(name)
        made = Device(name, port, self.certificates, identity)
        self._stack.callback(made.close)
        return made

    async def connected(self, name: str) -> Device:
        made = self.device(name)
        assert await asyncio.to_thread(made.connected.wait, LONG_S)
        return made

    def close(self) -> None:
        self._stack.close()
        self.cluster.stop()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


async def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + LONG_S
    while not true():
        assert time.monotonic() < end, "waited too long"
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def hub(world: World):
    context = world.certificates.hub_context()
    link = JetStreamLink(world.cluster.urls, tls=context)
    await link.open(world.heard.extend)
    try:
        yield link
    finally:
        await link.close()


def test_a_device_neither_speaks_for_another_nor_hears_what_is_said_to_it(world):
    async def story() -> None:
        await world.cluster.nodes.admit([LAMP, OTHER])
        await world.cluster.start()
        lamp, other = await world.connected(LAMP), await world.connected(OTHER)
        for device, name in ((lamp, LAMP), (other, OTHER)):
            device.listen(f"rapport/{name}/down/#")
        async with hub(world) as link:
            await until(lambda: link.connected)
            await asyncio.to_thread(lamp.say, f"rapport/{OTHER}/up/hello", b"for another")
            await asyncio.to_thread(lamp.say, f"rapport/{OTHER}/down/ack", b"as if from the hub")
            await asyncio.to_thread(lamp.say, f"rapport/{LAMP}/up/hello", b"own")
            await until(lambda: world.heard)
            await until(lambda: link.say(OTHER, "ack", b"yes") or other.heard)
        assert world.heard == [Message(LAMP, "hello", b"own")]
        assert lamp.heard == []
        assert set(other.heard) == {(f"rapport/{OTHER}/down/ack", b"yes")}

    asyncio.run(story())


def test_nothing_that_was_said_and_taken_stays_with_the_nodes(world):
    async def story() -> int:
        await world.cluster.nodes.admit([LAMP])
        await world.cluster.start()
        lamp = await world.connected(LAMP)
        async with hub(world) as link:
            await until(lambda: link.connected)
            await asyncio.to_thread(lamp.say, f"rapport/{LAMP}/up/hello", b"x")
            link.say(LAMP, "ack", b"nobody listens")
            await until(lambda: world.heard)
        client = await nats.connect(world.cluster.urls, tls=world.certificates.hub_context())
        try:
            end = time.monotonic() + LONG_S
            while (await client.jetstream().stream_info(STREAM)).state.messages:
                assert time.monotonic() < end, "it stays"
                await asyncio.sleep(0.02)
        finally:
            await client.close()
        return len(world.heard)

    assert asyncio.run(story()) == 1


def test_who_is_not_admitted_any_more_is_thrown_out_and_stays_out(world):
    async def story() -> None:
        nodes = world.cluster.nodes
        await nodes.admit([LAMP, OTHER])
        await world.cluster.start()
        lamp, other = await world.connected(LAMP), await world.connected(OTHER)
        await nodes.admit([OTHER])
        assert await asyncio.to_thread(lamp.ended.wait, LONG_S)
        again = world.device(LAMP)
        assert await asyncio.to_thread(again.ended.wait, LONG_S)
        assert not again.connected.is_set()
        assert not other.ended.is_set()
        await nodes.admit([OTHER, LAMP])
        await world.connected(LAMP)

    asyncio.run(story())


def test_a_device_of_a_line_is_let_in_when_the_line_is_trusted(world):
    root = issue.new_authority("a maker", depth=1)
    line = issue.new_authority("a line", above=root)
    key = issue.new_key()
    made = issue.certify(LAMP, key.public_key(), line)
    identity = Identity(issue.key_der(key), issue.der(made), b"")

    async def story() -> None:
        nodes = world.cluster.nodes
        await nodes.admit([LAMP])
        await world.cluster.start()
        early = world.device(LAMP, identity)
        assert await asyncio.to_thread(early.ended.wait, LONG_S)
        assert not early.connected.is_set()
        nodes.trust(lambda: [issue.pem(line.certificate)])
        await nodes.admit([LAMP])
        later = world.device(LAMP, identity)
        assert await asyncio.to_thread(later.connected.wait, LONG_S)

    asyncio.run(story())


def test_a_hub_at_nodes_that_no_device_ever_came_to_is_ready(world):
    async def story() -> None:
        await world.cluster.nodes.admit([LAMP])
        await world.cluster.start()
        async with hub(world) as link:
            await until(lambda: link.connected)
            lamp = await world.connected(LAMP)

            def say_until_heard() -> None:
                """The first word may come before the hub listens: then it is said again."""
                while not world.heard:
                    lamp.say(f"rapport/{LAMP}/up/hello", b"x")
                    time.sleep(0.05)

            await asyncio.to_thread(say_until_heard)

    asyncio.run(story())


def test_what_one_worker_admits_another_does_not_shut_out(world):
    async def story() -> list[str]:
        ours = Nodes([], world.folder, world.certificates)
        theirs = Nodes([], world.folder, world.certificates)
        for nodes in (ours, theirs):
            await nodes.admit(["lamp-1"])
        await ours.admit(["lamp-1", "lamp-2"])
        await theirs.admit(["lamp-1", "lamp-3"])
        await ours.admit(["lamp-2"])
        return (world.folder / "devices").read_text().split()

    assert asyncio.run(story()) == ["lamp-2", "lamp-3"]


def test_workers_that_start_at_the_same_moment_do_not_fall_over_each_other(world, tmp_path):
    wrong: list[BaseException] = []

    def start(number: int) -> None:
        shutil.copytree(tmp_path / "certificates", tmp_path / f"worker-{number}")
        nodes = Nodes([], world.folder, Certificates(tmp_path / f"worker-{number}"))
        for _ in range(20):
            try:
                nodes.trust(list)
            except OSError as error:
                wrong.append(error)

    workers = [threading.Thread(target=start, args=(number,)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong == []


def test_a_node_that_refuses_what_it_reads_says_so(world):
    async def story() -> None:
        await world.cluster.nodes.admit([LAMP])
        await world.cluster.start()
        configuration = world.folder / "n0" / "nats.conf"
        configuration.write_text(configuration.read_text() + "nonsense")
        with pytest.raises(BrokerError, match="refuses"):
            await world.cluster.nodes.admit([LAMP, OTHER])

    asyncio.run(story())


def test_nodes_that_do_not_know_each_other_are_all_asked(tmp_path):
    certificates = Certificates(tmp_path / "certificates")
    apart = [Cluster(tmp_path / name, certificates, size=1) for name in ("one", "other")]
    urls = [url for cluster in apart for url in cluster.urls]

    async def story() -> list[int]:
        for cluster in apart:
            await cluster.start()
        await Nodes(urls, tmp_path / "one", certificates).admit([LAMP])
        return [reread(tmp_path / name / "n0") for name in ("one", "other")]

    try:
        assert asyncio.run(story()) == [1, 1]
    finally:
        for cluster in apart:
            cluster.stop()


def test_a_node_that_does_not_answer_lets_in_as_soon_as_it_does(world):
    async def story() -> None:
        nodes = world.cluster.nodes
        await world.cluster.start()
        with world.cluster.frozen(0):
            await nodes.admit([LAMP])
            assert reread(world.folder / "n0") == 0
        await until(lambda: reread(world.folder / "n0"))
        async with asyncio.timeout(LONG_S):
            while not await lets_in(world):
                pass  # it comes again, as devices do: the first time the node may still read
        await nodes.stop()

    asyncio.run(story())


def test_who_has_read_is_not_asked_again_for_the_sake_of_another(tmp_path):
    certificates = Certificates(tmp_path / "certificates")
    one, other = [Cluster(tmp_path / name, certificates, size=1) for name in ("one", "other")]
    nodes = Nodes(one.urls + other.urls, tmp_path / "one", certificates)

    async def story() -> int:
        await one.start()
        await other.start()
        with other.frozen(0):
            await nodes.admit([LAMP])
            await asyncio.sleep(1)  # in which the other one is asked several times
        await until(lambda: reread(tmp_path / "other" / "n0"))
        await nodes.stop()
        return reread(tmp_path / "one" / "n0")

    try:
        assert asyncio.run(story()) == 1
    finally:
        one.stop()
        other.stop()


async def lets_in(world: World) -> bool:
    lamp = world.device(LAMP)
    await until(lambda: lamp.connected.is_set() or lamp.ended.is_set())
    return lamp.connected.is_set()


def reread(node: Path) -> int:
    """How often it has read anew who may speak."""
    return (node / "log").read_text().count("Reloaded server configuration")


def test_what_is_no_device_id_is_admitted_nowhere(world):
    with pytest.raises(ValueError, match="device id"):
        asyncio.run(world.cluster.nodes.admit(["lamp-1", "#"]))


def test_a_link_that_finds_no_node_closes():
    async def story() -> None:
        link = JetStreamLink(["nats://127.0.0.1:1"])
        await link.open(lambda batch: None)
        await asyncio.sleep(0.05)
        assert not link.connected
        await link.close()

    asyncio.run(story())


def test_the_command_writes_nodes_that_nats_server_takes(tmp_path, monkeypatch):
    monkeypatch.setenv("RAPPORT_DATA", str(tmp_path / "data"))
    folder = tmp_path / "nodes"
    done = CliRunner().invoke(broker_commands.app, ["nats", str(folder), "a", "b", "c"])
    assert done.exit_code == 0, done.output
    for name in ("n0", "n1", "n2"):
        checked = subprocess.run(
            [find_server(), "-t", "-c", folder / name / "nats.conf"],
            env=os.environ | {"RAPPORT_SEAL": "a-secret"},
            capture_output=True,
            text=True,
        )
        assert checked.returncode == 0, checked.stderr


def test_the_settings_say_which_link_and_store_there_are(tmp_path):
    certificates = Certificates(tmp_path / "certificates")
    settings = Settings(data=tmp_path, broker="nats://a,b:4333")
    link, doorkeeper = open_link(settings, certificates)
    assert isinstance(link, JetStreamLink) and isinstance(doorkeeper, Nodes)
    assert servers_of("nats://a,b:4333/") == ["tls://a:4222", "tls://b:4333"]
    link, doorkeeper = open_link(Settings(data=tmp_path, broker="mosquitto"), certificates)
    assert isinstance(link, MqttLink) and doorkeeper is None
    with pytest.raises(StoreError, match="PostgreSQL"):
        store_of(Settings(data=tmp_path, store=f"postgresql:///x?host={tmp_path}"))
    store = store_of(Settings(data=tmp_path))
    assert isinstance(store, TinyStore)
    store.close()
