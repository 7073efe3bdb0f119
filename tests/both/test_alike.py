"""Four bytes that tell whether two know the same of a person."""

from protocol.alike import digest
from protocol.decision import Carried
from protocol.fold import Known
from protocol.registers import HAND, Entry
from protocol.rules import FROZEN, Undone, ruled
from protocol.window import Row

_ROWS = [Row(bytes(7) + bytes((n,)), (1000 + n, 0), 1, ((0, n * 5, 0),)) for n in range(4)]
_WORD = Entry((2000, 1, "hub"), None, 35, "Sam")


def _known(rows=None, word=_WORD, rules=None, undone=(), carried=None, generation=1):
    known = Known()
    known.merge(generation, rows or _ROWS, {0: word}, rules, undone, carried)
    return known


def test_who_knows_the_same_says_the_same_in_whatever_order_it_came():
    turned = _known()
    turned.merge(1, [], {1: _WORD})
    other = Known()
    other.merge(1, _ROWS[2:], {1: _WORD})
    other.merge(1, _ROWS[:3], {0: _WORD})
    assert digest(turned) == digest(other)


def test_whatever_a_product_does_follows_from_what_is_compared():
    kept = [Row(_ROWS[0].uid, (1000, 0), 1, ((0, 5, 1),))] + _ROWS[1:]
    later = [Row(_ROWS[0].uid, (999, 0), 1, ((0, 0, 0),))] + _ROWS[1:]
    others = [
        _known(_ROWS[1:]),
        _known(kept),
        _known(later),
        _known(word=Entry((2000, 2, "hub"), None, 35, "Sam")),
        _known(word=Entry((2000, 1, "hub"), None, 40, "Sam")),
        _known(word=Entry((2000, 1, "hub"), None, None, HAND)),
        _known(rules=ruled({}, 0, FROZEN, 35, (3000, 0, "hub"))),
        _known(undone=[Undone((900, 0), _ROWS[0].uid, 0, 1)]),
        _known(carried={1: Carried(3, "Lamp", 7)}),
        _known(generation=2),
    ]
    assert len(set([digest(known) for known in [_known()] + others])) == len(others) + 1


def test_what_a_word_had_seen_may_differ():
    seen = Entry((2000, 1, "hub"), (1500, 0, "lamp-1"), 35, "Sam")
    assert digest(_known()) == digest(_known(word=seen))
