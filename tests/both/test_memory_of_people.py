"""Windows, registers, stamps and their fold: what is remembered, in any order."""

from protocol import chain, events, window
from protocol.clock import AHEAD_MS, Clock, too_far_ahead
from protocol.fold import Known, fold
from protocol.registers import HAND, Entry, Registers
from protocol.schema import Number
from protocol.sentence import sentence
from protocol.window import Row

SETTINGS = (Number("brightness", 0, 100, step=5, unit="%", start=60),)


class _Chance:
    def __init__(self, seed):
        self._state = seed

    def below(self, limit):
        self._state = (self._state * 1103515245 + 12345) & 0x3FFFFFFF
        return (self._state >> 8) % limit


def _row(chance):
    uid = bytes((chance.below(6),)) * 8
    return Row(
        uid, (chance.below(40), chance.below(2)), chance.below(4), ((0, chance.below(5), 0),)
    )


def test_windows_merge_in_any_order_and_any_number_of_times():
    chance = _Chance(3)
    for _ in range(200):
        a, b, c = [window.merge([], [_row(chance) for _ in range(6)]) for _ in range(3)]
        assert window.merge(window.merge(a, b), c) == window.merge(a, window.merge(b, c))
        assert window.merge(a, b) == window.merge(b, a)
        assert window.merge(a, a) == a


def test_a_window_keeps_the_newest():
    rows = [Row(n.to_bytes(8, "big"), (n, 0), 1, ()) for n in range(50)]
    assert [row.stamp[0] for row in window.merge(rows, ())] == list(range(18, 50))


def test_dayparts():
    cases = (
        (0, 0),
        (299, 0),
        (300, 1),
        (659, 1),
        (660, 2),
        (1019, 2),
        (1020, 3),
        (1319, 3),
        (1320, 0),
    )
    for minutes, expected in cases:
        assert window.daypart(minutes) == expected, minutes
    assert window.daypart(None) == window.NO_DAYPART


def _words(chance):
    """Words of hands, each at its own time, and of the hub, each having seen the one before."""
    stamps = sorted(set([chance.below(60) for _ in range(6)]))
    words, seen = [], None
    for stamp in stamps:
        if chance.below(2):
            words.append(Entry((stamp, 0, "abc"[chance.below(3)]), None, stamp, HAND))
            seen = words[-1].stamp if chance.below(3) == 0 else seen  # the hub may hear of it
        else:
            words.append(Entry((stamp, 0, "hub"), seen, stamp, "Sam"))
            seen = words[-1].stamp
    return words


def test_registers_merge_in_any_order_and_any_number_of_times():
    chance = _Chance(11)
    for _ in range(500):
        words = _words(chance)
        outcomes = set()
        for _ in range(6):
            registers = Registers()
            for word in [words[chance.below(len(words))] for _ in range(8)] + words:
                registers.merge(0, {0: word})
            outcomes.add(registers.entries[0])
            words.append(words.pop(chance.below(len(words))))
        assert len(outcomes) == 1, (words, outcomes)


def test_a_stale_wish_never_undoes_a_hand():
    registers = Registers()
    registers.say(0, None, (100, 0, "lamp"), HAND)
    wish = Entry((200, 0, "hub"), (50, 0, "lamp"), 80, "Sam")
    assert registers.verdict(0, 0, wish) is False
    assert registers.merge(0, {0: wish}) == []
    assert registers.value(0) is None
    assert registers.conflicts[0] == wish, "it is kept, to be shown"
    assert registers.verdict(0, 0, wish) is None, "weighed once"


def test_a_wish_that_has_seen_the_hand_is_followed():
    registers = Registers()
    registers.say(0, None, (100, 0, "lamp"), HAND)
    wish = Entry((200, 0, "hub"), (100, 0, "lamp"), 80, "Sam")
    assert registers.merge(0, {0: wish}) == [0]
    assert (registers.value(0), registers.conflicts) == (80, {})


def test_an_erased_generation_never_comes_back():
    registers = Registers()
    registers.merge(2, {0: Entry((1, 0, "a"), None, 5, HAND)})
    assert registers.merge(1, {0: Entry((9, 0, "a"), None, 7, HAND)}) == []
    assert registers.value(0) == 5
    registers.merge(3, {})
    assert registers.value(0) is None


def test_stamps_rise_whatever_the_clock_does():
    clock = Clock()
    last, walls = (0, 0), (0, 5, 5, 3, 900, 0, 901, 901)
    for wall_ms in walls:
        stamp = clock.stamp(wall_ms)
        assert stamp > last
        last = stamp
    clock.heard((5000, 7))
    assert clock.stamp(0) == (5000, 8)


def test_a_boot_begins_after_all_it_ever_issued():
    clock = Clock()
    stamp = clock.stamp(1000)
    assert clock.must_reserve()
    reserved = clock.reserve()
    assert reserved == 1000 + AHEAD_MS
    assert Clock(reserved).stamp(0) > stamp
    assert not too_far_ahead((1000, 0), 900)
    assert too_far_ahead((400_000, 0), 0)


def test_the_chain_covers_all_that_came_before():
    one = chain.link(chain.start(b"stream"), 1, chain.EVENT, b"a")
    assert chain.link(one, 2, chain.EVENT, b"b") != chain.link(one, 2, chain.GAP, b"b")
    assert chain.link(one, 2, chain.EVENT, b"b") != chain.link(one + 1, 2, chain.EVENT, b"b")


def _event(kind, body, at, visit=1, number=1):
    uid = b"boot" + number.to_bytes(4, "big")
    return events.Event(kind, uid, (at, 0), 2, at, b"subject1", visit, body)


def test_what_a_hand_sets_is_had_next_time():
    known = Known()
    assert known.decide(SETTINGS, 1)[0].code == 60
    fold(known, _event(events.ADJUSTED, (0, 35, 60, 0), 10), "lamp", SETTINGS)
    decision = known.decide(SETTINGS, 1)[0]
    assert (decision.code, decision.source) == (35, events.LEARNED)
    assert sentence(SETTINGS[0], decision, 1).startswith("brightness 35 %, because you had it so")


def test_a_visit_is_one_row_however_often_a_hand_moved():
    known = Known()
    fold(known, _event(events.ADJUSTED, (0, 35, 60, 0), 10), "lamp", SETTINGS)
    fold(known, _event(events.ADJUSTED, (0, 40, 35, 5), 20, number=2), "lamp", SETTINGS)
    fold(
        known, _event(events.VISIT, (1, 60, ((0, 40, 0, 60),), ()), 30, number=3), "lamp", SETTINGS
    )
    assert [(row.daypart, row.values) for row in known.rows] == [(1, ((0, 40, 1),))]


def test_the_same_events_in_any_order_and_twice_are_the_same_memory():
    happened = [
        _event(events.ADJUSTED, (0, 35, 60, 0), 10),
        _event(events.VISIT, (1, 60, ((0, 35, 0, 60),), ()), 30, number=2),
        _event(events.ADJUSTED, (0, 20, 35, 3), 40, visit=2, number=3),
        _event(events.VISIT, (1, 60, ((0, 20, 3, 35),), ()), 50, visit=2, number=4),
    ]
    memories = []
    for order in ((0, 1, 2, 3), (3, 1, 2, 0), (1, 3, 0, 2, 0, 1)):
        known = Known()
        for at in order:
            fold(known, happened[at], "lamp", SETTINGS)
        entry = known.registers.entries[0]
        memories.append((known.rows, entry.stamp, entry.value, entry.author))
    assert memories[0] == memories[1] == memories[2]


def test_what_is_said_stands_until_a_hand_differs():
    known = Known()
    fold(known, _event(events.STATED, (0, 80), 10), "lamp", SETTINGS)
    decision = known.decide(SETTINGS, 1)[0]
    assert (decision.code, decision.source) == (80, events.SAID)
    assert "asked" in sentence(SETTINGS[0], decision, 1)
    fold(known, _event(events.ADJUSTED, (0, 30, 80, 4), 20, number=2), "lamp", SETTINGS)
    assert known.decide(SETTINGS, 1)[0].code == 30


def test_a_setting_of_a_newer_product_is_left_alone():
    known = Known()
    fold(known, _event(events.ADJUSTED, (9, 35, 60, 0), 10), "lamp", SETTINGS)
    fold(known, _event(events.VISIT, (1, 60, ((9, 40, 0, 60),), ()), 30), "lamp", SETTINGS)
    assert known.decide(SETTINGS, 1)[0].code == 60


def test_a_word_knows_which_one_it_has_seen():
    words = Registers(1)
    first = words.say(0, 40, (5, 0, "hub"), "Sam")
    assert (first.base, words.value(0), words.value(1)) == (None, 40, None)
    other = words.say(1, 7, (6, 0, "hub"), "Sam")
    second = words.say(0, 50, [7, 0, "lamp-1"], HAND)
    assert (other.base, second.base, second.stamp) == (None, first.stamp, (7, 0, "lamp-1"))
    assert words.conflicts == {}, "nothing was said unseen"


def test_a_merge_names_what_has_another_value_since():
    words, entry = Registers(1), Entry((5, 0, "hub"), None, 40, "Sam")
    assert words.merge(1, {0: entry, 2: entry}) == [0, 2]
    assert words.merge(1, {0: entry}) == []
    later = Entry((6, 0, "hub"), None, 40, "Sam")
    assert words.merge(1, {0: later, 1: entry, 2: entry}) == [0, 1]
    assert words.merge(1, {0: entry}) == []


def test_of_what_lost_unseen_the_newest_is_kept():
    for order in ((3, 5, 4), (5, 4, 3), (4, 3, 5)):
        words = Registers(1)
        words.merge(1, {0: Entry((9, 0, "hub"), None, 40, "Sam")})
        for at in order:
            words.merge(1, {0: Entry((at, 0, "hub"), None, at, "Sam")})
        assert words.value(0) == 40 and words.conflicts[0].value == 5
