"""A real Mosquitto with the files that `rapport broker mosquitto` writes."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from typer.testing import CliRunner

from hub.link import Message, issue
from hub.link.certificates import Certificates, Identity
from hub.link.mosquitto import write_mosquitto
from hub.link.mqtt import MqttLink
from hub.link.ports import free_port
from tests.conftest import require
from tests.contracts.device import LONG_S, Device, until
from tools import broker_commands

LAMP, OTHER = "lamp-0001", "lamp-0002"


class Mosquitto:
    """The broker, and devices that come to it with certificates of their own."""

    def __init__(self, folder: Path, program: str) -> None:
        self.certificates = Certificates(folder / "certificates")
        self.folder, self._program = folder / "mosquitto", program
        self.identities = {name: self.certificates.device(name) for name in (LAMP, OTHER)}
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.write()

    def write(self, *revoked: str, **other: Any) -> bool:
        certificates = [pem(self.identities[name]) for name in revoked]
        return write_mosquitto(
            self.folder,
            self.certificates,
            port=self.port,
            listen="127.0.0.1",
            revoked=certificates,
            **other,
        )

    def start(self) -> None:
        configuration = self.folder / "mosquitto.conf"
        own = self.folder / "here.conf"  # as root it would take the rights of another user
        user = "user root\n" if os.geteuid() == 0 else ""
        own.write_text(configuration.read_text() + user)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-c", own], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        until(self._answers)

    def reload(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, (self.folder / "log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def pem(identity: Identity) -> bytes:
    return ssl.DER_cert_to_PEM_cert(identity.certificate_der).encode()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    program = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    require("mosquitto", program)
    made = Mosquitto(tmp_path, str(program))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def device(broker: Mosquitto) -> Iterator[Callable[[str], Device]]:
    with contextlib.ExitStack() as stack:

        def come(name: str) -> Device:
            made = Device(name, broker.port, broker.certificates, broker.identities[name])
            stack.callback(made.close)
            return made

        yield come


class Hub:
    """The hub's own link, on a thread with a loop of its own."""

    def __init__(self, broker: Mosquitto) -> None:
        self.heard: list[Message] = []
        certificates = broker.certificates
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.link = MqttLink(
            "127.0.0.1",
            broker.port,
            client_id=certificates.hub_client_id(),
            tls=certificates.hub_context(),
        )
        self._do(self.link.open(self.heard.extend))
        until(lambda: self.link.connected)

    def close(self) -> None:
        self._do(self.link.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, what: Any) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(LONG_S)


@pytest.fixture
def hub(broker: Mosquitto) -> Iterator[Hub]:
    made = Hub(broker)
    yield made
    made.close()


def test_the_hub_hears_a_device_and_is_heard(hub, device):
    lamp = device(LAMP)
    assert lamp.connected.wait(LONG_S)
    lamp.say(f"rapport/{LAMP}/up/hello", b"here")
    until(lambda: hub.heard == [Message(LAMP, "hello", b"here")])
    until(lambda: hub.link.say(LAMP, "ack", b"yes") or lamp.heard)  # it may not listen yet
    assert set(lamp.heard) == {(f"rapport/{LAMP}/down/ack", b"yes")}


def test_a_device_neither_speaks_for_another_nor_hears_what_is_said_to_it(hub, device):
    lamp, other = device(LAMP), device(OTHER)
    assert lamp.connected.wait(LONG_S) and other.connected.wait(LONG_S)
    for topic in (f"rapport/{OTHER}/up/hello", f"rapport/{OTHER}/down/ack", "rapport-hooks/x"):
        lamp.say(topic, b"for another")
    lamp.say(f"rapport/{LAMP}/up/hello", b"own")
    until(lambda: hub.heard)
    until(lambda: hub.link.say(OTHER, "ack", b"yes") or other.heard)
    assert hub.heard == [Message(LAMP, "hello", b"own")]
    assert lamp.heard == []
    assert {topic for topic, _ in other.heard} == {f"rapport/{OTHER}/down/ack"}


def test_without_a_certificate_nobody_is_let_in(broker):
    context = ssl.create_default_context(cafile=broker.certificates.authority_pem)
    stranger = paho.Client(CallbackAPIVersion.VERSION2, LAMP)
    stranger.tls_set_context(context)
    connected: list[bool] = []
    stranger.on_connect = lambda *_: connected.append(True)
    with contextlib.suppress(OSError):
        stranger.connect("127.0.0.1", broker.port)
        while stranger.loop(0.05) == paho.MQTT_ERR_SUCCESS:
            pass
    stranger.on_connect = None
    assert connected == []


def test_a_revoked_device_is_silenced_by_a_reload_and_refused_after_a_restart(broker, hub, device):
    lamp, other = device(LAMP), device(OTHER)
    assert lamp.connected.wait(LONG_S) and other.connected.wait(LONG_S)
    assert broker.write(LAMP)
    broker.reload()

    def silent() -> bool:
        """What one says is not heard any more, when what the other says after it is."""
        hub.heard.clear()
        if not lamp.ended.is_set():
            lamp.say(f"rapport/{LAMP}/up/hello", b"still")
        other.say(f"rapport/{OTHER}/up/hello", b"too")
        until(lambda: any(one.device == OTHER for one in hub.heard))
        return not any(one.device == LAMP for one in hub.heard)

    until(silent)
    broker.stop()
    broker.start()
    refused, taken = device(LAMP), device(OTHER)
    assert refused.ended.wait(LONG_S) and not refused.connected.is_set()
    assert taken.connected.wait(LONG_S)


def test_lists_of_the_revoked_are_used_only_when_every_authority_has_one(broker, device):
    root = issue.new_authority("a maker", depth=1)
    line = issue.new_authority("a line", above=root)
    broker.certificates.trust([issue.pem(line.certificate)])
    key = issue.new_key()
    made = issue.certify(OTHER, key.public_key(), line)
    broker.identities[OTHER] = Identity(issue.key_der(key), issue.der(made), b"")
    assert not broker.write()
    lists = [issue.revoked([made.serial_number], line)]
    assert broker.write(lists=lists)
    broker.stop()
    broker.start()
    own, of_the_line = device(LAMP), device(OTHER)
    assert own.connected.wait(LONG_S)
    assert of_the_line.ended.wait(LONG_S) and not of_the_line.connected.is_set()


def test_the_command_writes_what_the_hub_and_its_broker_need(tmp_path, monkeypatch):
    monkeypatch.setenv("RAPPORT_DATA", str(tmp_path / "data"))
    folder = tmp_path / "broker"
    done = CliRunner().invoke(broker_commands.app, ["mosquitto", str(folder), "--port", "8884"])
    assert done.exit_code == 0, done.output
    assert "listener 8884" in (folder / "mosquitto.conf").read_text()
    hub_name = Certificates(tmp_path / "data" / "certificates").hub_name
    assert f"user {hub_name}\n" in (folder / "acl").read_text()


def test_what_is_no_certificate_is_refused_before_anything_is_written(tmp_path):
    certificates = Certificates(tmp_path / "certificates")
    with pytest.raises(ValueError, match="PEM"):
        write_mosquitto(tmp_path / "mosquitto", certificates, revoked=[b"nonsense"])
    assert not (tmp_path / "mosquitto").exists()
