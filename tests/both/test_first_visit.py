"""A first visit works at once: nothing is asked for, one thing is offered at most, and once."""

from firmware.companion import Companion
from firmware.doorstep import Doorstep
from firmware.effects import Apply, Now, Offer
from protocol import events
from protocol.clock import Clock
from protocol.decision import Carried
from protocol.fold import Known
from protocol.product import read_product

ANA = b"ana-ana-"
_DAY_MS = 86_400_000
OVEN = {
    "product": "oven",
    "settings": [
        {"kind": "number", "name": "light", "trait": "light.brightness", "low": 0, "high": 9},
        {"kind": "number", "name": "fan", "low": 0, "high": 9, "cost": "careful"},
        {"kind": "number", "name": "heat", "trait": "oven.heat", "low": 0, "high": 9}
        | {"cost": "guarded"},
        {"kind": "number", "name": "grill", "trait": "oven.grill", "low": 0, "high": 9}
        | {"cost": "guarded"},
    ],
}


def _now(at_s):
    return Now(1000 * at_s, 1_763_779_200_000 + 1000 * at_s, events.EXACT, 1)


def _visit(oven, known, at_s):
    """What somebody is offered who only looks on; and that all of it works for them."""
    effects = oven.near(ANA, known, _now(at_s)) + oven.sure(_now(at_s + 3))
    offers = [effect for effect in effects if isinstance(effect, Offer)]
    assert [effect for effect in effects if isinstance(effect, Apply)]
    assert oven.adjusted(1, 4, _now(at_s + 4)) == [Apply((oven.codes[0], 4, 0, 0))]
    oven.settled(_now(at_s + 9))
    oven.away(_now(at_s + 60))
    return offers


def _carried(*indexes):
    known = Known()
    known.carried = {index: Carried(7, "Old oven", 0) for index in indexes}
    return known


def test_who_is_new_is_offered_nothing():
    oven = Companion(read_product(OVEN), "oven-1", b"boot", Clock())
    assert _visit(oven, Known(), 0) == []


def test_of_what_is_known_from_elsewhere_one_thing_is_offered_and_never_again():
    oven, known = Companion(read_product(OVEN), "oven-1", b"boot", Clock()), _carried(0, 2, 3)
    assert _visit(oven, known, 0) == [Offer(2, 7)]
    assert known.rows, "it was a visit"
    assert {offer.index for offer in _visit(oven, known, 1000)} <= {1}, (
        "what they set here, perhaps"
    )


def test_what_is_offered_is_taken_by_one_press():
    oven, known = Companion(read_product(OVEN), "oven-1", b"boot", Clock()), _carried(2)
    oven.near(ANA, known, _now(0))
    oven.sure(_now(3))
    assert oven.codes[2] == 0
    assert oven.accept(_now(4)) == [Apply((0, 0, 7, 0))]


def test_that_somebody_was_declined_is_remembered_for_a_day_and_not_who():
    door = Doorstep(None)
    assert not door.declined(b"one", 0)
    door.decline(b"one", 0)
    assert door.declined(b"one", 1000) and not door.declined(b"two", 1000)
    assert not door.declined(b"one", _DAY_MS), "another salt"
    other = Doorstep(None)
    other.decline(b"one", 0)
    assert door.__dict__["_salt"] != other.__dict__["_salt"]


def test_what_is_remembered_of_who_was_declined_is_bounded():
    door = Doorstep(None)
    for number in range(100):
        door.decline(b"%d" % number, number)
    assert len(door.__dict__["_declined"]) <= 64
    assert door.declined(b"99", 100) and not door.declined(b"0", 100)
