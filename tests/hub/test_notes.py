"""What support writes down, reads again and puts right: notes, reasons, and who it really was."""

import csv
import io

import pytest

from hub.errors import ConflictError, InvalidError, UnknownCustomerError, UnknownLineError
from hub.insight.bins import bins
from hub.past.histories import Histories
from hub.past.mistaken import Mistaken
from hub.people.notes import LONGEST, MOST, Notes
from protocol.decision import digest
from protocol.events import VISIT
from protocol.product import read_product
from tests.hub.living import LAMP, Hub, subject_of
from tests.hub.test_api import Desk
from tests.hub.test_api import desk as desk


@pytest.fixture
def hub() -> Hub:
    return Hub()


def at_home(hub, *names):
    """(lamp, the customers): all are known to the lamp, and it has heard so."""
    lamp = hub.lamp()
    people = [hub.profiles.welcome(name) for name in names]
    for one in people:
        hub.profiles.link(one, "lamp-1")
    lamp.hello()
    lamp.listen()
    return lamp, people


def test_a_note_is_kept_with_its_author_and_time_and_gone_with_its_customer(hub):
    notes, ana = Notes(hub.profiles.office), hub.profiles.welcome("Ana")
    first = notes.add(ana, " Reads in bed. ", "Sam")
    hub.now_ms += 1000
    notes.add(ana, "Call after six.", "Kim")
    assert [(one["by"], one["text"]) for one in notes.of(ana)] == [
        ("Kim", "Call after six."),
        ("Sam", "Reads in bed."),
    ]
    assert hub.changed.count(("customer", ana)) >= 2, "pages that are open show it"
    notes.remove(ana, first)
    assert [one["text"] for one in notes.of(ana)] == ["Call after six."]
    with pytest.raises(UnknownLineError):
        notes.remove(ana, first)
    hub.profiles.forget(ana)
    assert hub.store.all(f"customer/{ana}", "notes") == {}
    with pytest.raises(UnknownCustomerError):
        notes.of(ana)


@pytest.mark.parametrize(
    ("text", "by", "field"),
    [("", "Sam", "text"), ("x" * (LONGEST + 1), "Sam", "text"), ("hm", " ", "by")],
)
def test_a_note_without_words_or_author_is_refused_at_its_field(hub, text, by, field):
    notes, ana = Notes(hub.profiles.office), hub.profiles.welcome("Ana")
    with pytest.raises(InvalidError) as refused:
        notes.add(ana, text, by)
    assert refused.value.field == field
    assert notes.of(ana) == []


def test_of_too_many_notes_the_oldest_goes(hub):
    notes, ana = Notes(hub.profiles.office), hub.profiles.welcome("Ana")
    for number in range(MOST + 3):
        notes.add(ana, f"note {number}", "Sam")
    kept = notes.of(ana)
    assert (len(kept), kept[-1]["text"]) == (MOST, "note 3")


def test_after_a_wrong_recognition_is_corrected_it_is_as_if_it_had_never_been(hub):
    lamp, (ana, ben) = at_home(hub, "Ana", "Ben")
    mine = subject_of(hub, ana)
    for _ in range(3):
        lamp.use(mine, 35)
    lamp.send()
    before = hub.profiles.about(ana)
    lamp.use(mine, 90, applied=35)
    lamp.send(lamp.sent + 1)
    line = hub.profiles.timeline(ana)[0]["id"]
    Mistaken(hub.profiles.office).visit(ana, line, "Sam", ben)
    after = hub.profiles.about(ana)
    assert [one["value"] for one in after["settings"]] == [
        one["value"] for one in before["settings"]
    ]
    assert after["use"][0] == before["use"][0]
    his = hub.profiles.about(ben)
    assert his["settings"][0]["value"] == 90
    assert his["use"][0]["visits"] == 1
    assert his["timeline"][0]["text"].endswith("at lamp-1: corrected to brightness 90 %.")
    lamp.listen()
    assert lamp.known[subject_of(hub, ben)].rows, "the lamp knows whose it was"
    assert not [row for row in lamp.known[mine].rows if row.values[0][1] == 90 and row.daypart != 4]


def test_a_visit_of_a_stranger_counts_for_nobody_and_comes_back_when_that_is_undone(hub):
    lamp, (ana,) = at_home(hub, "Ana")
    lamp.use(subject_of(hub, ana), 90)
    lamp.send()
    line = hub.profiles.timeline(ana)[0]["id"]
    Mistaken(hub.profiles.office).visit(ana, line, "Sam")
    assert hub.setting(ana)["source"] == "default"
    undoing = hub.profiles.timeline(ana)[0]["id"]
    Histories(hub.profiles.office).undo(ana, "Sam", event=undoing)
    assert hub.setting(ana)["value"] == 90


def test_a_visit_goes_only_to_somebody_else_whom_the_device_knows(hub):
    lamp, (ana, ben) = at_home(hub, "Ana", "Ben")
    cleo = hub.profiles.welcome("Cleo")
    lamp.use(subject_of(hub, ana), 90)
    lamp.send()
    line = hub.profiles.timeline(ana)[0]["id"]
    act, kept = Mistaken(hub.profiles.office).visit, hub.profiles.about(ana)
    with pytest.raises(ConflictError, match="lamp-1 does not know Cleo; link it to them first"):
        act(ana, line, "Sam", cleo)
    with pytest.raises(ConflictError, match="the same person"):
        act(ana, line, "Sam", ana)
    with pytest.raises(InvalidError):
        act(ana, 1, "Sam", ben)
    assert hub.profiles.about(ana) == kept
    act(ana, line, "Sam", ben)
    with pytest.raises(ConflictError, match="undone already"):
        act(ana, line, "Sam", ben)


def test_the_reasons_of_a_visit_are_those_the_device_had_word_for_word(hub):
    lamp, (ana,) = at_home(hub, "Ana")
    mine = subject_of(hub, ana)
    for _ in range(4):
        lamp.use(mine, 35)
    lamp.send()
    decided = lamp.known[mine].decide(LAMP.settings, 2)
    values = tuple((at, one.code, one.source, one.code) for at, one in enumerate(decided))
    lamp.event(VISIT, (2, 600, values, (), (), digest(decided, 2), 2), mine)
    lamp.send(lamp.sent + 1)
    line = hub.profiles.timeline(ana)[0]["id"]
    told = Histories(hub.profiles.office).then(ana, line)
    assert (told["found"], told["device"]) == (True, "lamp-1")
    first = told["settings"][0]
    assert (first["applied"], first["why"]) == (
        "35 %",
        "brightness 35 %, because you set it twice in a row.",
    )
    old = hub.profiles.timeline(ana)[1:]
    earlier = next(one["id"] for one in old if one["kind"] == "visit")
    told = Histories(hub.profiles.office).then(ana, earlier)
    assert (told["found"], told["settings"][0]["why"]) == (None, None)
    assert told["settings"][0]["applied"] == "60 %"


def test_values_are_counted_in_few_bins_that_leave_none_out():
    for row in (
        {"kind": "number", "name": "heat", "low": 60, "high": 100, "unit": "°C"},
        {"kind": "switch", "name": "light"},
        {"kind": "choice", "name": "mood", "options": ["calm", "bright", "party"]},
        {"kind": "time", "name": "opens"},
        {"kind": "colour", "name": "tint", "palette": ["#ffffff", "#ff0000"]},
    ):
        (setting,) = read_product({"product": "x", "settings": [row]}).settings
        made = bins(setting)
        assert 2 <= len(made.texts) <= 9
        places = [made.of(setting.fit(code)) for code in range(setting.low, setting.low + 200)]
        assert places == sorted(places) or setting.kind == "colour"
        assert set(places) <= set(range(len(made.texts)))
    assert bins(LAMP.settings[0]).texts[2] == "30 to 40 %"


def test_a_table_is_the_same_as_csv_and_no_cell_of_it_is_a_formula(desk: Desk):
    ana = desk.welcome()
    answer = desk.staff.post(
        f"/api/customers/{ana}/notes", json={"text": "=1+2, she said", "by": "@Sam"}
    )
    assert answer.status_code == 201
    path = f"/api/customers/{ana}/tables/notes"
    (row,) = csv.DictReader(io.StringIO(desk.staff.get(f"{path}.csv").text))
    assert (row["text"], row["by"]) == ("'=1+2, she said", "'@Sam")
    assert desk.staff.get(f"{path}.json").json()["notes"][0]["text"] == "=1+2, she said"
    settings = desk.staff.get(f"/api/customers/{ana}/tables/settings.csv").text
    assert settings.startswith("product,setting,")
    assert desk.staff.get(f"/api/customers/{ana}/tables/secrets.csv").status_code == 404
    assert desk.staff.get(f"/api/customers/{ana}/tables/notes").status_code == 404
    number = row["id"]
    assert desk.staff.delete(f"/api/customers/{ana}/notes/{number}").status_code == 200
    assert desk.staff.get(f"/api/customers/{ana}/notes").json() == {"notes": []}
