"""Simulated devices are devices: what they tell is at the hub once, also when all come at once."""

import asyncio
import io
import json
import ssl
import struct
from pathlib import Path
from random import Random

import pytest
from rich.console import Console

from firmware import mqtt
from hub.link.broker import Broker
from hub.link.certificates import Certificates
from protocol import messages, topics
from protocol.events import ADJUSTED, VISIT, decode_event
from protocol.messages import Ack, Events, Person, Welcome
from tools.errors import is_known
from tools.fleet import behaviour
from tools.fleet.crew import Plan, certify, pem_of
from tools.fleet.device import Device, Kind
from tools.fleet.journal import Journal
from tools.fleet.limits import LimitError, soft_limit
from tools.measure import run

_SUBJECT, _KIND = bytes(range(8)), Kind("lamp", 1)
_CONSUMERS, _EACH = 1_040, 16  # one session may have so many


@pytest.mark.timeout(300)
def test_a_fleet_lives_is_cut_off_and_comes_back_and_nothing_is_lost_or_counted_twice():
    printed = io.StringIO()
    run.measure("fleet", 12, 1, Console(file=printed, width=100), True)
    figures = json.loads(printed.getvalue().splitlines()[-1])["figures"]
    assert (figures["devices"], figures["lost"], figures["twice"]) == (12, 0, 0)
    assert figures["recorded"] > 0
    for key in ("storm_s", "cpu_us_per_event", "cpu_ms_per_return", "came_s", "hub_kb_per_device"):
        assert figures[key] >= 0


@pytest.mark.timeout(120)
async def test_the_hubs_own_broker_has_room_for_more_than_five_hundred_devices(tmp_path: Path):
    certificates = Certificates(tmp_path / "certificates")
    people = {f"lamp-{number}": _SUBJECT for number in range(_CONSUMERS // _EACH)}
    broker = Broker(tmp_path / "broker", certificates)
    plan = Plan(tmp_path / "certificates", tmp_path, broker.port, _KIND, people, 1)
    certify(plan)
    await broker.admit(people)
    writers: list[asyncio.StreamWriter] = []
    await broker.start()
    try:
        for name in people:  # one after the other, and all stay
            assert await _subscribed(plan, name, writers) == bytes([1] * _EACH)
    finally:
        for writer in writers:
            writer.close()
        await broker.stop()


async def _subscribed(plan: Plan, name: str, writers: list[asyncio.StreamWriter]) -> bytes:
    """What the broker says to so many subscriptions of a device's."""
    context = ssl.create_default_context(cafile=plan.certificates / "authority.pem")
    context.load_cert_chain(pem_of(plan, name))
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", plan.port, ssl=context, server_hostname="localhost"
    )
    writers.append(writer)
    writer.write(mqtt.connect(name, 600))
    writer.write(_subscribe([topics.down(name, f"k{one}") for one in range(_EACH)]))
    packets = mqtt.Packets()
    while True:
        while packet := packets.take():
            if packet[0] == mqtt.SUBACK:
                return packet[1][2:]
        chunk = await reader.read(4096)
        assert chunk, f"{name} was thrown out"
        packets.feed(chunk)


def _subscribe(wanted: list[str]) -> bytes:
    """With QoS 1, as devices did before; the broker keeps a consumer for each."""
    topics_ = b"".join(struct.pack(">H", len(one)) + one.encode() + b"\x01" for one in wanted)
    body = struct.pack(">H", 1) + topics_
    return bytes([0x82, len(body) & 127 | 128, len(body) >> 7]) + body


def test_people_behave_as_the_model_says():
    random = Random(1)
    visits = behaviour.Visits(random, bytes(4), behaviour.person(random, _SUBJECT))
    events = [decode_event(one) for number in range(2_000) for one in visits.at(1_000 * number)]
    kinds = [event.kind for event in events]
    assert kinds.count(VISIT) == visits.visits == 2_000
    assert 450 < kinds.count(ADJUSTED) < 550
    assert len({event.uid for event in events}) == len(events)
    waits = [behaviour.wait_s(random, 60) for _ in range(5_000)]
    assert 57 < sum(waits) / len(waits) < 63


def test_a_journal_drops_what_the_hub_has_and_begins_anew_when_it_knows_another_past():
    journal = Journal(bytes(8))
    for payload in (b"one", b"two", b"three"):
        journal.append(payload)
    assert [payload for _, _, payload in journal.records(2, 8)] == [b"two", b"three"]
    other = Journal(bytes(8))
    other.append(b"one")
    assert journal.ack(1, other.chain)
    assert (journal.first_unacked, journal.waiting(), journal.before) == (2, 2, other.chain)
    assert not journal.ack(2, other.chain)
    assert not journal.welcome(9, other.chain)
    assert journal.stream != bytes(8)
    assert [payload for _, _, payload in journal.records(1, 8)] == [b"two", b"three"]


def test_a_device_says_again_what_nobody_acknowledged_and_keeps_whom_it_is_told_of():
    said: list[tuple[str, bytes]] = []

    def say(kind: str, payload: bytes) -> bool:
        said.append((kind, payload))
        return True

    device = Device("lamp-1", _KIND, _SUBJECT, 1, say)
    device.joined(0)
    hello = messages.decode(topics.HELLO, said[-1][1])
    journal = device.journal
    welcome = Welcome(journal.stream, hello.boot, 0, journal.chain, 0, 0, None, None)
    _tell(device, topics.WELCOME, welcome)
    assert device.quiet
    device.visited(1_000)
    told = messages.decode(topics.EVENTS, said[-1][1])
    assert isinstance(told, Events)
    assert not device.quiet
    before = len(said)
    device.sync.passed(10_000)
    assert messages.decode(topics.EVENTS, said[-1][1]) == told
    assert len(said) == before + 1
    _tell(device, topics.ACK, Ack(journal.stream, device.recorded, journal.chain))
    assert device.quiet
    news = Person(1, 0, _SUBJECT, 1, None, [], {}, [], None, None, None, None)
    _tell(device, topics.PERSON, news)
    assert device.told == device.sync.revision == 1
    assert said[-1][0] == topics.TOLD


def test_more_devices_than_open_files_are_refused_in_a_sentence():
    assert soft_limit(100, 1_024, 4_096) == 1_024
    assert soft_limit(2_000, 1_024, 4_096) == 2_500
    with pytest.raises(LimitError, match="the hard limit here is 4096") as refused:
        soft_limit(10_000, 1_024, 4_096)
    assert is_known(refused.value)


def _tell(device: Device, kind: str, message: object) -> None:
    device.heard(topics.down(device.name, kind), messages.encode(message), 1_000)
