import json

from firmware.companion import Companion
from firmware.effects import Apply, Keep, Now, Offer, Record, Reserve, Total
from protocol import events
from protocol.clock import Clock
from protocol.fold import Known
from protocol.messages import Person
from protocol.product import read_product
from protocol.registers import Entry

ANA, BEN = b"ana-ana-", b"ben-ben-"


def _product(name="lamp"):
    with open("firmware/products/%s/product.json" % name) as file:
        return read_product(json.load(file))


def _companion(name="lamp"):
    return Companion(_product(name), name + "-1", b"boot", Clock())


def _now(at_ms, daypart=1):
    return Now(at_ms, 1_763_779_200_000 + at_ms, events.EXACT, daypart)


def _only(effects, kind):
    return [effect for effect in effects if isinstance(effect, kind)]


def _events(effects):
    return [events.decode_event(record.payload) for record in _only(effects, Record)]


def _visit(companion, subject, known, at_ms, *adjustments):
    effects = companion.near(subject, known, _now(at_ms))
    for index, code in adjustments:
        effects += companion.adjusted(index, code, _now(at_ms + 1000))
    return effects + companion.away(_now(at_ms + 60_000))


def test_a_stranger_has_full_use_and_leaves_no_trace():
    lamp = _companion()
    assert lamp.adjusted(0, 35, _now(0)) == [Apply((35, 2700, 0xFFFFFF))]
    assert lamp.settled(_now(2000)) == []
    assert lamp.counted(0, 60, _now(3000)) == []
    assert lamp.away(_now(4000)) == []


def test_what_a_hand_sets_happens_at_once_and_is_recorded_when_it_rests():
    lamp = _companion()
    lamp.near(ANA, Known(), _now(0))
    assert lamp.adjusted(0, 45, _now(100)) == [Apply((45, 2700, 0xFFFFFF))]
    lamp.adjusted(0, 35, _now(200))
    effects = lamp.settled(_now(2000))
    (event,) = _events(effects)
    assert (event.kind, event.subject, event.body) == (events.ADJUSTED, ANA, (0, 35, 60, 0))
    assert _only(effects, Keep)[0].subject == ANA
    assert lamp.settled(_now(3000)) == []


def test_what_ana_set_she_gets_again_and_ben_does_not():
    lamp, ana, ben = _companion(), Known(), Known()
    _visit(lamp, ANA, ana, 0, (0, 35))
    assert lamp.near(BEN, ben, _now(100_000))[-1] == Apply((60, 2700, 0xFFFFFF))
    before = (list(ana.rows), dict(ana.registers.entries))
    assert lamp.near(ANA, ana, _now(200_000))[-1] == Apply((35, 2700, 0xFFFFFF))
    assert (ana.rows, ana.registers.entries) == before, "Ben's visit moved nothing of Ana's"


def test_nobody_near_means_the_defaults():
    lamp = _companion()
    assert _visit(lamp, ANA, Known(), 0, (0, 35))[-1] == Apply((60, 2700, 0xFFFFFF))


def test_a_visit_says_what_was_applied_and_what_came_of_it():
    lamp = _companion()
    effects = _visit(lamp, ANA, Known(), 0, (0, 35))
    visit = _events(effects)[-1]
    daypart, seconds, values, counters = visit.body[:4]
    assert (visit.kind, daypart, seconds, counters) == (events.VISIT, 1, 60, ())
    assert values[0] == (0, 35, events.DEFAULT, 60)
    assert values[1] == (1, 2700, events.DEFAULT, 2700)


def test_the_clock_is_reserved_before_the_first_stamp_leaves():
    effects = _visit(_companion(), ANA, Known(), 0)
    kinds = [type(effect) for effect in effects]
    assert kinds.index(Reserve) < kinds.index(Record)


def test_uids_are_never_used_twice():
    lamp, known, seen = _companion(), Known(), set()
    for visit in range(20):
        for event in _events(_visit(lamp, ANA, known, visit * 100_000, (0, visit * 5))):
            assert event.uid not in seen
            seen.add(event.uid)


def test_heat_waits_until_it_is_sure_who_is_here():
    machine, known = _companion("espresso"), Known()
    machine.near(ANA, known, _now(0))
    machine.adjusted(2, 95, _now(1))
    machine.away(_now(60_000))
    assert machine.near(ANA, known, _now(100_000))[-1].codes[2] == 92
    assert machine.sure(_now(101_000)) == [Apply((1, 40, 92)), Offer(2, 95)]
    assert machine.sure(_now(102_000)) == []


def test_a_hand_is_not_overruled_when_recognition_becomes_sure():
    machine, known = _companion("espresso"), Known()
    for visit in range(8):
        _visit(machine, ANA, known, visit * 100_000, (2, 95))
    machine.near(ANA, known, _now(900_000))
    machine.adjusted(2, 88, _now(900_100))
    assert machine.sure(_now(901_000))[-1].codes[2] == 88


def test_what_was_neither_applied_nor_touched_teaches_nothing():
    machine = _companion("espresso")
    visit = _events(_visit(machine, ANA, Known(), 0))[-1]
    assert [value[0] for value in visit.body[2]] == [0, 1]


def test_limits_hold_whatever_a_hand_or_a_wish_asks():
    machine, known = _companion("espresso"), Known()
    machine.near(ANA, known, _now(0))
    assert machine.adjusted(2, 999, _now(1))[0].codes[2] == 96
    wish = Entry((1_763_779_300_000, 0, "hub"), (1_763_779_250_000, 0, "hub"), 500, "Sam")
    effects = machine.told(
        Person(1, 0, ANA, 0, None, [], {1: wish}, [], None, None, None, None), None, _now(2)
    )
    answered = _events(effects)[0]
    assert answered.body == (1, 500, events.LIMITED, 120) + wish.stamp[:2]
    assert _only(effects, Apply)[-1].codes[1] == 120


def test_a_stale_wish_is_refused_and_said_so():
    lamp, known = _companion(), Known()
    _visit(lamp, ANA, known, 0, (0, 35))
    wish = Entry((1_763_779_900_000, 0, "hub"), None, 80, "Sam")
    message = Person(1, 0, ANA, 0, None, [], {0: wish}, [], None, None, None, None)
    effects = lamp.told(message, known, _now(100_000))
    (answered,) = _events(effects)
    assert answered.body[:3] == (0, 80, events.REFUSED)
    assert lamp.near(ANA, known, _now(200_000))[-1].codes[0] == 35
    assert _events(lamp.told(message, known, _now(300_000))) == [], "answered once"


def test_a_wish_that_saw_the_hand_is_applied_at_once():
    lamp, known = _companion(), Known()
    _visit(lamp, ANA, known, 0, (0, 35))
    lamp.near(ANA, known, _now(100_000))
    stands = known.registers.entries[0].stamp
    wish = Entry((1_763_779_900_000, 0, "hub"), stands, 80, "Sam")
    effects = lamp.told(
        Person(1, 0, ANA, 0, None, [], {0: wish}, [], None, None, None, None), None, _now(100_100)
    )
    assert _events(effects)[0].body == (0, 80, events.APPLIED, 80) + wish.stamp[:2]
    assert _only(effects, Apply)[-1].codes[0] == 80


class _Scarce(Clock):
    """A clock on a board that has no memory left, at the stamps with these numbers."""

    def __init__(self, *failing):
        Clock.__init__(self)
        self._failing, self._stamps = failing, 0

    def stamp(self, wall_ms):
        self._stamps += 1
        if self._stamps in self._failing:
            raise MemoryError
        return Clock.stamp(self, wall_ms)


def test_a_hand_outlives_a_want_of_memory():
    for failing in ((1,), (2,), (1, 3), (2, 3), (1, 2, 3)):
        lamp, known, effects = (
            Companion(_product(), "lamp-1", b"boot", _Scarce(*failing)),
            Known(),
            [],
        )
        lamp.near(ANA, known, _now(0))
        lamp.adjusted(0, 30, _now(1_000))
        lamp.adjusted(1, 3000, _now(1_000))
        for at_ms in (3_000, 3_500, 4_000, 4_500):
            try:
                effects += lamp.settled(_now(at_ms))
            except MemoryError:
                pass
        assert [event.body[:3] for event in _events(effects)] == [(0, 30, 60), (1, 3000, 2700)]
        assert len(_only(effects, Keep)) == 1 and known.totals.adjusted == 2
        for _ in range(2):
            lamp.undo(_now(9_000))
        assert lamp.codes[:2] == (60, 2700)


def test_what_a_person_says_stands_until_they_turn_the_knob():
    lamp, known = _companion(), Known()
    lamp.near(ANA, known, _now(0))
    assert lamp.said(0, 80, _now(1))[-1].codes[0] == 80
    lamp.away(_now(60_000))
    assert lamp.near(ANA, known, _now(100_000))[-1].codes[0] == 80
    lamp.adjusted(0, 30, _now(100_100))
    lamp.away(_now(160_000))
    assert lamp.near(ANA, known, _now(200_000))[-1].codes[0] == 30


def test_cups_of_a_visit_are_hers_and_all_cups_are_the_machines():
    machine = _companion("espresso")
    machine.counted(0, 1, _now(0))
    machine.near(ANA, Known(), _now(1000))
    machine.counted(0, 1, _now(2000))
    effects = machine.away(_now(60_000))
    visit, totals = _events(effects)[-2:]
    assert visit.body[3] == ((0, 1),)
    assert (totals.kind, totals.subject, totals.body[0]) == (events.TOTALS, None, (0, 2))
    assert _only(effects, Total)[0].totals == (2, 0)


def test_who_is_forgotten_while_near_leaves_no_last_visit():
    lamp = _companion()
    lamp.near(ANA, Known(), _now(0))
    lamp.adjusted(0, 35, _now(1))
    assert lamp.forgotten(ANA, _now(2)) == [Apply((60, 2700, 0xFFFFFF))]
    assert lamp.settled(_now(3)) == []
    assert lamp.away(_now(4)) == []


def test_news_of_an_erased_generation_is_not_taken_in():
    lamp, known = _companion(), Known()
    known.registers.generation = 3
    wish = Entry((1_763_779_900_000, 0, "hub"), None, 80, "Sam")
    assert (
        lamp.told(
            Person(1, 0, ANA, 2, None, [], {0: wish}, [], None, None, None, None), known, _now(0)
        )
        == []
    )


def test_news_that_is_all_there_is_replaces_what_was_known():
    lamp, known = _companion(), Known()
    _visit(lamp, ANA, known, 0, (0, 40))
    word = Entry((1_763_779_900_000, 0, "hub"), None, 80, "Sam")
    news = Person(1, 0, ANA, 1, None, [], {1: word}, [], {}, [], {}, 7)
    lamp.told(news, known, _now(100_000))
    assert (len(known.rows), sorted(known.registers.entries)) == (1, [0, 1])
    lamp.told(news, known, _now(100_000), anew=True)
    assert (len(known.rows), sorted(known.registers.entries)) == (0, [1])
    assert known.registers.generation == 1


def test_what_was_learned_before_the_first_news_of_a_person_is_kept():
    lamp, known = _companion(), Known()  # a power cut came between their keys and what is known
    _visit(lamp, ANA, known, 0, (0, 40))
    lamp.told(Person(1, 0, ANA, 3, None, [], {}, [], None, None, None, None), known, _now(100_000))
    assert (len(known.rows), known.registers.generation) == (1, 3)
