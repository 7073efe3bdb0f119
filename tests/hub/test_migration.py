"""A product through three versions, on devices and at the hub, up and down: nothing is lost."""

import itertools

import pytest

from firmware.person import read_known, write_known
from hub.draft import Draft
from hub.errors import InvalidError
from hub.office import Office
from hub.past.use import write_use
from hub.people.circle import use as use_of
from hub.people.customer import Customer
from hub.profiles import Profiles
from protocol import events
from protocol.errors import ProtocolError
from protocol.fold import Known, fold
from protocol.messages import Person
from protocol.product import read_product
from protocol.rules import FROZEN, Rule
from protocol.window import Row
from tests.hub.living import Hub, subject_of

WARMTH = {"kind": "number", "name": "warmth", "low": 20, "high": 40, "unit": "°C", "start": 30,
          "trait": "water.temperature"}  # fmt: skip
LIGHT = {"kind": "number", "name": "light", "low": 0, "high": 100, "step": 5, "unit": "%"}
FLOW = {"kind": "number", "name": "flow", "low": 1, "high": 9, "start": 5}
# then: finer steps of light, under another name, and a mood in front of all
DIMMER = LIGHT | {"name": "dimmer", "step": 1}
MOOD = {"kind": "choice", "name": "mood", "options": ["calm", "wild"], "id": 3}
# then: warmth in tenths of a degree, and no flow any more
FINE = {"kind": "number", "name": "fine_warmth", "low": 200, "high": 400, "unit": "0.1 °C",
        "start": 300, "trait": "water.temperature", "id": 4}  # fmt: skip
GONE = {"retired": True}

VERSIONS = {
    1: [WARMTH, LIGHT, FLOW],
    2: [MOOD, WARMTH | {"id": 0}, DIMMER | {"id": 1}, FLOW | {"id": 2}],
    3: [FINE, MOOD, WARMTH | GONE | {"id": 0}, DIMMER | {"id": 1}, FLOW | GONE | {"id": 2}],
}
SHOWERS = {
    version: read_product({"product": "shower", "version": version, "settings": settings})
    for version, settings in VERSIONS.items()
}


def known_everything():
    """Somebody of whom something is known for every setting that ever was."""
    known = Known(
        [Row(bytes(7) + bytes([at]), (1000 + at, 0), 2, ((at, 1, 1),)) for at in range(5)]
    )
    for at in range(5):
        known.registers.say(at, 1, (2000 + at, 0, "hub"), "Sam")
    known.rules = {at: Rule((3000, 0, "hub"), FROZEN, 1, (0, 0)) for at in range(5)}
    return known


def test_an_index_is_the_id_and_stays_that_of_the_setting():
    names = {v: [setting.name for setting in made.settings] for v, made in SHOWERS.items()}
    assert names[1] == ["warmth", "light", "flow"]
    assert names[2] == ["warmth", "dimmer", "flow", "mood"]
    assert names[3] == ["warmth", "dimmer", "flow", "mood", "fine_warmth"]


@pytest.mark.parametrize("ids", [(0, 0), (0, 2), (1, 2), (-1, 0), ("a", 0), (None, [])])
def test_ids_are_given_once_and_none_is_left_out(ids):
    settings = [LIGHT | {"id": ids[0]}, FLOW | {"id": ids[1]}]
    with pytest.raises(ProtocolError, match="ids have to be 0 to 1"):
        read_product({"product": "x", "settings": settings})


@pytest.mark.parametrize("way", list(itertools.permutations((1, 2, 3))))
def test_a_device_that_goes_through_versions_keeps_what_it_does_not_know(way):
    flash = write_known(known_everything())
    for count, version in enumerate(way):
        known, settings = read_known(flash), SHOWERS[version].settings
        for daypart in range(5):
            decisions = known.decide(settings, daypart)
            assert len(decisions) == len(settings)
        event = events.Event(events.VISIT, b"boot" + bytes([0, 0, 0, count]), (9000 + count, 0), 2,
                             0, None, count, (2, 60, ((0, 25, 0, 30),), ()))  # fmt: skip
        fold(known, event, "shower-1", settings)
        flash = write_known(known)
    known, before = read_known(flash), known_everything()
    assert known.registers.entries == before.registers.entries
    assert known.rules == before.rules
    assert [row for row in known.rows if row.stamp[0] < 9000] == before.rows
    assert len(known.rows) == len(before.rows) + 3


class Showers(Hub):
    """A hub, at some version, that hears showers at others."""

    def at(self, version):
        made = {"shower": SHOWERS[version]}
        office = Office(self.store, made, lambda: self.now_ms, self.dice, say=self.say)
        self.profiles = Profiles(office)
        self.ingest._profiles = self.profiles
        return self

    def use(self, customer, version):
        draft = Draft(self.store)
        return use_of(draft, Customer(draft, customer), SHOWERS[version])


def lived(first):
    """Ana's three showers, one of each version, at a hub of version `first`."""
    hub = Showers()
    hub.at(first)
    ana = hub.profiles.welcome("Ana")
    for version in SHOWERS:
        hub.profiles.register(f"shower-{version}", "shower")
        hub.profiles.link(ana, f"shower-{version}")
    units = {}
    for version, made in SHOWERS.items():
        unit = units[version] = _unit(hub, f"shower-{version}")
        unit.hello(product="shower", version=version)
        subject = subject_of(hub, ana, unit.name)
        values = [(at, setting.fit(25), events.HAND, setting.start)
                  for at, setting in enumerate(made.settings) if not setting.retired]  # fmt: skip
        unit.event(events.VISIT, (2, 60, tuple(values), ()), subject)
        unit.visit += 1
        unit.send()
    return hub, ana, units


def _unit(hub, name):
    from tests.hub.living import Unit

    return Unit(hub, name)


@pytest.mark.parametrize("way", list(itertools.permutations((1, 2, 3))))
def test_a_hub_that_goes_through_versions_folds_the_same_as_one_that_was_there_at_once(way):
    hub, ana, _ = lived(way[0])
    for version in way:
        hub.at(version)
        hub.profiles.about(ana)
        straight, ben, _ = lived(version)
        one, other = hub.use(ana, version), straight.use(ben, version)
        assert write_use(one) == write_use(other)
        hub.hear(_unit(hub, "shower-1").batch())  # nothing new, but it commits


def test_what_a_newer_device_said_is_there_when_the_hub_is_newer_too():
    hub, ana, _ = lived(1)
    assert not [v for row in hub.use(ana, 1).known.rows for v in row.values if v[0] > 2]
    hub.at(3)
    assert [v for row in hub.use(ana, 3).known.rows for v in row.values if v[0] == 4]


def test_a_setting_that_is_no_more_is_neither_shown_nor_wished_for():
    hub, ana, _ = lived(3)
    names = [one["setting"] for one in hub.profiles.about(ana)["settings"]]
    assert names == ["dimmer", "mood", "fine_warmth"]
    with pytest.raises(InvalidError, match="no flow any more"):
        hub.profiles.wish(ana, "shower", "flow", 3, "Sam")


def test_a_new_unit_needs_no_teaching_up_or_down():
    hub = Showers().at(3)
    ana = hub.profiles.welcome("Ana")
    hub.profiles.register("shower-1", "shower")
    hub.profiles.link(ana, "shower-1")
    unit = _unit(hub, "shower-1")
    unit.hello(product="shower", version=1)
    subject = subject_of(hub, ana, "shower-1")
    for _ in range(3):
        unit.event(events.VISIT, (2, 60, ((0, 36, events.HAND, 30),), ()), subject)
        unit.visit += 1
    unit.send()
    fine = hub.setting(ana, "fine_warmth")
    assert (fine["value"], fine["source"]) == (360, "carried")
    hub.profiles.wish(ana, "shower", "fine_warmth", 250, "Sam")
    (person, *_) = [one for one in unit.listen() if isinstance(one, Person)][::-1]
    assert person.carried[0].code == 25


def test_a_wish_keeps_its_state_when_its_setting_is_renamed():
    hub, ana, _ = lived(1)
    hub.profiles.wish(ana, "shower", "light", 40, "Sam")
    hub.at(2)
    assert hub.setting(ana, "dimmer")["wish"]["value"] == 40


def test_a_hand_on_a_setting_that_the_hub_does_not_know_yet_is_kept_for_later():
    hub, ana, units = lived(1)
    unit, subject = units[3], subject_of(hub, ana, "shower-3")
    unit.event(events.ADJUSTED, (4, 350, 300, events.DEFAULT), subject)
    unit.send(len(unit.records))
    assert hub.ingest.poison  # it is said, for who looks after the hub
    hub.at(3)
    newest = hub.use(ana, 3).known.rows[-1]
    assert (4, 350, 1) in newest.values
