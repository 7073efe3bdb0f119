"""The AsyncAPI and OpenAPI documents: by the schemas of those who made them, and true."""

import json
import re
from pathlib import Path

import cbor2
import pytest
from jsonschema import Draft7Validator
from openapi_spec_validator import validate

from hub.neighbours.asyncapi import document
from protocol import topics
from tools.reference.routes import application

HERE = Path(__file__).parent
SCHEMA = Draft7Validator(json.loads((HERE / "asyncapi-3.0.0.schema.json").read_bytes()))
VECTORS = HERE.parents[1] / "protocol" / "vectors" / "messages.json"
MESSAGES = json.loads(VECTORS.read_bytes())["messages"]


def plain(value):
    """What came as CBOR, as JSON has it: a character for each byte, maps with names."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def payload(kind):
    return Draft7Validator(document("1")["components"]["messages"][kind]["payload"])


def test_the_schema_of_asyncapi_takes_the_document():
    assert [error.message for error in SCHEMA.iter_errors(document("0.1.0"))] == []


@pytest.mark.parametrize("wrong", ["shout", 7])
def test_the_schema_of_asyncapi_would_not_take_everything(wrong):
    made = document("0.1.0")
    made["operations"]["send_ack"]["action"] = wrong
    assert not SCHEMA.is_valid(made)


def test_every_reference_leads_somewhere():
    made = document("0.1.0")
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(made)):
        found = made
        for part in reference.split("/"):
            found = found[part]


def test_every_topic_of_the_protocol_is_in_it_and_is_a_topic():
    made = document("0.1.0")
    known = {f"{way}_{kind}" for way, kinds in WAYS for kind in kinds}
    channels = {name: one for name, one in made["channels"].items() if "parameters" in one}
    assert set(channels) == known
    for name, channel in channels.items():
        device, way, kind = topics.parse(channel["address"].replace("{device}", "lamp-1"))
        assert (device, f"{way}_{kind}") == ("lamp-1", name)


WAYS = (("up", topics.UP_KINDS), ("down", topics.DOWN_KINDS))


@pytest.mark.parametrize("at", range(len(MESSAGES)))
def test_a_message_of_the_protocol_is_as_its_schema_says(at):
    kind, data = MESSAGES[at]["kind"], bytes.fromhex(MESSAGES[at]["hex"])
    fields = plain(cbor2.loads(data))
    assert [error.message for error in payload(kind).iter_errors(fields)] == []
    assert not payload(kind).is_valid([2, *fields[1:]]), "of another version"
    assert not payload(kind).is_valid([fields[0], {}, *fields[2:]])


def test_the_api_is_told_in_an_openapi_document_that_holds():
    validate(application().openapi())
