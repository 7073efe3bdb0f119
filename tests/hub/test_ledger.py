import random
from collections import Counter

import pytest

from hub.draft import Draft
from hub.insight.insights import Gathered
from hub.insight.ledger import read_ledger, shown, write_ledger
from hub.past.record import compact
from hub.past.refold import refold
from hub.people.customer import Customer
from protocol import events
from tests.conftest import many
from tests.hub.lives import Life, steps
from tests.hub.living import LAMP, subject_of
from tests.hub.relating import Firm, Machine


@pytest.mark.parametrize("seed", range(many(10)))
def test_recomputed_from_the_log_it_equals_what_is_stored_whatever_happened(seed):
    dice, life = random.Random(seed), Life()
    for number, step in enumerate(steps(30, dice, at_lamps=0.2)):
        life.step(number, step)
        if dice.random() < 0.1:
            draft = Draft(life.hub.store)
            customer = Customer(draft, life.ana)
            compact(customer, {"lamp": LAMP}, customer.history.first + dice.randrange(4))
            draft.commit()
    history = Customer(Draft(life.hub.store), life.ana).history
    again = refold(history.snapshot("lamp"), history.entries("lamp"), LAMP, 1).ledger
    stored = life.use().ledger
    assert stored == again
    assert read_ledger(write_ledger(stored)) == stored
    assert stored.decisions and stored.inputs


def lived():
    life = Life()
    for number, codes in enumerate(((35,), (), (20, 35), ())):
        life.step(number, ("visit", 0, codes, None))
    return life


def test_it_counts_what_was_done_and_what_it_was_for():
    ledger = shown(lived().use().ledger)
    assert (ledger["visits"], ledger["decisions"], ledger["hands"]) == (4, 4, 3)
    assert ledger["inputs"] == 3


def test_saved_is_what_default_or_last_would_have_needed_less_what_was_needed():
    life, ana = lived(), None
    lamp, ana = life.lamps[0], life.ana
    subject = subject_of(life.hub, ana, "lamp-1")
    for code, applied in ((80, 80), (80, 80), (60, 80)):
        lamp.close(subject, ((1, int(code == 80), events.LEARNED, int(applied == 80)),))
    before = life.use().ledger
    life.exchange()
    after = life.use().ledger
    assert after.decisions - before.decisions == 3
    assert after.corrected - before.corrected == 1
    assert after.by_default - before.by_default == 2, "calm is the default, it was bright twice"
    assert after.by_last - before.by_last == 2, "bright after nothing, calm after bright"


def test_a_wish_waits_from_when_it_is_asked_until_a_device_answers():
    life = lived()
    life.hub.profiles.wish(life.ana, "lamp", "brightness", 80, "Ana")
    life.hub.now_ms += 90_000
    life.exchange()
    ledger = life.use().ledger
    assert (ledger.wishes, ledger.answered) == (1, 1)
    assert 90_000 <= ledger.waited_ms < 100_000


def test_what_was_undone_cost_nothing_but_the_undoing():
    life = lived()
    before = life.use().ledger
    life.step(9, ("visit", 0, (80, 20), None))
    life.undo(steps=1)
    after = life.use().ledger
    assert (after.visits, after.hands) == (before.visits, before.hands)
    assert after.undone == before.undone + 1


def test_the_ledger_of_a_fleet_is_the_sum_of_those_of_its_people_who_agreed():
    firm, sums = Firm(), Counter()
    for number in range(11):
        customer = firm.welcome(f"Person {number}", f"esp-{number}")
        machine = Machine(firm, f"esp-{number}")
        for _ in range(number % 3 + 1):
            machine.brew(customer)
        if number:
            firm.parts.consents.say(customer, "cohort", True, "they")
            (own,) = firm.parts.insights.customer(customer)["products"]
            sums.update(own["ledger"])
    gathered, insights = Gathered(), firm.parts.insights
    insights.gather(gathered, insights.everyone())
    insights.keep(gathered, insights.reckon(gathered))
    assert insights.of_product("espresso")["ledger"] == dict(sums)
    assert sums["visits"] == 20
