import json
import random
from pathlib import Path

import fastjsonschema
import pytest

import hub.export
from hub.refold import refold
from hub.use import write_use
from tests.hub.lives import Life, steps
from tests.hub.living import LAMP
from tests.hub.test_identities import Two

SCHEMA = Path(hub.export.__file__).with_name("export.schema.json")


@pytest.fixture(scope="module")
def is_valid():
    return fastjsonschema.compile(json.loads(SCHEMA.read_text()))


def lived(seed=3):
    life = Life()
    for number, step in enumerate(steps(20, random.Random(seed))):
        life.step(number, step)
    life.undo(steps=2)
    return life


@pytest.mark.parametrize("seed", range(4))
def test_an_export_has_the_shape_that_is_promised(is_valid, seed):
    is_valid(lived(seed).export())


def test_every_value_says_its_source_author_and_reason_for_every_time_of_day(is_valid):
    settings = is_valid(lived().export())["settings"]
    assert len(settings) == 3 * 5
    assert all(one["source"] and one["author"] and one["why"] for one in settings)
    assert all(one["at_ms"] for one in settings if one["source"] != "default")


def test_the_same_profile_gives_the_same_bytes():
    one, other = (json.dumps(lived().export()) for _ in range(2))
    assert one == other


def test_from_an_export_all_that_is_known_can_be_folded_again():
    (ana,) = lived().export()["identities"]
    entries = [(entry.pop("number"), entry) for entry in ana["history"]]
    use = refold(ana["snapshots"].get("lamp"), entries, LAMP, ana["generation"])
    assert json.loads(json.dumps(write_use(use))) == json.loads(json.dumps(ana["use"]["lamp"]))


def test_linked_identities_are_all_in_it(is_valid):
    two = Two()
    two.link()
    exported = is_valid(two.histories.export(two.people[1]))
    assert [one["name"] for one in exported["identities"]] == ["Ana", "Ana at work"]


def test_no_secret_is_in_it():
    life = lived()
    text = json.dumps(life.export())
    secrets = life.hub.profiles.credential(life.ana)
    assert secrets["master"] not in text
    assert all(share["ticket"] not in text for share in secrets["devices"].values())
