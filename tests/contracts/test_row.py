"""Which of several workers is given what devices say: a real node, links, and their places."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import nats
from nats.aio.msg import Msg

from hub.link import Message
from hub.link.certificates import Certificates
from hub.link.jetstream import CONSUMER, STREAM, JetStreamLink
from hub.link.place import PLACES, WORKERS, Place
from tests.contracts.device import LONG_S, Device
from tests.contracts.test_nodes import until
from tools.bench.nodes import Cluster

LAMP, TIMES = "lamp-0001", 5


class Node:
    """A node with a device on it."""

    def __init__(self, folder: Path) -> None:
        self._certificates = Certificates(folder / "certificates")
        self._cluster = Cluster(folder / "nodes", self._certificates, size=1)
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> "Node":
        self._stack.callback(self._cluster.stop)
        await self._cluster.nodes.admit([LAMP])
        await self._cluster.start()
        identity = self._certificates.device(LAMP)
        self._lamp = Device(LAMP, self._cluster.mqtt_ports[0], self._certificates, identity)
        self._stack.callback(self._lamp.close)
        assert await asyncio.to_thread(self._lamp.connected.wait, LONG_S)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def client(self) -> nats.NATS:
        tls = self._certificates.hub_context()
        made = await nats.connect(self._cluster.urls, tls=tls)
        self._stack.push_async_callback(made.close)
        return made

    @contextlib.asynccontextmanager
    async def worker(self, place: Place | None = None) -> AsyncIterator[list[Message]]:
        """What it has heard."""
        heard: list[Message] = []
        tls = self._certificates.hub_context()
        link = JetStreamLink(self._cluster.urls, tls=tls, place=place)
        await link.open(heard.extend)
        try:
            await until(lambda: link.connected)
            yield heard
        finally:
            await link.close()

    async def say(self, times: int, heard: list[Message]) -> None:
        """One after the other, each when the one before is heard."""
        for _ in range(times):
            had = len(heard)
            await asyncio.to_thread(self._lamp.say, f"rapport/{LAMP}/up/hello", b"x")
            await until(lambda had=had: len(heard) > had)


def test_the_first_of_the_row_hears_all_and_when_it_is_gone_the_next_one_does(tmp_path):
    async def story() -> None:
        async with (
            Node(tmp_path) as node,
            node.worker(Place(7)) as last,
            node.worker(Place(4)) as second,
        ):
            async with node.worker(Place(1)) as first:
                await node.say(TIMES, first)
            await node.say(TIMES, second)
            assert [len(heard) for heard in (first, second, last)] == [TIMES, TIMES, 0]

    asyncio.run(story())


def test_a_consumer_of_a_hub_that_knew_no_row_is_brought_up_to_date(tmp_path):
    async def story() -> None:
        async with Node(tmp_path) as node:
            client = await node.client()
            await client.jetstream().add_consumer(
                STREAM,
                durable_name=CONSUMER,
                filter_subject="$MQTT.msgs.rapport.*.up.>",
                ack_policy="explicit",
            )
            async with node.worker() as heard:
                await node.say(1, heard)
            answer = await client.request(f"$JS.API.CONSUMER.INFO.{STREAM}.{CONSUMER}", b"")
            assert json.loads(answer.data)["config"]["priority_policy"] == "prioritized"

    asyncio.run(story())


def test_workers_that_draw_the_same_place_draw_again_until_each_has_its_own(tmp_path):
    async def story() -> list[int]:
        async with Node(tmp_path) as node:
            places = [Place(3) for _ in range(PLACES)]
            for place in places:
                await place.claim(await node.client())
            await until(lambda: len({place.number for place in places}) == PLACES)
            return sorted(place.number for place in places)

    assert asyncio.run(story()) == list(range(PLACES))


def test_more_workers_than_places_share_them_without_a_quarrel(tmp_path):
    async def story() -> list[int]:
        async with Node(tmp_path) as node:
            said: list[bytes] = []

            async def keep(message: Msg) -> None:
                said.append(message.data)

            await (await node.client()).subscribe(WORKERS, cb=keep)
            places = [Place() for _ in range(PLACES + 3)]
            for place in places:
                await place.claim(await node.client())
            await until(lambda: len({place.number for place in places}) == PLACES)
            had = -1
            while had != len(said):  # they fall silent
                had = len(said)
                await asyncio.sleep(0.2)
            return sorted({place.number for place in places})

    assert asyncio.run(story()) == list(range(PLACES))
