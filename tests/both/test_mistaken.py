"""Who only passed was no visit; and who was taken for another leaves no trace of it."""

from firmware.companion import Companion
from firmware.effects import Apply, Keep, Now, Offer, Record
from protocol import events
from protocol.clock import Clock
from protocol.fold import Known
from protocol.product import read_product

ANA = b"ana-ana-"
LAMP = {
    "product": "lamp",
    "settings": [
        {"kind": "number", "name": "brightness", "low": 0, "high": 100, "step": 5, "start": 60},
        {"kind": "number", "name": "warmth", "low": 22, "high": 65, "start": 27},
    ],
    "counters": [{"name": "time_on", "timed": True}],
}


def _lamp():
    return Companion(read_product(LAMP), "lamp-1", b"boot", Clock())


def _now(at_s):
    return Now(1000 * at_s, 1_763_779_200_000 + 1000 * at_s, events.EXACT, 1)


def _visit(lamp, known, at_s, code):
    lamp.near(ANA, known, _now(at_s))
    lamp.adjusted(0, code, _now(at_s + 1))
    lamp.settled(_now(at_s + 3))
    lamp.away(_now(at_s + 60))


def _state(known):
    return list(known.rows), dict(known.registers.entries), known.totals


def _kinds(effects):
    made = [events.decode_event(each.payload) for each in effects if isinstance(each, Record)]
    return [event.kind for event in made]


def test_who_only_passes_is_served_at_once_and_nothing_is_recorded_or_kept():
    lamp, known = _lamp(), Known()
    _visit(lamp, known, 0, 35)
    before = _state(known)
    assert lamp.near(ANA, known, _now(100))[-1] == Apply((35, 27))
    lamp.counted(0, 5, None)
    assert lamp.away(_now(110), False) == [Apply((60, 27))]
    assert _state(known) == before


def test_what_a_passer_used_is_still_in_the_totals_of_the_device():
    lamp = _lamp()
    lamp.near(ANA, Known(), _now(0))
    lamp.counted(0, 5, None)
    lamp.away(_now(10), False)
    lamp.near(ANA, Known(), _now(100))
    assert events.TOTALS in _kinds(lamp.away(_now(160)))


def test_a_wrong_recognition_leaves_what_is_known_as_if_it_had_never_been():
    lamp, known = _lamp(), Known()
    _visit(lamp, known, 0, 35)
    lamp.near(ANA, known, _now(100))
    lamp.said(1, 40, _now(101))
    lamp.away(_now(150))
    before = _state(known)
    lamp.near(ANA, known, _now(200))
    lamp.adjusted(0, 90, _now(201))
    lamp.settled(_now(203))
    lamp.adjusted(1, 60, _now(204))
    lamp.settled(_now(206))
    lamp.adjusted(0, 5, _now(207))  # has not rested yet
    effects = lamp.not_me(_now(208))
    assert _kinds(effects)[-1] == events.UNDONE
    assert [each.subject for each in effects if isinstance(each, Keep)][-1] == ANA
    assert effects[-1] == Apply((60, 27))
    rows, words, totals = _state(known)
    assert (rows, totals) == (before[0], before[2])
    assert {index: words[index].value for index in words} == {
        index: before[1][index].value for index in before[1]
    }
    assert lamp.away(_now(209)) == []
    assert lamp.near(ANA, known, _now(300))[-1] == Apply((35, 40))


def test_where_nobody_is_known_to_be_it_only_goes_back_to_the_defaults():
    lamp = _lamp()
    lamp.adjusted(0, 90, _now(0))
    assert lamp.not_me(_now(1)) == [Apply((60, 27))]


def test_a_first_visit_works_at_once_and_nothing_is_asked():
    lamp = _lamp()
    effects = lamp.near(ANA, Known(), _now(0)) + lamp.sure(_now(3))
    assert [each for each in effects if isinstance(each, Offer)] == []
    assert lamp.adjusted(0, 35, _now(4)) == [Apply((35, 27))]
    assert _kinds(lamp.away(_now(60))) == [events.ADJUSTED, events.VISIT]
