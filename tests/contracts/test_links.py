"""The contract of hub.link.Link, over every adapter; MQTT runs over the real broker."""

import asyncio
import contextlib
import logging
import os
import signal
import ssl
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from hub.link import MOST_PAYLOAD, Link, Message
from hub.link.broker import Broker
from hub.link.certificates import Certificates
from hub.link.jetstream import JetStreamLink
from hub.link.memory import MemoryLink
from hub.link.mqtt import MqttLink
from tools.bench.nodes import Cluster

LAMP = "lamp-0001"


MakeLink = Callable[[], Link]


class World(Protocol):
    """A link and the devices at its other end."""

    link: Link

    def restart(self) -> None:
        """A new link object, as after a restart of the hub."""

    async def says(self, kind: str, payload: bytes) -> None: ...

    async def told(self) -> list[tuple[str, bytes]]: ...


class MemoryWorld:
    def __init__(self) -> None:
        self.link = MemoryLink()

    def restart(self) -> None:
        pass

    async def says(self, kind: str, payload: bytes) -> None:
        with contextlib.suppress(RuntimeError):
            self.link.deliver(LAMP, kind, payload)

    async def told(self) -> list[tuple[str, bytes]]:
        return [(message.kind, message.payload) for message in self.link.said]


class MqttWorld:
    """A real broker, and a device that speaks by paho."""

    def __init__(
        self,
        broker: Any,
        certificates: Certificates,
        folder: Path,
        make_link: MakeLink | None = None,
    ) -> None:
        self.broker = broker
        self._certificates, self._made = certificates, make_link
        self._told: list[tuple[str, bytes]] = []
        self.joined = 0  # how often the device connected, and was let listen
        self.link = self._make_link()
        self.device = paho.Client(CallbackAPIVersion.VERSION2, LAMP, clean_session=False)
        self.device.tls_set_context(device_context(certificates, folder))

    def restart(self) -> None:
        self.link = self._make_link()

    async def says(self, kind: str, payload: bytes) -> None:
        await self.publish(f"rapport/{LAMP}/up/{kind}", payload)

    async def publish(self, topic: str, payload: bytes) -> None:
        said = self.device.publish(topic, payload, qos=1)
        await until(said.is_published)

    async def told(self) -> list[tuple[str, bytes]]:
        await asyncio.sleep(0.2)
        return self._told

    def _make_link(self) -> Any:
        certificates, broker = self._certificates, self.broker
        if self._made:
            return self._made()
        client_id = certificates.hub_client_id()
        return MqttLink(
            broker.host, broker.port, client_id=client_id, tls=certificates.hub_context()
        )

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator["MqttWorld"]:
        self.device.on_message = lambda _c, _d, message: self._told.append(
            (message.topic.rpartition("/")[2], message.payload)
        )
        self.device.on_connect = lambda *_: self.device.subscribe(f"rapport/{LAMP}/down/#", qos=1)
        self.device.on_subscribe = self._on_subscribe
        self.device.connect(self.broker.host, self.broker.port)
        self.device.loop_start()
        await until(lambda: self.joined)
        yield self
        self.device.disconnect()
        await asyncio.to_thread(self.device.loop_stop)
        self.device.on_message = self.device.on_subscribe = self.device.on_connect = None

    def _on_subscribe(self, *_: Any) -> None:
        self.joined += 1


def device_context(certificates: Certificates, folder: Path) -> ssl.SSLContext:
    identity = certificates.device(LAMP)
    pem = folder / "device.pem"
    pem.write_text(
        ssl.DER_cert_to_PEM_cert(identity.key_der).replace("CERTIFICATE", "PRIVATE KEY")
        + ssl.DER_cert_to_PEM_cert(identity.certificate_der)
    )
    context = ssl.create_default_context(cafile=certificates.authority_pem)
    context.load_cert_chain(pem)
    return context


@contextlib.asynccontextmanager
async def memory(_folder: Path) -> AsyncIterator[World]:
    yield MemoryWorld()


@contextlib.asynccontextmanager
async def mqtt(folder: Path) -> AsyncIterator[MqttWorld]:
    certificates = Certificates(folder / "certificates")
    broker = Broker(folder / "broker", certificates)
    await broker.admit([LAMP])
    await broker.start()
    try:
        async with MqttWorld(broker, certificates, folder).connected() as world:
            yield world
    finally:
        await broker.stop()


class _Node(NamedTuple):
    """Of a cluster, as devices see it."""

    host: str
    port: int


@contextlib.asynccontextmanager
async def jetstream(folder: Path) -> AsyncIterator[MqttWorld]:
    certificates = Certificates(folder / "certificates")
    cluster = Cluster(folder / "cluster", certificates, size=1)
    await cluster.nodes.admit([LAMP])
    try:
        await cluster.start()
        node = _Node("127.0.0.1", cluster.mqtt_ports[0])

        def link() -> Link:
            return JetStreamLink(cluster.urls, tls=certificates.hub_context(), ack_wait_s=5)

        async with MqttWorld(node, certificates, folder, link).connected() as world:
            yield world
    finally:
        cluster.stop()


@pytest.fixture(params=[memory, mqtt, jetstream], ids=["memory", "mqtt", "jetstream"])
def tell(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., None]:
    """Play a story in a world with this adapter."""

    def play(story: Callable[[World], Coroutine[Any, Any, None]]) -> None:
        run(request.param(tmp_path), story)

    return play


@pytest.fixture
def tell_mqtt(tmp_path: Path) -> Callable[..., None]:
    return lambda story: run(mqtt(tmp_path), story)


def run(world: contextlib.AbstractAsyncContextManager, story: Callable) -> None:
    async def whole() -> None:
        async with world as inside:
            try:
                await story(inside)
            finally:
                await inside.link.close()

    asyncio.run(whole())


async def until(true: Callable[[], Any], within_s: float = 60) -> None:
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "waited too long"
        await asyncio.sleep(0.01)


class Hub:
    """Hears, and refuses as often as asked."""

    def __init__(self, refusals: int = 0) -> None:
        self.batches: list[list[Message]] = []
        self.refused: list[list[Message]] = []
        self._refusals = refusals

    def fail(self) -> None:
        self._refusals = 1_000

    @property
    def payloads(self) -> list[bytes]:
        return [message.payload for batch in self.batches for message in batch]

    def heard(self, batch: list[Message]) -> None:
        if len(self.refused) < self._refusals:
            self.refused.append(batch)
            raise RuntimeError("the disk is full")
        self.batches.append(batch)


async def opened(world: World, hub: Hub) -> Hub:
    await world.link.open(hub.heard)
    await until(lambda: world.link.connected)
    return hub


def test_what_a_device_says_is_heard(tell):
    async def story(world: World) -> None:
        hub = await opened(world, Hub())
        await world.says("hello", b"\x00\xff binary")
        await until(lambda: hub.batches)
        assert hub.batches == [[Message(LAMP, "hello", b"\x00\xff binary")]]

    tell(story)


def test_messages_are_heard_in_order_and_once(tell):
    async def story(world: World) -> None:
        hub = await opened(world, Hub())
        for n in range(50):
            await world.says("events", b"%d" % n)
        await until(lambda: len(hub.payloads) >= 50)
        assert hub.payloads == [b"%d" % n for n in range(50)]

    tell(story)


def test_what_the_hub_says_reaches_the_device(tell):
    async def story(world: World) -> None:
        await opened(world, Hub())
        world.link.say(LAMP, "ack", b"upto 1")
        world.link.say(LAMP, "person", b"\x00" * MOST_PAYLOAD)
        assert await world.told() == [("ack", b"upto 1"), ("person", b"\x00" * MOST_PAYLOAD)]

    tell(story)


def test_what_the_hub_refused_comes_again_until_it_is_taken(tell):
    async def story(world: World) -> None:
        hub = await opened(world, Hub(refusals=2))
        await world.says("events", b"one")
        await until(lambda: hub.refused)
        await world.says("events", b"two")
        if isinstance(world.link, MemoryLink):
            world.link.redeliver()
        await until(lambda: {b"one", b"two"} <= set(hub.payloads))
        assert hub.payloads == [b"one", b"two"]

    tell(story)


def test_what_was_said_while_the_hub_was_away_is_heard_when_it_is_back(tell):
    async def story(world: World) -> None:
        before = await opened(world, Hub())
        await world.says("events", b"before")
        await until(lambda: before.payloads)
        await world.link.close()
        assert not world.link.connected
        await world.says("events", b"meanwhile 1")
        await world.says("events", b"meanwhile 2")
        world.restart()
        hub = await opened(world, Hub())
        await until(lambda: len(hub.payloads) >= 2)
        assert sorted(hub.payloads) == [b"meanwhile 1", b"meanwhile 2"]

    tell(story)


def test_a_restarted_hub_hears_what_it_has_not_taken_and_nothing_else(tell):
    async def story(world: World) -> None:
        before = await opened(world, Hub())
        await world.says("events", b"taken")
        await until(lambda: before.payloads)
        before.fail()
        await world.says("events", b"refused")
        await until(lambda: before.refused)
        await world.link.close()
        world.restart()
        hub = await opened(world, Hub())
        await until(lambda: hub.payloads)  # over MQTT when the broker's patience ends
        assert hub.payloads == [b"refused"]

    tell(story)


def test_too_large_a_payload_is_refused_both_ways(tell):
    async def story(world: World) -> None:
        hub = await opened(world, Hub())
        await world.says("events", b"x" * (MOST_PAYLOAD + 1))
        await world.says("events", b"x" * MOST_PAYLOAD)
        await until(lambda: hub.payloads)
        assert hub.payloads == [b"x" * MOST_PAYLOAD]
        with pytest.raises(ValueError, match="the limit is"):
            world.link.say(LAMP, "ack", b"x" * (MOST_PAYLOAD + 1))

    tell(story)


@pytest.mark.parametrize("device", ["", "+", "#", "a/b", "A", "lamp-0001/down/x"])
def test_the_hub_speaks_to_device_ids_only(device: str):
    with pytest.raises(ValueError, match="device id"):
        MemoryLink().say(device, "ack", b"")
    with pytest.raises(ValueError, match="device id"):
        MqttLink("127.0.0.1", 1, client_id="hub").say(device, "ack", b"")
    with pytest.raises(ValueError, match="device id"):
        JetStreamLink(["nats://127.0.0.1:1"]).say(device, "ack", b"")


def test_a_link_never_opened_closes():
    asyncio.run(MqttLink("127.0.0.1", 1, client_id="hub").close())
    asyncio.run(JetStreamLink(["nats://127.0.0.1:1"]).close())


# What is MQTT's own.


def test_what_waits_is_heard_as_one_batch(tell_mqtt):
    async def story(world: MqttWorld) -> None:
        hub = await opened(world, Hub())
        for n in range(40):
            world.device.publish(f"rapport/{LAMP}/up/events", b"%d" % n, qos=1)
        time.sleep(0.5)  # noqa: ASYNC251 - the event loop is busy, the network thread is not
        await until(lambda: len(hub.payloads) == 40)
        assert len(hub.batches) == 1

    tell_mqtt(story)


def test_a_malformed_topic_is_counted_and_logged_once_a_device(tell_mqtt, caplog):
    caplog.set_level(logging.WARNING, "hub.link.mqtt")

    async def story(world: MqttWorld) -> None:
        hub = await opened(world, Hub())
        for _ in range(3):
            await world.publish(f"rapport/{LAMP}/up/gossip", b"?")
        await world.says("hello", b"!")
        await until(lambda: hub.payloads)
        assert hub.payloads == [b"!"]
        assert isinstance(world.link, MqttLink)
        assert world.link.refused == 3

    tell_mqtt(story)
    assert caplog.text.count("gossip") == 1


def test_the_link_comes_back_after_the_broker_was_killed(tell_mqtt):
    async def story(world: MqttWorld) -> None:
        hub = await opened(world, Hub())
        assert world.broker.pid
        os.kill(world.broker.pid, signal.SIGKILL)
        await until(lambda: not world.link.connected)
        await until(lambda: world.link.connected)
        await until(lambda: world.joined == 2)
        await world.says("events", b"after")
        await until(lambda: hub.payloads)
        assert hub.payloads == [b"after"]
        world.link.say(LAMP, "ack", b"after")
        await until(lambda: world._told)
        assert world._told == [("ack", b"after")]

    tell_mqtt(story)


def test_what_is_said_while_the_broker_is_away_arrives(tell_mqtt):
    async def story(world: MqttWorld) -> None:
        await opened(world, Hub())
        await world.broker.stop()
        await until(lambda: not world.link.connected)
        world.link.say(LAMP, "ack", b"said meanwhile")
        await world.broker.start()
        await until(lambda: world._told)
        assert world._told == [("ack", b"said meanwhile")]

    tell_mqtt(story)


def test_a_broker_that_hangs_up_is_in_the_log(caplog):
    async def story() -> None:
        caplog.set_level(logging.WARNING, "hub.link.mqtt")
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        link = MqttLink(*server.sockets[0].getsockname(), client_id="hub")
        await link.open(Hub().heard)
        try:
            await until(lambda: "the broker ended the connection" in caplog.text)
        finally:
            await link.close()
            server.close()
        assert not link.connected

    asyncio.run(story())


def test_a_link_opens_before_its_broker_is_there(tell_mqtt):
    async def story(world: MqttWorld) -> None:
        await world.broker.stop()
        hub = Hub()
        await world.link.open(hub.heard)
        await asyncio.sleep(0.3)
        assert not world.link.connected
        await world.broker.start()
        await until(lambda: world.link.connected)

    tell_mqtt(story)
