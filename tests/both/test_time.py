"""Stamps, anchors and dates: what a board without a battery for its clock makes of time."""

from firmware.walltime import WallTime
from protocol.anchor import Anchor, moved, restamp
from protocol.clock import AHEAD_MS, Clock, too_far_ahead
from protocol.events import EXACT, NO_TIME, PROVISIONAL
from protocol.fold import Known
from protocol.registers import HAND, Entry, Registers
from protocol.rules import FORGET, Undone, ruled
from protocol.window import Row

YEAR_MS = 365 * 86_400_000
NOW_MS = 1_790_000_000_000
LATE_MS = (2**31 * 1000, 2**32 * 1000, 2**32 * 1000 + YEAR_MS)  # 2038, 2106 and after


def rising(found):
    return sorted(set(found)) == found


def reboot(clock):
    return Clock(clock.reserved_ms)


def test_stamps_rise_whatever_the_clock_says():
    jumps = (0, NOW_MS, NOW_MS, NOW_MS + 10 * YEAR_MS, 5, NOW_MS, 0) + LATE_MS + (1, NOW_MS)
    clock, found = Clock(), []
    for wall_ms in jumps:
        found.append(clock.stamp(wall_ms))
        if clock.must_reserve():
            clock.reserve()
        assert found[-1][0] < clock.reserved_ms
        clock = reboot(clock) if wall_ms % 2 else clock
    assert rising(found)


def test_a_clock_that_stands_still_gives_stamps_for_ever():
    clock, last = Clock(), (0, 0)
    for _ in range(70_000):
        stamp = clock.stamp(NOW_MS)
        assert stamp > last
        last = stamp
    assert last[0] == NOW_MS + 1


def test_a_stamp_counts_from_nothing_and_anew_in_every_millisecond():
    clock = Clock()
    assert (clock.reserved_ms, clock.must_reserve()) == (0, True)
    assert [clock.stamp(0), clock.stamp(0), clock.stamp(9), clock.stamp(8)] == [
        (0, 1),
        (0, 2),
        (9, 0),
        (9, 1),
    ]
    clock.heard((9, 0xFFFE))
    assert [clock.stamp(9), clock.stamp(9)] == [(9, 0xFFFF), (10, 0)]


def test_a_stamp_five_minutes_ahead_is_the_last_that_is_taken():
    assert not too_far_ahead((NOW_MS + 300_000, 9), NOW_MS)
    assert too_far_ahead((NOW_MS + 300_001, 0), NOW_MS)


def test_a_time_that_is_told_before_anything_was_said_is_taken_but_for_the_floor():
    clock = Clock(NOW_MS)
    assert clock.anchored(NOW_MS - YEAR_MS, 1_000) is None
    assert clock.guess(0) == NOW_MS
    assert clock.anchored(NOW_MS + 5_000, 1_000) is None
    assert clock.guess(2_000) == NOW_MS + 6_000


def test_without_time_a_boot_goes_on_from_what_was_reserved():
    clock = Clock(NOW_MS)
    assert clock.guess(5_000) == NOW_MS + 5_000
    before = clock.stamp(clock.guess(5_000))
    assert clock.must_reserve()
    assert clock.reserve() == NOW_MS + 5_000 + AHEAD_MS
    assert reboot(clock).stamp(0) > before


def test_an_anchor_moves_everything_of_the_boot_to_where_it_belongs():
    for real_ms in (NOW_MS + YEAR_MS,) + LATE_MS:
        clock = Clock(NOW_MS)
        said = [clock.stamp(clock.guess(at)) for at in (1_000, 1_000, 90_000)]
        anchor = Anchor(*clock.anchored(real_ms, 100_000))
        now = [moved(stamp, anchor) for stamp in said]
        assert [stamp[0] for stamp in now] == [real_ms - 99_000, real_ms - 99_000, real_ms - 10_000]
        after = [clock.stamp(real_ms + at) for at in (0, 0, 5)]
        assert rising(now + after)
        assert clock.must_reserve() and clock.reserve() > after[-1][0]


def test_an_anchor_from_before_the_floor_never_turns_the_order():
    clock = Clock(NOW_MS)
    said = [clock.stamp(clock.guess(at)) for at in (4_000, 9_000)]
    anchor = Anchor(*clock.anchored(NOW_MS - 10 * YEAR_MS, 10_000))
    now = [moved(stamp, anchor) for stamp in said]
    assert [stamp[0] for stamp in now] == [NOW_MS, NOW_MS + 5_000]
    assert rising(now + [clock.stamp(NOW_MS - 10 * YEAR_MS + 1_000)])


def test_a_time_that_was_guessed_ahead_comes_back_to_the_hubs():
    clock = Clock(NOW_MS - 3_600_000)
    first = clock.stamp(clock.guess(0))
    rough = Anchor(*clock.anchored(NOW_MS + 500_000, 1_000))
    second = clock.stamp(NOW_MS + 500_500)
    exact = Anchor(*clock.anchored(NOW_MS + 1_000, 2_000))
    said = [moved(moved(first, rough), exact), moved(second, exact)]
    assert rising(said)
    third = clock.stamp(NOW_MS + 1_001)
    assert said[1] < third and not too_far_ahead(third, NOW_MS + 1_000)
    assert clock.guess(5_000) == NOW_MS + 4_000, "as the last one told it"


def test_without_stamps_or_with_the_right_time_nothing_moves():
    clock = Clock(NOW_MS)
    assert clock.anchored(NOW_MS + YEAR_MS, 1_000) is None
    assert clock.guess(2_000) == NOW_MS + YEAR_MS + 1_000
    clock.stamp(clock.guess(2_500))
    assert clock.anchored(NOW_MS + YEAR_MS + 2_000, 3_000) is None


def test_everything_that_is_known_of_a_person_moves_once():
    boot, other = b"boot", b"othe"
    anchor = (1_000, 2_000, 500_000)
    words = Registers(1)
    words.entries = {
        0: Entry((1_500, 1, "lamp-1"), (900, 0, "hub"), None, HAND),
        1: Entry((1_500, 1, "hub"), (1_600, 2, "lamp-1"), 5, "Sam"),
    }
    rules = ruled({}, 0, FORGET, 0, (1_700, 0, "lamp-1"))
    rows = [Row(boot + b"0001", (1_200, 0), 4, ()), Row(other + b"0001", (1_300, 0), 4, ())]
    undone = [Undone((1_800, 0), boot + b"0001", 0, 1)]
    known = Known(rows, words, rules, undone)
    for number in range(2):
        assert restamp(known, boot + b"0009", anchor, "lamp-1") == (number == 0)
    assert known.registers.entries[0] == Entry((501_500, 1, "lamp-1"), (900, 0, "hub"), None, HAND)
    assert known.registers.entries[1].base == (501_600, 2, "lamp-1")
    assert known.registers.entries[1].stamp == (1_500, 1, "hub")
    assert [row.stamp for row in known.rows] == [(1_300, 0), (501_200, 0)]
    assert known.rules[0].stamp[0] == known.rules[0].forgotten[0] == 501_700
    assert known.undone[0].stamp == (501_800, 0)


def test_the_best_that_is_known_of_the_time_holds():
    time = WallTime(NOW_MS, 60)
    assert (time.trust, time.ms(5), time.least_ms(5)) == (NO_TIME, 0, NOW_MS)
    time.provisional(NOW_MS + 7_000, 1_000)
    assert (time.trust, time.ms(1_500)) == (PROVISIONAL, NOW_MS + 7_500)
    time.exact(NOW_MS + 1_000, 0, 2_000)
    time.provisional(NOW_MS + YEAR_MS, 3_000)
    assert (time.trust, time.ms(3_000)) == (EXACT, NOW_MS + 2_000)


def test_dayparts_are_right_in_2038_and_2106():
    for late_ms in LATE_MS:
        for jump_ms in (-3_600_000, 0, 3_600_000):
            time = WallTime()
            time.exact(late_ms + jump_ms, 8 * 60, 50)
            assert time.daypart(50) == 1
            assert time.daypart(50 + 4 * 3_600_000) == 2
