"""What a person takes back, rules and accepts at a device: the companion alone."""

import json

from firmware.companion import Companion
from firmware.effects import Apply, Keep, Now, Offer, Record
from protocol import events
from protocol.clock import Clock
from protocol.fold import Known, fold
from protocol.product import read_product
from protocol.rules import FORGET, FROZEN, LEARN, PAUSED

ANA, BEN = b"ana-ana-", b"ben-ben-"


def _product(name):
    with open("firmware/products/%s/product.json" % name) as file:
        return read_product(json.load(file))


class _Home:
    """A device, and what a hub makes of its journal."""

    def __init__(self, name="lamp"):
        self.product = _product(name)
        self.device = Companion(self.product, "one", b"boot", Clock())
        self.known = {ANA: Known(), BEN: Known()}
        self.hub = {ANA: Known(), BEN: Known()}
        self.at_ms = 0

    def now(self):
        self.at_ms += 1000
        return Now(self.at_ms, 1_763_779_200_000 + self.at_ms, events.EXACT, 1)

    def did(self, effects):
        for effect in effects:
            if isinstance(effect, Record):
                event = events.decode_event(effect.payload)
                if event.subject:
                    fold(self.hub[event.subject], event, "one", self.product.settings)
        return effects

    def near(self, subject=ANA):
        return self.did(self.device.near(subject, self.known[subject], self.now()))

    def turn(self, index, code):
        self.did(self.device.adjusted(index, code, self.now()))
        return self.did(self.device.settled(self.now()))

    def say(self, index, code):
        return self.did(self.device.said(index, code, self.now()))

    def rule(self, index, kind):
        return self.did(self.device.ruled(index, kind, self.now()))

    def undo(self):
        return self.did(self.device.undo(self.now()))

    def away(self):
        return self.did(self.device.away(self.now()))

    def agree(self):
        for subject in (ANA, BEN):
            one, other = self.known[subject], self.hub[subject]
            assert one.rows == other.rows
            assert one.registers.entries == other.registers.entries
            assert (one.rules, one.undone) == (other.rules, other.undone)


def _knows(home, subject=ANA):
    """What follows from what is known, without the times at which it was said."""
    known = home.known[subject]
    rows = [(row.uid, row.daypart, row.values) for row in known.rows]
    words = [known.registers.value(index) for index in range(3)]
    return rows, words, known.decide(home.product.settings, 1)


def test_each_step_of_a_visit_is_taken_back_and_the_product_follows_at_once():
    home = _Home()
    home.near()
    home.turn(0, 35)
    home.turn(0, 20)
    home.say(1, 4000)
    assert home.undo()[-1] == Apply((20, 2700, 0xFFFFFF))
    assert home.undo()[-1] == Apply((35, 2700, 0xFFFFFF))
    assert home.undo()[-1] == Apply((60, 2700, 0xFFFFFF))
    assert home.undo() == [], "nothing is left to take back"
    home.away()
    home.agree()


def test_what_was_undone_is_as_if_it_had_never_happened():
    undone, never = _Home(), _Home()
    for home in (undone, never):
        home.near()
        home.say(0, 80)
        home.turn(1, 3000)
        home.away()
        home.near()
    undone.turn(0, 10)
    undone.turn(2, 0xC77DFF)
    undone.say(1, 5000)
    for _ in range(3):
        undone.undo()
    assert undone.device.codes == never.device.codes
    assert _knows(undone) == _knows(never)
    for home in (undone, never):
        home.away()
    assert _knows(undone) == _knows(never)
    undone.agree()


def test_what_was_done_in_an_earlier_visit_is_taken_back_too():
    home = _Home()
    home.near()
    home.turn(0, 35)
    home.away()
    home.near()
    assert home.undo()[-1].codes[0] == 60
    assert home.known[ANA].decide(home.product.settings, 1)[0].source == events.DEFAULT
    home.agree()


def test_nobody_takes_back_what_somebody_else_did():
    home = _Home()
    home.near()
    home.turn(0, 35)
    home.near(BEN)
    assert home.undo() == []
    home.device.forgotten(ANA, home.now())
    home.near(ANA)
    assert home.undo() == []


def test_a_frozen_value_is_had_again_after_a_hundred_corrections():
    home = _Home()
    home.near()
    home.turn(0, 35)
    assert home.rule(0, FROZEN)[-1].codes[0] == 35
    home.away()
    for visit in range(100):
        home.near()
        assert home.device.codes[0] == 35
        home.turn(0, visit % 20 * 5)
        assert home.device.codes[0] == visit % 20 * 5, "hands work for the moment"
        home.away()
    home.near()
    assert home.rule(0, LEARN)[-1].codes[0] == 60, "nothing was learned in the hundred"
    home.agree()


def test_pausing_and_forgetting_act_at_once():
    home = _Home()
    home.near()
    home.turn(0, 35)
    home.away()
    home.near()
    assert home.rule(0, PAUSED)[-1].codes[0] == 60
    assert home.rule(0, LEARN)[-1].codes[0] == 35
    assert home.rule(0, FORGET)[-1].codes[0] == 60
    assert [type(effect) for effect in home.rule(0, LEARN)][-2:] == [Keep, Apply]
    home.away()
    home.agree()


def test_what_is_unsure_is_offered_and_one_press_takes_it():
    home = _Home("espresso")
    home.near()
    home.did(home.device.sure(home.now()))
    assert home.device.accept(home.now()) == [], "nothing is offered yet"
    home.turn(2, 95)
    home.away()
    home.near()
    assert home.did(home.device.sure(home.now()))[-1] == Offer(2, 95)
    assert home.device.codes[2] == 92
    assert home.did(home.device.accept(home.now()))[-1].codes[2] == 95
    assert home.device.accept(home.now()) == [], "an offer is taken once"
    home.away()
    rows = home.known[ANA].rows
    assert (2, 95, 1) in rows[-1].values, "it is learned as set by hand"
    home.agree()
