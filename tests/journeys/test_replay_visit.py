"""What lamps decided, decided again from the hub's history, on both interpreters."""

import random

import pytest

from hub.errors import GoneError, InvalidError
from hub.past.record import compact
from hub.people.customer import Customer
from tests.conftest import many, micropython, require
from tests.hub.living import LAMP, LAMP_JSON
from tools.replay.decide import decide
from tools.replay.visit import on_micropython


def visit(home, lamp, detents):
    home.lamps[lamp].near(home.subject(home.ana, lamp))
    if detents:
        home.lamps[lamp].runtime.turn(0, detents)
    home.lamps[lamp].away()


def live(home, dice, count):
    """Visits at both lamps, wishes and undoings, with lamps off line now and then."""
    histories = home.histories
    for _ in range(count):
        lamp = dice.choice(list(home.lamps))
        draw = dice.random()
        if draw < 0.15:
            home.hub.profiles.wish(home.ana, "lamp", "brightness", dice.choice((20, 80)), "Sam")
        elif draw < 0.25:
            home.hub.profiles.rule(home.ana, "lamp", "brightness", dice.choice(("learn", "paused")))
        elif draw < 0.3 and home.hub.profiles.timeline(home.ana, 10):
            undo_one(histories, home)
        else:
            home.lamps[lamp].online = dice.random() < 0.7
            visit(home, lamp, dice.choice((0, -3, 2)))
        home.exchange()
        home.pass_ms(dice.choice((6_000, 7_200_000)))
        home.exchange()
    home.quiet()


def undo_one(histories, home):
    try:
        histories.undo(home.ana, "Ana", steps=1)
    except GoneError:
        return


def visits(home):
    lines = home.hub.profiles.timeline(home.ana, 1000)
    return [line["id"] for line in lines if line["kind"] == "visit"]


@pytest.mark.parametrize("seed", range(many(6)))
def test_every_decision_of_a_device_is_replayed_bit_by_bit(home, seed):
    live(home, random.Random(seed), 25)
    histories = home.histories
    for line in visits(home):
        past = histories.decision(home.ana, line)
        assert past["found"], line
        assert decide(LAMP_JSON, past)[0] == past["digest"]


def test_micropython_comes_to_the_same_digest_and_the_same_words(home):
    require("a micropython interpreter", micropython())
    live(home, random.Random(1), 12)
    past = home.histories.decision(home.ana, visits(home)[0])
    assert on_micropython(LAMP_JSON, past) == decide(LAMP_JSON, past)
    assert decide(LAMP_JSON, past)[0] == past["digest"]


def test_a_history_that_was_changed_does_not_lead_to_the_digest(home):
    visit(home, "lamp-1", -5)
    visit(home, "lamp-1", 0)
    home.quiet()
    draft = home.hub.profiles.office.draft()
    customer = Customer(draft, home.ana)
    for number, entry in customer.history.entries("lamp")[:2]:
        customer.history.put(number, {**entry, "device": "lamp-3", "at_ms": 1 << 50})
    draft.commit()
    past = home.histories.decision(home.ana, visits(home)[0])
    assert not past["found"]


def test_what_is_kept_as_a_sum_is_not_replayed(home):
    visit(home, "lamp-1", -5)
    home.quiet()
    draft = home.hub.profiles.office.draft()
    compact(Customer(draft, home.ana), {"lamp": LAMP}, 100)
    draft.commit()
    histories = home.histories
    with pytest.raises(GoneError, match="too long ago"):
        histories.decision(home.ana, visits(home)[0])
    with pytest.raises(InvalidError, match="no visit"):
        histories.decision(home.ana, 1)
