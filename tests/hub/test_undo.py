import random

import pytest

from hub.draft import Draft
from hub.errors import ConflictError, GoneError, InvalidError, UnknownLineError
from hub.past.record import compact
from hub.past.refold import refold
from hub.past.undo import newest_steps
from hub.past.use import write_use
from hub.people.customer import Customer
from tests.conftest import many
from tests.hub.lives import STEP_MS, Life, state, steps
from tests.hub.living import LAMP

SEEDS = range(many(12))


def refolded(life):
    """The same use, from the history alone."""
    history = Customer(Draft(life.hub.store), life.ana).history
    return refold(history.snapshot("lamp"), history.entries("lamp"), LAMP, 1)


def newest_steps_of(life):
    try:
        return newest_steps([Customer(Draft(life.hub.store), life.ana)], 1)
    except GoneError:
        return []


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_kept_is_always_what_the_history_folds_to(seed):
    dice, life = random.Random(seed), Life()
    for number, step in enumerate(steps(25, dice, at_lamps=0.2)):
        life.step(number, step)
        if dice.random() < 0.2 and newest_steps_of(life):
            life.undo(steps=1)
        if dice.random() < 0.1:
            draft = Draft(life.hub.store)
            customer = Customer(draft, life.ana)
            compact(customer, {"lamp": LAMP}, customer.history.first + dice.randrange(3))
            draft.commit()
        assert write_use(life.use()) == write_use(refolded(life))


@pytest.mark.parametrize("seed", SEEDS)
def test_after_undoing_n_steps_they_never_happened(seed):
    dice = random.Random(seed)
    lived, undone = steps(45, dice), dice.randrange(1, 8)
    one, other = Life(), Life()
    for number, step in enumerate(lived):
        one.step(number, step)
        other.step(number, step, happens=number < 45 - undone)
    one.undo(steps=undone)
    other.exchange()
    assert state(one.use()) == state(other.use())
    assert one.decisions() == other.decisions()
    assert one.decisions()[0] == one.decisions()[1] == one.decisions()[2]


@pytest.mark.parametrize("seed", SEEDS)
def test_an_undone_step_in_the_middle_never_happened_for_what_comes_later(seed):
    dice = random.Random(seed)
    lived, gone = steps(20, dice), dice.randrange(1, 19)
    one, other = Life(), Life()
    for number, step in enumerate(lived):
        one.step(number, step)
        other.step(number, step, happens=number != gone)
        if number == gone:
            one.undo(steps=1)
    assert state(one.use()) == state(other.use())
    assert one.decisions()[1:] == other.decisions()[1:]


@pytest.mark.parametrize("seed", SEEDS)
def test_to_undo_an_undoing_brings_it_all_back(seed):
    dice, life = random.Random(seed), Life()
    for number, step in enumerate(steps(20, dice)):
        life.step(number, step)
    before, decided = state(life.use()), life.decisions()
    for _ in range(2):
        (line,) = life.undo(steps=4)
        (again,) = life.undo(event=line)
        assert state(life.use()) == before
        assert life.decisions() == decided
    life.undo(event=again)
    assert state(life.use()) != before


def lived_once():
    life = Life()
    life.step(0, ("visit", 0, (35,), None))
    life.step(1, ("wish", 80))
    return life


def test_what_is_undone_stays_in_the_timeline_and_is_marked():
    life = lived_once()
    life.undo(steps=1)
    told = {line["kind"]: line.get("undone", False) for line in
            life.hub.profiles.timeline(life.ana)}  # fmt: skip
    assert told["wish"] is True
    assert told["visit"] is False
    assert life.hub.setting(life.ana)["value"] == 35
    assert life.hub.setting(life.ana)["wish"] is None


def test_a_line_of_the_timeline_can_be_undone_by_itself():
    life = lived_once()
    line = next(one for one in life.hub.profiles.timeline(life.ana) if one["kind"] == "adjusted")
    life.undo(event=line["id"])
    assert [row.values for row in life.use().known.rows] == [()] or not life.use().known.rows
    with pytest.raises(ConflictError, match="undone already"):
        life.undo(event=line["id"])


def test_what_is_kept_only_as_a_sum_can_not_be_undone():
    life = lived_once()
    draft = Draft(life.hub.store)
    customer = Customer(draft, life.ana)
    compact(customer, {"lamp": LAMP}, customer.history.last)
    draft.commit()
    line = next(one for one in life.hub.profiles.timeline(life.ana) if one["kind"] == "visit")
    with pytest.raises(GoneError, match="too long ago"):
        life.undo(event=line["id"])
    with pytest.raises(GoneError, match="Only 0 steps"):
        life.undo(steps=1)
    assert life.hub.setting(life.ana)["value"] == 80


@pytest.mark.parametrize("which", [{}, {"steps": 0}, {"steps": 101}, {"steps": 1, "event": 1}])
def test_either_some_steps_or_one_line_is_undone(which):
    with pytest.raises(InvalidError, match="steps"):
        lived_once().undo(**which)


def test_a_line_that_tells_of_no_step_can_not_be_undone():
    life = lived_once()
    welcome = life.hub.profiles.timeline(life.ana)[-1]
    with pytest.raises(InvalidError, match="welcome"):
        life.undo(event=welcome["id"])
    with pytest.raises(UnknownLineError):
        life.undo(event=10_000)


def test_a_lamp_that_was_away_hears_of_the_undoing_when_it_is_back():
    life = lived_once()
    life.histories.undo(life.ana, "Ana", steps=2)
    life.hub.now_ms += STEP_MS
    life.exchange()
    assert life.decisions()[2] == life.decisions()[0]


def test_what_somebody_had_forgotten_can_not_be_brought_back_by_undoing():
    life = lived_once()
    life.hub.profiles.rule(life.ana, "lamp", "brightness", "forget")
    assert life.customer_entries() == []
    with pytest.raises(GoneError):
        life.undo(steps=1)
    life.exchange()
    assert life.hub.setting(life.ana)["source"] == "default"
    assert life.decisions()[1][0] == life.decisions()[0][0]
