"""Settings that came and went with versions of a product, and the digest of what was decided."""

from firmware.companion import Companion
from firmware.effects import Now, Offer, Record
from protocol import events
from protocol.clock import Clock
from protocol.decision import digest
from protocol.fold import Known
from protocol.product import read_product

_ANA = b"ana-ana-"
_LIGHT = {"kind": "number", "name": "light", "low": 0, "high": 100, "step": 5, "start": 60}
_FLOW = {"kind": "number", "name": "flow", "low": 1, "high": 9, "start": 5}


def _product(*settings):
    return read_product({"product": "x", "settings": list(settings)})


def _now(at_ms, daypart=1):
    return Now(at_ms, 1_763_779_200_000 + at_ms, events.EXACT, daypart)


def _kinds(effects, kind):
    return [effect for effect in effects if isinstance(effect, kind)]


def _visit(companion, known, begin=1, end=1):
    """The body of the VISIT event of a visit without a hand."""
    near = companion.near(_ANA, known, _now(0, begin))
    assert _kinds(near, Offer) == []
    away = companion.away(_now(60_000, end))
    for record in _kinds(away, Record):
        event = events.decode_event(record.payload)
        if event.kind == events.VISIT:
            return event.body


def test_a_setting_is_its_id_wherever_it_stands():
    product = _product(dict(_FLOW, id=1), dict(_LIGHT, id=0))
    assert [setting.name for setting in product.settings] == ["light", "flow"]


def test_what_is_retired_is_not_applied_and_not_learned():
    product = _product(_LIGHT, dict(_FLOW, retired=True))
    companion, known = Companion(product, "x-1", b"boot", Clock()), Known()
    known.registers.say(1, 9, (1, 0, "hub"), "Sam")
    body = _visit(companion, known)
    assert [value[0] for value in body[2]] == [0]
    assert known.registers.value(1) == 9  # an older version of the product may come back


def test_a_visit_tells_what_was_decided_at_its_begin():
    product = _product(_LIGHT, _FLOW)
    companion, known = Companion(product, "x-1", b"boot", Clock()), Known()
    known.registers.say(0, 35, (1, 0, "hub"), "Sam")
    decided = digest(known.decide(product.settings, 2), 2)
    body = _visit(companion, known, begin=2, end=3)
    assert (body[0], body[5:7]) == (3, (decided, 2))


def test_a_digest_tells_every_part_of_a_decision_apart():
    product, known = _product(_LIGHT, _FLOW), Known()
    decisions = known.decide(product.settings, 1)
    seen = {digest(decisions, 1), digest(decisions, 2)}
    for at in range(len(decisions[0])):
        changed = tuple([77 if at == other else part for other, part in enumerate(decisions[0])])
        seen.add(digest([changed, decisions[1]], 1))
    assert len(seen) == 2 + len(decisions[0])
