"""Thing Descriptions: by the W3C's own schema, and the hub does what they say."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from hub import products
from hub.neighbours.thing import description, model, value
from protocol.product import read_product
from tests.hub.living import LAMP
from tests.hub.test_api import Desk

HERE = Path(__file__).parent
SCHEMA = Draft7Validator(json.loads((HERE / "thing-description-1.1.schema.json").read_bytes()))
PRODUCTS = products.load([HERE.parents[1] / "firmware" / "products"])
EVERYTHING = read_product(
    {
        "product": "everything",
        "settings": [
            {"kind": "number", "name": "level", "low": -10, "high": 10, "step": 5, "unit": "dB"},
            {"kind": "choice", "name": "mood", "options": ["calm", "bright"]},
            {"kind": "switch", "name": "night"},
            {"kind": "colour", "name": "shade"},
            {"kind": "time", "name": "wake"},
            {"kind": "switch", "name": "old", "retired": True},
        ],
        "counters": [{"name": "uses"}],
    }
)
KNOWN = [*PRODUCTS.values(), EVERYTHING]


@pytest.mark.parametrize("product", KNOWN, ids=lambda product: product.name)
def test_the_schema_of_the_w3c_takes_a_device_of_each_product(product):
    made = description("one-1", "The first", product, "https://rapport.example.org")
    assert [error.message for error in SCHEMA.iter_errors(made)] == []
    del made["actions"][next(iter(made["actions"]))]["forms"]
    assert not SCHEMA.is_valid(made)


@pytest.mark.parametrize("product", KNOWN, ids=lambda product: product.name)
def test_a_device_is_the_model_of_its_product_filled_in(product):
    text = json.dumps(model(product))
    for name, filled in (("{{DEVICE}}", "one-1"), ("{{HUB}}", "https://h.example")):
        text = text.replace(name, filled)
    filled, made = json.loads(text), description("one-1", "x", product, "https://h.example")
    assert filled.pop("@type") == "tm:ThingModel"
    for name in ("version", "title"):
        filled.pop(name), made.pop(name)
    del made["id"]
    assert filled == made


def test_no_two_devices_have_one_id():
    ids = {description(name, "", LAMP, hub)["id"] for name in ("a", "b") for hub in ("x", "y")}
    assert len(ids) == 4


@pytest.mark.parametrize("setting", EVERYTHING.settings, ids=lambda setting: setting.name)
def test_a_setting_is_described_as_it_is(setting):
    schema = Draft7Validator(value(setting))
    low, high = setting.rungs()
    for code in {setting.start, setting.code(low), setting.code(high)}:
        assert schema.is_valid(setting.show(code))
    assert not schema.is_valid("nonsense")


def test_what_is_retired_cannot_be_asked_for():
    actions = description("a", "A", EVERYTHING, "")["actions"]
    assert set(actions) == {f"wish_{name}" for name in ("level", "mood", "night", "shade", "wake")}


def test_the_hub_answers_and_does_what_the_description_says():
    desk = Desk()
    with desk.staff:
        ana = desk.welcome()
        thing = description("lamp-1", "Lamp", LAMP, "http://testserver")
        status = thing["properties"]["status"]
        answer = desk.staff.get(thing["base"] + status["forms"][0]["href"]).json()
        assert [error.message for error in Draft7Validator(status).iter_errors(answer)] == []
        for setting in LAMP.settings:
            wish = thing["actions"][f"wish_{setting.name}"]
            asked = {"product": "lamp", "setting": setting.name, "by": "A Thing"}
            asked["value"] = setting.show(setting.start)
            assert Draft7Validator(wish["input"]).is_valid(asked)
            (form,) = wish["forms"]
            href = thing["base"] + form["href"].replace("{customer}", ana)
            made = desk.staff.request(form["htv:methodName"], href, json=asked)
            assert made.status_code == 201
        refused = desk.staff.post(href, json=asked | {"value": "nonsense"})
        assert refused.status_code == 422
        assert not Draft7Validator(wish["input"]).is_valid(asked | {"value": "nonsense"})
        assert "Ana" not in json.dumps(thing)
