import random

import pytest

from hub.draft import Draft
from hub.errors import ConflictError, InvalidError
from hub.past.histories import Histories
from hub.past.record import known
from hub.people.circle import use as use_of
from hub.people.customer import Customer
from hub.people.identities import CODE_MS, Identities
from protocol import events
from tests.conftest import many
from tests.hub.lives import state
from tests.hub.living import LAMP, Hub, subject_of

CODES = (20, 35, 60, 80)


class Two:
    """Ana at home, with lamp-1, and Ana at work, with lamp-2."""

    def __init__(self):
        self.hub = Hub()
        self.begun_ms = self.hub.now_ms
        self.identities = Identities(self.hub.profiles.office)
        self.histories = Histories(self.hub.profiles.office)
        self.lamps = [self.hub.lamp("lamp-1"), self.hub.lamp("lamp-2")]
        self.people = [self.hub.profiles.welcome(name) for name in ("Ana", "Ana at work")]
        for customer, lamp in zip(self.people, self.lamps, strict=True):
            self.hub.profiles.link(customer, lamp.name)
            lamp.hello()
        self.exchange()

    def link(self):
        one, other = (self.identities.prove(customer) for customer in self.people)
        self.identities.link(self.people[0], one, self.people[1], other)
        self.exchange()

    def part(self):
        self.identities.part(self.people[1])
        self.exchange()

    def exchange(self):
        for lamp in self.lamps * 2:
            lamp.send(lamp.sent + 1)
            lamp.listen()

    def subject(self, who, lamp):
        return subject_of(self.hub, self.people[who], self.lamps[lamp].name)

    def use(self, who, lamp, code):
        self.lamps[lamp].use(self.subject(who, lamp), code)

    def own(self, who):
        return known(Customer(Draft(self.hub.store), self.people[who]), LAMP)

    def together(self, who):
        draft = Draft(self.hub.store)
        return use_of(draft, Customer(draft, self.people[who]), LAMP)

    def at_lamp(self, who, lamp):
        return self.lamps[lamp].known[self.subject(who, lamp)]

    def live(self, dice, begin, end):
        for number in range(begin, end):
            self.hub.now_ms = self.begun_ms + number * 600_000
            who, lamp, code = dice.randrange(2), dice.randrange(2), dice.choice(CODES)
            if dice.random() < 0.15:
                self.hub.profiles.wish(self.people[who], "lamp", "brightness", code, "Sam")
            elif dice.random() < 0.2:
                self.lamps[lamp].event(events.STATED, (0, code), self.subject(who, lamp))
                self.lamps[lamp].close(self.subject(who, lamp), ())
            else:
                self.use(who, lamp, code)
            self.exchange()


@pytest.mark.parametrize("seed", range(many(12)))
def test_to_link_use_and_part_equals_two_histories(seed):
    linked, apart = Two(), Two()
    linked.link()
    for who, lamp in ((0, "lamp-2"), (1, "lamp-1")):
        apart.hub.profiles.link(apart.people[who], lamp)
    apart.exchange()
    linked.live(random.Random(seed), 1, 30)
    apart.live(random.Random(seed), 1, 30)
    linked.part()
    for who, lamp in ((0, "lamp-2"), (1, "lamp-1")):
        apart.hub.profiles.unlink(apart.people[who], lamp)
    apart.exchange()
    for who in range(2):
        assert state(linked.own(who)) == state(apart.own(who))
        decided = linked.own(who).known.decide(LAMP.settings, 1)
        assert decided == linked.at_lamp(who, who).decide(LAMP.settings, 1)
        assert decided == apart.at_lamp(who, who).decide(LAMP.settings, 1)


@pytest.mark.parametrize("seed", range(many(12)))
def test_while_they_are_linked_all_phones_are_one_at_every_lamp(seed):
    two = Two()
    two.link()
    two.live(random.Random(seed), 1, 30)
    two.use(0, 0, 35)
    two.exchange()
    decided = two.together(0).known.decide(LAMP.settings, 1)
    assert two.together(1).known.decide(LAMP.settings, 1) == decided
    for who in range(2):
        for lamp in range(2):
            assert two.at_lamp(who, lamp).decide(LAMP.settings, 1) == decided


def test_linked_they_have_one_profile():
    two = Two()
    two.use(0, 0, 35)
    two.use(1, 1, 35)
    two.exchange()
    two.link()
    one, other = (two.hub.profiles.about(customer) for customer in two.people)
    assert [use["visits"] for use in one["use"]] == [use["visits"] for use in other["use"]] == [2]
    assert [device["id"] for device in one["devices"]] == ["lamp-1", "lamp-2"]
    assert [who["name"] for who in other["identities"]] == ["Ana", "Ana at work"]
    assert one["settings"] == other["settings"]


def test_parted_each_has_their_own_devices_and_phone_again():
    two = Two()
    two.link()
    two.use(1, 0, 35)
    two.exchange()
    stranger = two.subject(1, 0)
    two.part()
    assert stranger not in two.lamps[0].known
    assert two.own(1).visits == 1  # used with the phone from work
    assert two.own(0).visits == 0
    assert [one["id"] for one in two.hub.profiles.about(two.people[0])["devices"]] == ["lamp-1"]
    with pytest.raises(ConflictError, match="not linked"):
        two.part()


def test_what_a_lamp_learned_before_it_heard_of_the_parting_is_not_lost():
    two = Two()
    two.link()
    two.use(0, 0, 35)
    two.identities.part(two.people[1])
    two.exchange()
    two.exchange()
    assert two.own(0).visits == 1
    assert two.at_lamp(0, 0).rows == two.own(0).known.rows != []


def test_a_wish_for_one_identity_is_followed_whichever_phone_comes():
    two = Two()
    two.link()
    two.hub.profiles.wish(two.people[0], "lamp", "brightness", 25, "Sam")
    two.exchange()
    assert two.at_lamp(1, 1).registers.value(0) == 25
    wish = two.hub.setting(two.people[1])["wish"]
    assert (wish["state"], sorted(wish["devices"])) == ("applied", ["lamp-1", "lamp-2"])


def test_steps_of_all_identities_can_be_undone_together():
    two = Two()
    two.link()
    two.use(0, 0, 35)
    two.hub.now_ms += 60_000
    two.use(1, 1, 20)
    two.exchange()
    two.histories.undo(two.people[0], "Ana", steps=2)
    assert two.together(0).visits == 0


@pytest.mark.parametrize("wrong", ["code", "other_code"])
def test_both_have_to_prove_who_they_are(wrong):
    two = Two()
    codes = dict(zip(("code", "other_code"), map(two.identities.prove, two.people), strict=True))
    bad = codes | {wrong: "00000000"}
    with pytest.raises(InvalidError, match=wrong):
        two.identities.link(two.people[0], bad["code"], two.people[1], bad["other_code"])
    assert len(two.hub.profiles.about(two.people[0])["identities"]) == 1


def test_a_code_dies_of_age_and_of_wrong_tries():
    two = Two()
    codes = [two.identities.prove(customer) for customer in two.people]
    two.hub.now_ms += CODE_MS
    with pytest.raises(InvalidError, match="too old"):
        two.identities.link(two.people[0], codes[0], two.people[1], codes[1])
    codes = [two.identities.prove(customer) for customer in two.people]
    for _ in range(5):
        with pytest.raises(InvalidError):
            two.identities.link(two.people[0], "guess", two.people[1], codes[1])
    with pytest.raises(InvalidError):
        two.identities.link(two.people[0], codes[0], two.people[1], codes[1])


def test_nobody_is_linked_twice():
    two = Two()
    two.link()
    with pytest.raises(ConflictError, match="already"):
        two.link()


def test_a_new_lamp_takes_the_place_of_the_old_one():
    two = Two()
    two.use(0, 0, 35)
    two.exchange()
    old = two.subject(0, 0)
    two.lamps.append(two.hub.lamp("lamp-3"))
    two.lamps[2].hello()
    assert two.identities.replace("lamp-1", "lamp-3") == [two.people[0]]
    two.exchange()
    assert old not in two.lamps[0].known
    assert two.at_lamp(0, 2).decide(LAMP.settings, 1)[0].code == 35
    two.hub.profiles.register("kettle-1", "kettle")
    with pytest.raises(ConflictError, match="no other lamp"):
        two.identities.replace("lamp-3", "kettle-1")


def test_to_forget_one_forgets_the_person():
    two = Two()
    two.link()
    two.hub.profiles.forget(two.people[1])
    two.exchange()
    assert [lamp.known for lamp in two.lamps] == [{}, {}]
