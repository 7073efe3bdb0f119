import copy
import csv
import io
import json
import random
import zipfile
from pathlib import Path

import fastjsonschema
import pytest

import hub.privacy.export
from hub.draft import Draft
from hub.errors import ConflictError, InvalidError
from hub.past.histories import Histories
from hub.past.record import anew
from hub.past.refold import refold
from hub.past.use import write_use
from hub.people.customer import Customer
from hub.people.notes import Notes
from hub.privacy.consents import Consents
from hub.privacy.imports import Imports
from hub.privacy.sheet import archive, sheet
from tests.hub.lives import Life, steps
from tests.hub.living import LAMP, Hub
from tests.hub.test_api import Desk
from tests.hub.test_api import desk as desk
from tests.hub.test_identities import Two

SCHEMA = Path(hub.privacy.export.__file__).with_name("export.schema.json")


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


# Taken in elsewhere


def brought(document, there=None):
    """(the hub it was taken in at, the id there, what it exports)"""
    there = there or Hub()
    there.dice.thrown = 1000  # no id of the one is one of the other
    there.now_ms += 86_400_000
    customer = Imports(there.profiles.office).take(json.loads(json.dumps(document)))
    return there, customer, Histories(there.profiles.office).export(customer)


@pytest.mark.parametrize("seed", range(4))
def test_what_another_hub_takes_in_is_the_same_profile(is_valid, seed):
    life = lived(seed)
    office = life.hub.profiles.office
    Consents(office).say(life.ana, "share", False, "Ana")
    Notes(office).add(life.ana, "Reads in bed.", "Sam")
    given = life.export()
    there, customer, again = brought(given)
    assert is_valid(again)["digest"] == given["digest"]
    assert again["settings"] == given["settings"]
    assert customer != life.ana, "no id is used twice"
    assert again["devices"] == []
    secrets = there.profiles.credential(customer)
    assert secrets["master"] != life.hub.profiles.credential(life.ana)["master"]


def test_life_goes_on_where_it_was_taken_in():
    life = lived()
    there, customer, given = brought(life.export())
    lamp = there.lamp("lamp-9")
    there.profiles.link(customer, "lamp-9")
    lamp.hello()
    lamp.listen()
    there.profiles.wish(customer, "lamp", "mood", "bright", "Ana")
    numbers = [line["id"] for line in there.profiles.timeline(customer, 1000)]
    assert numbers == sorted(set(numbers), reverse=True)
    assert max(numbers) > given["identities"][0]["counts"]["timeline"]
    Histories(there.profiles.office).undo(customer, "Ana", steps=2)
    use = anew(Customer(Draft(there.store), customer), LAMP)
    assert use.visits == life.use().visits


def test_linked_identities_come_together():
    two = Two()
    two.link()
    given = two.histories.export(two.people[1])
    there, customer, again = brought(given)
    assert again["digest"] == given["digest"]
    assert again["customer"] == customer == again["identities"][1]["id"]
    assert [row["name"] for row in there.profiles.search()] == ["Ana", "Ana at work"]


def test_ten_thousand_events_go_out_and_come_in_whole():
    life = lived()
    draft = Draft(life.hub.store)
    person = Customer(draft, life.ana)
    entries = [dict(entry) for _, entry in person.history.entries()]
    for number in range(10_000 - len(entries)):
        person.history.add(entries[number % len(entries)])
    draft.commit()
    given = life.export()
    assert len(given["identities"][0]["history"]) == 10_000
    assert brought(given)[2]["digest"] == given["digest"]


def spoilt(document):
    """The document, each time with one thing wrong that the next use would trip over."""
    ana = "identities", 0
    for path, value in (
        (("version",), 2),
        (("digest",), "0" * 64),
        (("identities",), []),
        ((*ana, "name"), ""),
        ((*ana, "name"), "Ana\nBen"),
        ((*ana, "email"), "nowhere"),
        ((*ana, "master"), "00" * 32),
        ((*ana, "generation"), 0),
        ((*ana, "history", 0, "payload"), "00"),
        ((*ana, "history", 0, "number"), "1"),
        ((*ana, "history", 0, "kind"), "spell"),
        ((*ana, "timeline", 0, "id"), -1),
        ((*ana, "use", "lamp", "rows"), [[1]]),
        ((*ana, "use", "lamp", "entries"), {"x": []}),
        ((*ana, "counts", "timeline"), 1 << 60),
        ((*ana, "wishes"), [{}]),
        ((*ana, "consents"), {"learn": {"given": "yes"}}),
    ):
        bad = copy.deepcopy(document)
        place = bad
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        yield path, bad
    yield "nothing", None
    yield "a list", []


def test_what_is_damaged_or_made_up_is_refused_with_a_sentence_and_nothing_is_kept():
    life, there = lived(), Hub()
    for path, bad in spoilt(life.export()):
        with pytest.raises(InvalidError) as error:
            Imports(there.profiles.office).take(bad)
        assert str(error.value).startswith(("file: ", "name: ", "email: ")), path
        assert there.store.vaults("customer/") == [], path


def test_who_is_here_already_does_not_come_twice():
    life = lived()
    with pytest.raises(ConflictError, match="Ana is here already"):
        Imports(life.hub.profiles.office).take(life.export())


# For a spreadsheet


def test_the_tables_hold_what_the_document_holds():
    life = lived()
    Consents(life.hub.profiles.office).say(life.ana, "share", False, "Ana")
    document = life.export()
    with zipfile.ZipFile(io.BytesIO(archive(document))) as file:
        read = {
            name: list(csv.DictReader(io.StringIO(file.read(name).decode())))
            for name in file.namelist()
        }
    assert set(read) >= {"settings.csv", "timeline.csv", "visits.csv", "consents.csv", "wishes.csv"}
    assert len(read["settings.csv"]) == len(document["settings"])
    assert len(read["timeline.csv"]) == len(document["identities"][0]["timeline"])
    assert read["consents.csv"][0]["purpose"] == "share"
    assert all(row["source"] and row["author"] and row["why"] for row in read["settings.csv"])
    assert archive(document) == archive(life.export()), "the same profile, the same bytes"


def test_a_text_that_a_spreadsheet_would_run_is_only_text():
    assert sheet([{"name": "=cmd()", "n": -1}]) == "name,n\n'=cmd(),-1\n"
    assert sheet([]) == "\n"


def test_over_http_a_person_goes_out_and_comes_back(desk: Desk):
    ana = desk.welcome()
    document = desk.staff.get(f"/api/customers/{ana}/export").json()
    tables = desk.staff.get(f"/api/customers/{ana}/export.zip")
    assert tables.headers["content-type"] == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(tables.content)).namelist()
    assert desk.staff.post("/api/imports", json=document).status_code == 409
    desk.staff.delete(f"/api/customers/{ana}")
    made = desk.staff.post("/api/imports", json=document)
    assert (made.status_code, made.json()["digest"]) == (201, document["digest"])
    refused = desk.staff.post("/api/imports", content=b"{")
    assert (refused.status_code, refused.json()["field"]) == (422, "file")
    assert desk.stranger.post("/api/imports", json=document).status_code == 401
