"""What most people use: consented, k-anonymous, off by default, and off again."""

import random
from datetime import UTC

import pytest

from hub.insight.insights import Gathered, Insights
from hub.learning.beginning import Options
from hub.learning.cohort import prior
from hub.learning.norms import norms
from hub.privacy.consents import Consents
from protocol import messages, topics
from protocol.norm import cohort_of
from protocol.schema import GUARDED, Number
from tests.conftest import many
from tests.hub.living import LAMP, Hub, subject_of

LEVEL = Number("level", 0, 10, start=5)


def shares(weights):
    return {rung: weight for rung, weight in cohort_of(LEVEL, (0, weights)).items() if weight > 24}


def test_each_person_counts_the_same_however_often_they_use_it():
    often = [{2: 1000}] * 10
    found = prior(LEVEL, often + [{8: 1}] * 30, 10)
    assert found.customers == 40
    assert shares(found.weights) == {2: pytest.approx(64, abs=8), 8: pytest.approx(192, abs=8)}


def test_fewer_than_ten_make_no_prior():
    assert prior(LEVEL, [{2: 9}] * 9, 10).weights is None
    assert prior(LEVEL, [{2: 9}] * 10, 10).weights is not None
    assert prior(LEVEL, [{2: 9}] * 9 + [{}] * 5, 10).weights is None, "who never used it is nobody"


def test_a_value_with_fewer_than_ten_supporters_cannot_be_told_from_one_with_none():
    many_ = [{2: 5, 3: 5}] * 20
    with_nine = prior(LEVEL, many_ + [{7: 10}] * 9, 10)
    assert with_nine.merged == 1
    made = cohort_of(LEVEL, (0, with_nine.weights))
    assert abs(made[7] - made[10]) <= 1
    assert shares(with_nine.weights).keys() == {2, 3}


def test_nothing_is_made_where_no_value_is_shared_or_one_s_own_hand_has_to_decide():
    apart = [{number % 11: 1} for number in range(50)]
    assert prior(LEVEL, apart, 10).weights is None
    heat = Number("heat", 0, 10, cost=GUARDED)
    assert prior(heat, [{2: 9}] * 50, 10).weights is None


@pytest.mark.parametrize("seed", range(many(30)))
def test_nobody_s_coming_or_going_or_own_window_can_be_read_out_of_it(seed):
    """Whatever up to nine people do, what stands does not move."""
    dice = random.Random(seed)
    own = lambda: {dice.choice((2, 3, 8)): dice.randrange(1, 30)}  # noqa: E731
    others = [own() for _ in range(dice.randrange(30, 60))]
    first = prior(LEVEL, others, 10)
    assert sum(first.weights) == 256
    for _ in range(20):
        some = dice.randrange(1, 10)
        changed = [{dice.randrange(11): 32} for _ in range(some)]
        for people in (others + changed, others[some:], others[some:] + changed):
            assert prior(LEVEL, people, 10, first.standing) == first._replace(
                customers=len(people), merged=prior(LEVEL, people, 10).merged
            )


def test_what_stands_moves_with_a_group_that_moved_and_far_enough():
    before = prior(LEVEL, [{2: 9}] * 20 + [{8: 9}] * 20, 10)
    moved = prior(LEVEL, [{2: 9}] * 10 + [{8: 9}] * 30, 10, before.standing)
    assert moved.weights != before.weights
    as_often = [{2: 3}] * 20 + [{8: 5}] * 20
    assert prior(LEVEL, as_often, 10, before.standing).standing == before.standing
    assert prior(LEVEL, [{2: 9}] * 9, 10, before.standing).weights is None


class Town:
    """A hub with a lamp that many people use."""

    def __init__(self, people: int, **options: object) -> None:
        self.hub = Hub()
        self.lamps = []
        self.consents = Consents(self.hub.profiles.office)
        self.people = []
        for number in range(people):
            if number % 8 == 0:
                self.lamps.append(self.hub.lamp(f"lamp-{number}"))
                self.lamps[-1].hello()
            self._join(self.lamps[-1], number)
        for lamp in self.lamps:
            lamp.send()
        self.options(**options)

    def _join(self, lamp, number):
        customer = self.hub.profiles.welcome(f"Customer {number}")
        self.hub.profiles.link(customer, lamp.name)
        self.people.append(customer)
        for _ in range(4):
            lamp.use(subject_of(self.hub, customer, lamp.name), 35 if number % 4 else 85)

    def options(self, **options):
        self.insights = Insights(self.hub.profiles, Options(**options), UTC)

    def agree(self, people, given=True):
        for customer in people:
            self.consents.say(customer, "cohort", given, "themselves")

    def reckon(self):
        gathered = Gathered()
        self.insights.gather(gathered, self.insights.everyone())
        self.insights.keep(gathered, self.insights.reckon(gathered))
        return self.insights.of_product("lamp")

    def norms(self):
        return norms(self.hub.profiles.office.draft(), "lamp")

    def newcomer(self):
        """What somebody new gets, who just came."""
        customer = self.hub.profiles.welcome("New")
        self.hub.profiles.link(customer, self.lamps[0].name)
        line = self.hub.setting(customer)
        return line["value"], line["source"], line["author"]


def brightness(document):
    return document["beginning"][0]


def test_without_consent_nobody_is_counted_even_where_it_is_switched_on():
    town = Town(16, cohort=True)
    document = town.reckon()
    assert document["customers"] is None and not document["differences"]
    assert town.norms() == {}
    assert town.newcomer()[:2] == (60, "default")


def test_it_is_off_unless_it_is_switched_on():
    town = Town(16)
    town.agree(town.people)
    document = town.reckon()
    assert brightness(document)["cohort_evidence"]["why_not"] == "switched off"
    assert town.norms() == {}
    assert town.newcomer()[:2] == (60, "default")


def test_enough_who_agreed_make_what_a_newcomer_begins_with_and_how_many_is_shown():
    town = Town(16, cohort=True)
    town.agree(town.people[:14])
    line = brightness(town.reckon())
    assert line["cohort"] and line["cohort_evidence"]["customers"] == 14
    assert line["most_use"][0]["value"] == 35
    assert town.newcomer() == (35, "cohort", "what most people use")


def test_with_one_less_than_ten_who_agree_it_is_the_default_again():
    town = Town(16, cohort=True)
    town.agree(town.people[:14])
    town.reckon()
    town.agree(town.people[:5], given=False)
    document = town.reckon()
    assert document["customers"] is None, "nine are too few to be counted"
    assert brightness(document)["cohort_evidence"]["customers"] == 0
    assert town.newcomer()[:2] == (60, "default")


def test_switched_off_it_is_the_product_s_default_from_the_start_of_the_hub_on():
    town = Town(16, cohort=True)
    town.agree(town.people)
    town.reckon()
    assert town.newcomer()[1] == "cohort"
    town.options(cohort=False)
    town.insights.switch_off()
    assert town.newcomer()[:2] == (60, "default")


def test_devices_are_told_when_it_changed_and_only_then():
    town = Town(16, cohort=True)
    town.agree(town.people)
    told = lambda: [m for m in town.hub.said if m.kind == topics.DEFAULTS]  # noqa: E731
    town.reckon()
    assert {message.device for message in told()} == {lamp.name for lamp in town.lamps}
    message = messages.decode(topics.DEFAULTS, told()[-1].payload)
    assert message.norms == town.norms()
    town.lamps[0].use(subject_of(town.hub, town.people[0], town.lamps[0].name), 90)
    town.lamps[0].send(town.lamps[0].sent + 1)
    town.reckon()
    assert len(told()) == len(town.lamps), "one more visit is no news"


def test_a_person_of_two_identities_counts_once_and_only_if_both_agreed():
    town = Town(11, cohort=True)
    town.agree(town.people)
    draft = town.hub.profiles.office.draft()
    both = town.people[:2]
    for name in both:
        profile = draft.get(f"customer/{name}", "profile", "about")
        draft.put(f"customer/{name}", "profile", "about", profile | {"linked": both})
    draft.commit()
    assert brightness(town.reckon())["cohort_evidence"]["customers"] == 10
    town.agree(both[1:], given=False)
    assert brightness(town.reckon())["cohort_evidence"]["customers"] == 0


def test_whoever_is_forgotten_is_not_counted_and_not_listed():
    town = Town(11, cohort=True)
    town.agree(town.people)
    gathered = Gathered()
    names = town.insights.everyone()
    town.hub.profiles.forget(town.people[0])
    town.insights.gather(gathered, names)
    assert gathered.people == 10
    assert LAMP.name in gathered.users
