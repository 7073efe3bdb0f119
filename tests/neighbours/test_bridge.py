"""Home Assistant's side of a real broker: it is told what stands, and what it asks is a wish."""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from hub.link.ports import free_port
from hub.neighbours.bridge import BY, tell
from hub.neighbours.homes import Home
from tests.conftest import require
from tests.hub.living import LAMP_JSON
from tests.hub.test_api import Desk
from tests.hub.test_broker import until

CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous false
password_file {folder}/passwords
persistence false
"""
PASSWORDS = {"rapport": "the hub's own", "ha": "of the home"}
STATE = "rapport-home/lamp-1/state"


class HomeBroker:
    """A Mosquitto of a home, with users and passwords."""

    def __init__(self, folder, program):
        self.host, self.port = "127.0.0.1", free_port()
        passwords = folder / "passwords"
        passwords.write_text("".join(f"{user}:{word}\n" for user, word in PASSWORDS.items()))
        passwords.chmod(0o600)
        subprocess.run(["mosquitto_passwd", "-U", passwords], check=True)
        self._file = folder / "mosquitto.conf"
        user = "user root\n" if os.geteuid() == 0 else ""  # it gives that up, and reads nothing
        self._file.write_text(CONFIGURATION.format(port=self.port, folder=folder) + user)
        self._program, self._log = program, folder / "log"

    def __enter__(self):
        with self._log.open("ab") as log:
            command = [self._program, "-c", self._file]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def answers(self):
        assert self._process.poll() is None, self._log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex((self.host, self.port)) == 0


class HomeAssistant:
    """As much of it as a broker sees."""

    def __init__(self, broker):
        self.said, self.connected, self.listens = {}, [], []
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.username_pw_set("ha", PASSWORDS["ha"])
        self._client.on_connect = lambda *_: self.connected.append(True)
        self._client.on_subscribe = lambda *_: self.listens.append(True)
        self._client.on_message = lambda _c, _d, message: self._hear(message)
        self._broker = broker

    async def __aenter__(self):
        await asyncio.to_thread(self._client.connect, self._broker.host, self._broker.port)
        self._client.loop_start()
        await until(lambda: self.connected)
        self._client.subscribe([("homeassistant/#", 1), ("rapport-home/#", 1)])
        await until(lambda: self.listens)
        return self

    async def __aexit__(self, *_):
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
        self._client.on_connect = self._client.on_message = self._client.on_subscribe = None

    def _hear(self, message):
        if not message.topic.endswith("homeassistant/status"):
            self.said[message.topic] = message.payload
            assert not message.retain or message.topic == "rapport-home/status"

    def ask(self, setting, text):
        self._client.publish(f"rapport-home/lamp-1/set/{setting}", text, qos=1)

    def begin(self):
        self._client.publish("homeassistant/status", b"online", qos=1)

    def stands(self, *path):
        found = json.loads(self.said.get(STATE) or b"{}")
        for name in path:
            found = found.get(name, {})
        return found

    def documents(self):
        return {
            topic for topic, payload in self.said.items() if topic.endswith("config") and payload
        }


@pytest.fixture
def broker(tmp_path):
    program = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    require("mosquitto", program)
    with HomeBroker(tmp_path, program) as broker:
        yield broker


@contextlib.asynccontextmanager
async def at_home(broker, desk, owner):
    """Home Assistant, while the hub tells this home of its lamp."""
    await until(broker.answers)
    home = Home(
        "ana",
        broker.host,
        {"lamp-1": owner},
        port=broker.port,
        tls=False,
        user="rapport",
        password=PASSWORDS["rapport"],
    )
    changed = desk.parts.changed
    async with HomeAssistant(broker) as ha:
        task = asyncio.create_task(tell([home], desk.parts.profiles, desk.parts.audit, changed))
        try:
            await until(lambda: changed.listeners or task.done())
            yield ha
        finally:
            changed.close()  # as the hub does when it ends
            await task
        await until(lambda: ha.said.get("rapport-home/status") == b"offline")


def of_the_hub(role="owner"):
    """A hub that knows Ana and her lamp, and runs in this loop."""
    desk = Desk()
    profiles = desk.parts.profiles
    profiles.register("lamp-1", "lamp")
    ana = profiles.welcome("Ana")
    profiles.link(ana, "lamp-1", role)
    return desk, ana


async def test_a_home_is_told_of_its_device_and_of_nobody(broker):
    desk, ana = of_the_hub()
    async with at_home(broker, desk, None) as ha:
        await until(lambda: ha.stands("online"))
        assert len(ha.documents()) == 2 and ha.stands("settings") == {}
        assert ha.said["rapport-home/status"] == b"online"
        everything = b"".join(ha.said.values())
        assert b"Ana" not in everything and ana.encode() not in everything
        ha.ask("brightness", "20")
        ha.said.clear()
        ha.begin()
        await until(lambda: ha.stands("online") and len(ha.documents()) == 2)
        assert desk.parts.profiles.wishes(ana) == []


async def test_an_owner_has_their_settings_at_home_and_asks_for_others(broker):
    desk, ana = of_the_hub()
    async with at_home(broker, desk, ana) as ha:
        await until(lambda: ha.stands("settings", "brightness") == 60)
        assert len(ha.documents()) == 2 + len(LAMP_JSON["settings"])
        for setting, text, value in (
            ("brightness", "85.0", 85),
            ("mood", "bright", "bright"),
            ("night_light", "on", "on"),
        ):
            ha.ask(setting, text)
            await until(lambda s=setting, v=value: ha.stands("settings", s) == v)
        everything = b"".join(ha.said.values())
        assert b"Ana" not in everything and ana.encode() not in everything
        wishes = desk.parts.profiles.wishes(ana)
        assert {wish["by"] for wish in wishes} == {BY} and len(wishes) == 3
        looked = desk.parts.audit.about(ana, 10)
        assert [(one["who"], one["what"]) for one in looked] == [
            ("home ana", "showed settings at home")
        ]


async def test_what_cannot_be_asked_for_changes_nothing_and_what_stands_is_said(broker, caplog):
    desk, ana = of_the_hub()
    async with at_home(broker, desk, ana) as ha:
        await until(lambda: ha.stands("settings", "brightness") == 60)
        for setting, text in (("brightness", "9000"), ("nonsense", "1"), ("mood", b"\xff" * 200)):
            ha.ask(setting, text)
        await until(lambda: caplog.text.count("asked for what cannot be") == 3)
        assert desk.parts.profiles.wishes(ana) == []


@pytest.mark.parametrize("end", ["forget", "unlink"])
async def test_whoever_leaves_is_not_shown_any_more(broker, end):
    desk, ana = of_the_hub()
    async with at_home(broker, desk, ana) as ha:
        await until(lambda: ha.stands("settings", "brightness") == 60)
        if end == "forget":
            desk.parts.profiles.forget(ana)
        else:
            desk.parts.profiles.unlink(ana, "lamp-1")
        await until(lambda: ha.stands("settings") == {} and len(ha.documents()) == 2)
        ha.ask("brightness", "20")
        ha.said.clear()
        ha.begin()
        await until(lambda: ha.stands("online"))
        assert ha.stands("settings") == {}


async def test_a_user_of_a_device_is_not_its_owner(broker):
    desk, ana = of_the_hub(role="user")
    async with at_home(broker, desk, ana) as ha:
        await until(lambda: ha.stands("online"))
        assert ha.stands("settings") == {} and len(ha.documents()) == 2
    assert desk.parts.audit.about(ana, 10) == []


async def test_a_home_that_is_not_there_is_no_harm():
    desk, _ = of_the_hub()
    home = Home("away", "127.0.0.1", {"lamp-1": None}, port=1, tls=False)
    task = asyncio.create_task(
        tell([home], desk.parts.profiles, desk.parts.audit, desk.parts.changed)
    )
    await until(lambda: desk.parts.changed.listeners)
    desk.parts.changed("device", "lamp-1")
    desk.parts.changed.close()
    await task
    assert desk.parts.changed.listeners == 0
