"""The device's link, on MicroPython, over the real broker and against one that means ill."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import pytest

from hub.link import Message
from hub.link.broker import Broker
from hub.link.certificates import Certificates, Identity
from hub.link.mqtt import MqttLink
from tests.conftest import ROOT, micropython, require
from tools.bench.server import Server

LAMP = "lamp-0001"
CONNACK, SUBACK = b"\x20\x02\x00\x00", b"\x90\x03\x00\x01\x01"


class Device:
    """A MicroPython process with a Link, and what it said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.said: list[list[Any]] = []
        self.counters: dict[str, int] = {}
        self.log = ""
        self._process = process

    async def read(self) -> None:
        assert self._process.stdout
        async for line in self._process.stdout:
            if not line.startswith(b"["):
                self.log += line.decode()
                continue
            what, *values = json.loads(line)
            if what == "counters":
                self.counters = values[0]
            else:
                self.said.append([what, *values])

    def of(self, what: str) -> list[Any]:
        return [values[0] for word, *values in self.said if word == what]

    @property
    def alive(self) -> bool:
        return self._process.returncode is None


class Hub:
    """The hub's end of the broker."""

    def __init__(self, link: MqttLink) -> None:
        self.link = link
        self.messages: list[Message] = []

    def say(self, kind: str, payload: bytes = b"") -> None:
        self.link.say(LAMP, kind, payload)

    def of(self, kind: str) -> list[bytes]:
        return [message.payload for message in self.messages if message.kind == kind]


@contextlib.asynccontextmanager
async def device(port: int, host: str = "127.0.0.1", **more: Any) -> AsyncIterator[Device]:
    require("a micropython interpreter", micropython())
    process = await asyncio.create_subprocess_exec(
        micropython(),
        "-X",
        "heapsize=105k",
        "tests/firmware/link_device.py",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdin
    process.stdin.write(json.dumps({"host": host, "port": port, **more}).encode() + b"\n")
    found = Device(process)
    reading = asyncio.create_task(found.read())
    try:
        yield found
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await reading


@contextlib.asynccontextmanager
async def broker(folder: Path) -> AsyncIterator[tuple[Broker, Certificates, Hub]]:
    certificates = Certificates(folder / "certificates")
    found = Broker(folder / "broker", certificates)
    await found.admit([LAMP])
    await found.start()
    client_id = certificates.hub_client_id()
    link = MqttLink(found.host, found.port, client_id=client_id, tls=certificates.hub_context())
    hub = Hub(link)
    await link.open(hub.messages.extend)
    try:
        await until(lambda: link.connected)
        yield found, certificates, hub
    finally:
        await link.close()
        await found.stop()


@contextlib.asynccontextmanager
async def connected(folder: Path) -> AsyncIterator[tuple[Broker, Hub, Device]]:
    async with (
        broker(folder) as (found, certificates, hub),
        device(found.port, tls=hexed(certificates.device(LAMP))) as lamp,
    ):
        await until(lambda: hub.of("online"))
        yield found, hub, lamp


@contextlib.asynccontextmanager
async def rogue(*answers: bytes, polite: bool = True) -> AsyncIterator[int]:
    """A port that gives each connection the next answer, after an orderly beginning if polite."""
    waiting = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(512)
            if polite or not waiting:
                writer.write(CONNACK)
                await reader.read(512)
                writer.write(SUBACK)
            if waiting:
                writer.write(waiting.pop(0))
            while await reader.read(512):
                pass
        except ConnectionError:
            pass

    server = Server(serve)
    await server.start()
    try:
        yield server.port
    finally:
        await server.stop()


async def until(met: Any, seconds: float = 15) -> None:
    for _ in range(int(seconds * 100)):
        if met():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited in vain")


def hexed(identity: Identity) -> list[str]:
    return [part.hex() for part in identity]


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_over_mutual_tls_what_is_said_arrives_both_ways(tmp_path: Path, host: str):
    async def story() -> None:
        async with broker(tmp_path) as (found, certificates, hub):
            async with device(found.port, host, tls=hexed(certificates.device(LAMP))) as lamp:
                await until(lambda: hub.of("online") == [b"1"])
                payloads = [b"", b"x" * 300, bytes(range(256)) * 8]
                for payload in payloads:
                    hub.say("ack", payload)
                await until(lambda: hub.of("events") == payloads)
                await until(lambda: lamp.counters["acknowledged"] == 4)
                assert lamp.counters["heard"] == 3 and lamp.counters["lost"] == 0
            await until(lambda: hub.of("online") == [b"1", b"0"])  # its last will

    run(story())


def test_when_the_broker_comes_back_so_does_the_device(tmp_path: Path):
    async def story() -> None:
        async with connected(tmp_path) as (found, hub, lamp):
            await until(lambda: len(lamp.of("joined")) == 1)
            await found.stop()
            await until(lambda: lamp.counters.get("lost") == 1)
            await found.start()
            await until(lambda: len(lamp.of("joined")) == 2)
            await until(lambda: hub.link.connected)
            hub.say("ack", b"again")
            await until(lambda: hub.of("events") == [b"again"])

    run(story())


def test_a_broker_of_another_authority_or_name_is_not_spoken_to(tmp_path: Path):
    async def story() -> None:
        stranger = Certificates(tmp_path / "stranger").device(LAMP)
        async with broker(tmp_path) as (found, certificates, hub):
            ours = certificates.device(LAMP)
            fooled = hexed(ours._replace(ca_der=stranger.ca_der))
            async with (
                device(found.port, tls=fooled) as wrong_authority,
                device(found.port, tls=hexed(ours), name="elsewhere") as wrong_name,
                device(found.port, tls=hexed(stranger._replace(ca_der=ours.ca_der))) as wrong_self,
            ):
                for lamp in (wrong_authority, wrong_name, wrong_self):
                    await until(lambda lamp=lamp: lamp.log.count("link:") >= 2)
                    assert lamp.alive and not lamp.of("joined")
                assert "not correctly signed" in wrong_authority.log
                assert "does not match" in wrong_name.log
            assert not hub.messages

    run(story())


def test_nothing_a_broker_sends_ends_the_link():
    rubbish = {
        "malformed": (
            b"\xff\x00",
            b"\x20\x02\x00\x00",
            b"\x30\x80\x80\x80\x80\x01",
            b"\x30\x01\x00",
            b"\x32\x05\x00\x09abc",
            b"\x36\x07\x00\x03a/b\x00\x01",
            b"\x30\x04\x00\x02\xff\xfe",
            b"\x90\x03\x00\x01\x01",
            b"\x00\x00",
        ),
        "large": (b"\x30\xff\xff\xff\x7f", b"\x32\x81\x20" + bytes(3000)),
    }
    answers = [answer for each in rubbish.values() for answer in each]

    async def story() -> None:
        async with rogue(*answers) as port, device(port) as lamp:
            await until(lambda: lamp.counters.get("joined") == len(answers) + 1)
            for word, each in rubbish.items():
                assert lamp.counters[word] == len(each), word

    run(story())


def test_a_refusal_or_rubbish_instead_of_a_welcome_is_tried_again_later():
    answers = (b"\x20\x02\x00\x05", CONNACK + b"\x90\x03\x00\x01\x80", b"HTTP/1.1 400 " + bytes(80))

    async def story() -> None:
        async with rogue(*answers, polite=False) as port, device(port) as lamp:
            await until(lambda: lamp.counters.get("joined") == 1)
            assert (lamp.counters["refused"], lamp.counters["malformed"]) == (2, 1)
            assert lamp.counters["lost"] == 0

    run(story())


def test_an_unreadable_message_is_counted_and_the_link_stays(tmp_path: Path):
    async def story() -> None:
        async with connected(tmp_path) as (_, hub, lamp):
            hub.say("forget", b"?")
            hub.say("ack", b"!")
            await until(lambda: hub.of("events") == [b"!"])
            await until(lambda: lamp.counters["heard"] == 2)
            assert (lamp.counters["unreadable"], lamp.counters["lost"]) == (1, 0)

    run(story())


def test_what_does_not_fit_into_the_queue_is_refused_and_the_rest_goes_out(tmp_path: Path):
    async def story() -> None:
        async with connected(tmp_path) as (_, hub, lamp):
            hub.say("person")
            await until(lambda: hub.of("hello") == [b"%d" % n for n in range(8)])
            assert lamp.of("burst") == [[True] * 8 + [False] * 4]
            await until(lambda: lamp.counters["full"] == 4)

    run(story())


def test_a_broker_that_falls_silent_is_left():
    async def story() -> None:
        async with rogue() as port, device(port, keepalive_s=1) as lamp:
            await until(lambda: lamp.counters.get("joined", 0) >= 2)
            assert lamp.counters["lost"] >= 1 and "silent" in lamp.log

    run(story())
