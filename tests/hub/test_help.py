import random

from hub.draft import Draft
from hub.insight.fleet import person
from hub.insight.help import fleet_curve, helped, needed
from hub.insight.holdout import compared
from hub.past.visits import Value, Visit
from hub.people.customer import Customer
from protocol.events import COMPARED, LEARNED
from tests.hub.lives import Life, steps
from tests.hub.living import LAMP, NOON_MS


def visits(*pairs, source=LEARNED):
    """One for each (applied, code) of the brightness."""
    return [
        Visit(NOON_MS + at, 2, False, "lamp-1", 60, (Value(0, code, source, applied),))
        for at, (applied, code) in enumerate(pairs)
    ]


def test_each_visit_is_held_against_what_last_used_and_the_default_would_have_needed():
    rows = needed(visits((60, 35), (35, 35), (35, 80), (35, 35), (80, 60)), LAMP)
    assert [row.with_it for row in rows] == [1, 0, 1, 0, 1]
    assert [row.last for row in rows] == [1, 0, 1, 1, 1], "before the first visit: the default"
    assert [row.default for row in rows] == [1, 1, 1, 1, 0]


def test_a_device_that_learned_a_rhythm_helps_and_one_that_is_always_wrong_does_not():
    rhythm = [(35, 35), (80, 80)] * 15
    assert helped(visits(*rhythm), LAMP).verdict == "helps"
    assert helped(visits(*([(35, 35)] * 30)), LAMP).verdict == "as good as last used"
    assert helped(visits(*([(80, 35)] * 30)), LAMP).verdict == "does not help"
    assert helped(visits(*([(60, 60)] * 30)), LAMP).verdict == "does not help", "nor did it need to"
    assert helped(visits(*rhythm[:5]), LAMP).verdict == "too early"


def test_corrections_that_grow_or_fade_are_told_from_those_that_stay():
    good, bad = [(35, 35)] * 20, [(60, 35)] * 20
    assert helped(visits(*bad, *good), LAMP).trend == "falling"
    assert helped(visits(*good, *bad), LAMP).trend == "rising"
    assert helped(visits(*([(35, 35), (60, 35)] * 20)), LAMP).trend == "steady"
    assert helped(visits(*good[:6]), LAMP).trend == "too early"


def test_a_taste_that_changed_is_named_and_one_that_always_varies_is_called_restless():
    assert helped(visits(*([(35, 35)] * 20 + [(35, 80)] * 8)), LAMP).changed == ["brightness"]
    assert helped(visits(*([(35, 35)] * 28)), LAMP).changed == []
    dice = random.Random(2)
    any_ = [(60, dice.randrange(21) * 5) for _ in range(30)]
    found = helped(visits(*any_), LAMP)
    assert found.restless == ["brightness"] and found.changed == []
    assert found.verdict == "does not help"


def test_the_curve_has_a_point_for_each_ten_visits():
    curve = helped(visits(*([(60, 35)] * 10 + [(35, 35)] * 15)), LAMP).curve
    assert [point["visits"] for point in curve] == [10, 10, 5]
    assert [point["corrections"] for point in curve] == [1.0, 0.0, 0.0]
    assert curve[1]["default"] == 1.0


def test_the_curve_of_a_fleet_ends_where_fewer_than_ten_people_are_left():
    people = [needed(visits(*([(60, 35)] * count)), LAMP) for count in range(1, 21)]
    curve = fleet_curve(people, 10)
    assert [point["from_visit"] for point in curve] == [1, 2, 3, 5, 9]
    assert [point["customers"] for point in curve] == [20, 19, 18, 16, 12]
    assert fleet_curve(people[:9], 10) == []


def test_what_the_hub_says_follows_from_the_log_and_is_what_its_ledger_says():
    dice, life = random.Random(3), Life()
    for number, step in enumerate(steps(40, dice)):
        life.step(number, step)
    life.undo(steps=2)
    draft = Draft(life.hub.store)
    use = person(draft, Customer(draft, life.ana), {"lamp": LAMP}, None).uses["lamp"]
    rows = needed(use.visits, LAMP)
    assert sum(row.with_it for row in rows) == use.ledger.corrected
    assert sum(row.default for row in rows) == use.ledger.by_default
    assert len(use.visits) == use.ledger.visits


def test_compared_is_only_where_the_learner_would_have_differed_from_the_last():
    learned = visits((60, 60), (60, 60), (35, 35), (80, 35))
    held = visits((35, 60), source=COMPARED)
    found = compared([learned + held], LAMP)
    assert found.learned == (1, 2), "35 after 60 stayed, 80 after 35 was corrected"
    assert found.last == (1, 1)
    assert found.shown()["verdict"] == "not known yet"


def test_a_true_benefit_is_found_and_none_is_not_made_up():
    dice = random.Random(1)

    def people(wrong_learned, wrong_last):
        for _ in range(100):
            one = visits(*[(60, 60 if dice.random() > 0.5 else 35) for _ in range(2)])
            for number in range(1, 50):
                last = one[-1].values[0].code
                other = 35 if last == 60 else 60
                kept = number % 25 == 0
                applied = last if kept else other
                wrong = dice.random() < (wrong_last if kept else wrong_learned)
                code = (other if kept else last) if wrong else applied
                one += visits((applied, code), source=COMPARED if kept else LEARNED)
            yield one

    found = compared(people(0.2, 0.5), LAMP).shown()
    assert found["verdict"] == "helps"
    assert found["saved"]["low"] < 0.3 < found["saved"]["high"]
    assert compared(people(0.3, 0.3), LAMP).shown()["verdict"] == "not known yet"
