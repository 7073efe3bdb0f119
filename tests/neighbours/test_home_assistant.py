"""What Home Assistant is told: its documents, and, where it is installed, by its own schemas."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from jinja2 import Template

from hub.config import Settings
from hub.neighbours.home_assistant import Look, command, entities, state
from hub.neighbours.homes import HomeFileError, read_homes
from hub.start import build
from tests.neighbours.test_thing import EVERYTHING, KNOWN

PYTHON = os.environ.get("HOME_ASSISTANT", "")
CHECK = Path(__file__).with_name("home_assistant_schemas.py")


def test_a_device_without_an_owner_shows_only_what_is_nobodys():
    found = entities(Look("one-1", "The first", EVERYTHING))
    assert set(found) == {
        "homeassistant/binary_sensor/one-1/online/config",
        "homeassistant/sensor/one-1/uses/config",
    }
    assert not [one for one in found.values() if "command_topic" in one]


def test_each_kind_of_setting_is_an_entity_that_fits():
    found = entities(Look("one-1", "The first", EVERYTHING, settings=True, prefix="home/ha"))
    kinds = {tuple(topic.split("/")[2:5:2]) for topic in found if "/set_" in topic}
    assert kinds == {
        ("number", "set_level"),
        ("select", "set_mood"),
        ("switch", "set_night"),
        ("text", "set_shade"),
        ("text", "set_wake"),
    }
    for topic, one in found.items():
        assert topic.startswith("home/ha/") and topic.endswith("/config")
        if "command_topic" in one:
            device, setting = command(one["command_topic"])
            assert (device, f"set_{setting}") == ("one-1", topic.split("/")[4])
    assert len({one["unique_id"] for one in found.values()}) == len(found)


def test_templates_find_what_stands():
    shown = [(one.name, one.show(one.start)) for one in EVERYTHING.settings if not one.retired]
    stands = json.loads(state(True, {"uses": 3}, shown))
    found = entities(Look("one-1", "The first", EVERYTHING, settings=True))
    values = {
        topic.split("/")[3]: Template(one["value_template"]).render(value_json=stands)
        for topic, one in found.items()
    }
    assert values == {
        "online": "ON",
        "uses": "3",
        "set_level": "-10",
        "set_mood": "calm",
        "set_night": "off",
        "set_shade": "#ffffff",
        "set_wake": "00:00",
    }


def test_what_stands_is_one_document():
    stands = json.loads(state(True, {"uses": 3}, [("night", True), ("level", -5)]))
    assert stands == {
        "online": "ON",
        "totals": {"uses": 3},
        "settings": {"night": "on", "level": -5},
    }


@pytest.mark.parametrize("topic", ["rapport/lamp-1/set/mood", "rapport-home/x/get/y", "x", ""])
def test_another_topic_asks_for_nothing(topic):
    with pytest.raises(ValueError, match="no setting"):
        command(topic)


@pytest.mark.skipif(not PYTHON, reason="HOME_ASSISTANT names no Python that has Home Assistant")
def test_home_assistant_itself_takes_the_documents():
    looks = [Look(f"{one.name}-1", "The first", one, settings=True) for one in KNOWN]
    found = {topic: document for look in looks for topic, document in entities(look).items()}
    run = subprocess.run(
        [PYTHON, CHECK], input=json.dumps(found), capture_output=True, text=True, timeout=100
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == len(found)


HOME = {"name": "ana", "host": "ha.example.org", "devices": {"lamp-1": None}}


def read(folder, *homes):
    file = folder / "homes.json"
    file.write_text(json.dumps(homes))
    return read_homes(file)


def test_a_file_of_homes_is_read_and_no_password_is_shown(tmp_path):
    (home,) = read(tmp_path, HOME | {"user": "rapport", "password": "a secret", "port": 1883})
    assert (home.port, home.tls, home.devices) == (1883, True, {"lamp-1": None})
    assert "a secret" not in repr(home)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"host": ""}, "host"),
        ({"port": 0}, "port"),
        ({"tls": "no"}, "tls"),
        ({"password": 7}, "password"),
        ({"ca": "not/there.pem"}, "ca"),
        ({"devices": {}}, "devices"),
        ({"devices": {"Lamp 1": None}}, "device"),
        ({"devices": {"lamp-1": 7}}, "owner"),
        ({"prefix": "rapport/x"}, "prefix"),
        ({"prefix": "home/#"}, "prefix"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_file_of_homes_that_cannot_be_used_says_where(tmp_path, change, word):
    with pytest.raises(HomeFileError, match=f"home 1: .*{word}"):
        read(tmp_path, HOME | change)


def test_two_homes_have_two_names(tmp_path):
    with pytest.raises(HomeFileError, match="same name"):
        read(tmp_path, HOME, HOME)


def test_the_hub_begins_with_the_homes_of_its_file(tmp_path):
    (home,) = read(tmp_path, HOME)
    settings = Settings(data=tmp_path / "data", homes=tmp_path / "homes.json", broker="127.0.0.1")
    parts = build(settings)
    try:
        assert parts.homes == (home,)
    finally:
        parts.store.close()
        parts.audit.close()
