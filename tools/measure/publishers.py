"""Devices that publish as fast as a broker takes it: their messages are made before it begins.

Each has a connection of its own, by mutual TLS, and at most a window of messages that the broker
has not acknowledged. What they say is what devices say: a hello, then their whole journal.
"""

import asyncio
import ssl
import time
from multiprocessing.connection import Connection
from typing import NamedTuple

from firmware import mqtt
from firmware.mqtt import LinkError
from protocol import messages, packed, topics
from protocol.messages import MOST_RECORDS, Ack, Events
from tools.fleet.crew import Plan, certify, now_ms, pem_of
from tools.fleet.device import Device

_WINDOW = 50
_READ_BYTES = 1 << 16
_KEEPALIVE_S = 3600


class Load(NamedTuple):
    """events: at least so many of each device; each: how many it tells at once."""

    plan: Plan
    events: int
    each: int


class Made(NamedTuple):
    """What there is to publish, by device: events and visits recorded; messages with events."""

    recorded: dict[str, int]
    visits: dict[str, int]
    messages: int


class Published(NamedTuple):
    """By time.monotonic, s: the first was sent, and the hub had the last (0: nobody was asked)."""

    start_s: float
    durable_s: float


def run_publishers(load: Load, pipe: Connection) -> None:
    """What their process does: sends Made when all are connected, begins when it is told whether
    to wait for the hub, and sends Published."""
    asyncio.run(_serve(load, pipe))


class Journal(NamedTuple):
    """told: (kind, payload) of all that a device says, its hello first."""

    told: list[tuple[str, bytes]]
    recorded: int
    visits: int


def journal_of(load: Load, name: str) -> Journal:
    """What one of the devices has to tell."""
    said: list[tuple[str, bytes]] = []

    def say(kind: str, payload: bytes) -> bool:
        said.append((kind, payload))
        return True

    plan = load.plan
    device = Device(name, plan.kind, plan.people[name], plan.seed, say)
    device.sync.joined(now_ms())
    while device.recorded < load.events:
        device.visited(now_ms())
    told = [said[0], *((topics.EVENTS, one) for one in _told(device, load.each))]
    return Journal(told, device.recorded, device.visits)


async def _serve(load: Load, pipe: Connection) -> None:
    certify(load.plan)
    publishers = [_Publisher(load, name) for name in load.plan.people]
    await asyncio.gather(*(one.connect() for one in publishers))
    pipe.send(
        Made(
            {one.name: one.journal.recorded for one in publishers},
            {one.name: one.journal.visits for one in publishers},
            sum(len(one.packets) for one in publishers) - len(publishers),
        )
    )
    wait = await asyncio.to_thread(pipe.recv)
    start_s = time.monotonic()
    await asyncio.gather(*(one.publish(wait) for one in publishers))
    pipe.send(Published(start_s, max(one.durable_s for one in publishers)))
    await asyncio.to_thread(pipe.recv)  # stay, so that no will is said
    for one in publishers:
        one.writer.close()


class _Publisher:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def __init__(self, load: Load, name: str) -> None:
        self.name, self.durable_s, self.journal = name, 0.0, journal_of(load, name)
        self.packets = [
            mqtt.publish(number % 0xFFFF + 2, *_said(name, kind, payload))
            for number, (kind, payload) in enumerate(self.journal.told)
        ]
        self._pem, self._plan = pem_of(load.plan, name), load.plan
        self._unread = mqtt.Packets()
        self._upto = self._open = 0

    async def connect(self) -> None:
        context = ssl.create_default_context(cafile=self._plan.certificates / "authority.pem")
        context.load_cert_chain(self._pem)
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self._plan.port, ssl=context, server_hostname="localhost"
        )
        self.writer.write(mqtt.connect(self.name, _KEEPALIVE_S))
        await self._until(mqtt.CONNACK)
        self.writer.write(mqtt.subscribe(1, [topics.down(self.name, "#")]))
        await self._until(mqtt.SUBACK)

    async def publish(self, wait: bool) -> None:
        """Say all; then, if it is to wait, until the hub has acknowledged it."""
        at = 0
        while at < len(self.packets) or self._open or (wait and self._upto < self.journal.recorded):
            some = self.packets[at : at + _WINDOW - self._open]
            self.writer.write(b"".join(some))
            at, self._open = at + len(some), self._open + len(some)
            await self._read()
        self.durable_s = time.monotonic()

    async def _until(self, wanted: int) -> None:
        while wanted not in await self._read():
            pass

    async def _read(self) -> list[int]:
        """Take in what comes; the first bytes of the packets."""
        chunk = await self.reader.read(_READ_BYTES)
        if not chunk:
            raise LinkError(f"{self.name} was thrown out")
        self._unread.feed(chunk)
        heads = []
        while packet := self._unread.take():
            heads.append(packet[0])
            if packet[0] == mqtt.PUBACK:
                self._open -= 1
            elif mqtt.is_publish(packet[0]):
                self._heard(*packet)
        return heads

    def _heard(self, head: int, body: bytes) -> None:
        topic, payload, packet_id = mqtt.message(head, body)
        if packet_id is not None:
            self.writer.write(mqtt.puback(packet_id))
        if topics.parse(topic)[2] == topics.ACK:
            said = messages.decode(topics.ACK, payload)
            assert isinstance(said, Ack)
            self._upto = max(self._upto, said.upto)


def _said(name: str, kind: str, payload: bytes) -> tuple[str, bytes]:
    """Topic and payload, as a device whose hub reads packed events says it."""
    if kind != topics.EVENTS:
        return topics.up(name, kind), payload
    return topics.up(name, topics.PACKED), bytes(packed.pack(payload))


def _told(device: Device, each: int) -> list[bytes]:
    """The journal in messages; `each` events at once take several, where they are too many."""
    journal, told = device.journal, []
    for begin in range(1, journal.next, each):
        end = min(begin + each, journal.next)
        for first in range(begin, end, MOST_RECORDS):
            records = journal.records(first, min(MOST_RECORDS, end - first))
            some = [(kind, payload) for _, kind, payload in records]
            told.append(messages.encode(Events(journal.stream, first, some)))
    return told
