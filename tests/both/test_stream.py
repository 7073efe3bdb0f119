"""Flash that fails or is full under the journal: what is tried again is there once, or declared."""

import os
import struct
import sys

from firmware.journal import Journal
from protocol.chain import EVENT, GAP, OVERFLOW
from tests.both.flash import Flash, attempt, events, numbered, used
from tests.both.folder import Folder
from tests.both.test_journal import everything, fill, gaps, segments, small, streams

LENT = ("firmware.loading", "firmware.overflow", "firmware.streams")


def test_an_error_that_does_not_come_again_is_not_even_noticed():
    for calls in range(1, 99):
        with Folder() as folder, Flash(folder) as flash:
            journal = small(folder)
            fill(journal, 1, 8)
            assert journal.ack(2, journal.chain_at(2))
            flash.refuse(calls, calls)
            for n in range(9, 16):
                fill(journal, n, n)
            came = flash.calls
            flash.refuse(0, 0)
            assert (events(journal), gaps(journal)) == (numbered(1, 15), [])
            assert journal.first_unacked in (1, 3)  # a new stream is acknowledged anew
            journal.close()
            journal = small(folder)
            assert events(journal) == numbered(1, 15)
            journal.close()
        if came < calls:
            break
    assert 15 < calls < 98


def test_an_error_that_stays_is_told_after_two_tries_and_nothing_is_lost_of_it():
    with Folder() as folder, Flash(folder) as flash:
        journal = small(folder)
        fill(journal, 1, 8)
        assert journal.ack(2, journal.chain_at(2))
        stream = journal.stream
        flash.refuse(1, 1 << 20)
        assert not attempt(journal, 9, 9)
        once = flash.calls
        assert not attempt(journal, 10, 11) and once == 2
        assert journal.records(8) == [(8, EVENT, b"0008")]
        flash.refuse(0, 0)
        journal.flush()
        assert (events(journal), journal.stream) == (numbered(1, 11), stream)
        assert journal.first_unacked == 3, "what the hub has it need not be told again"
        journal.close()


def test_flash_that_is_broken_for_long_costs_the_oldest_of_sixteen_events():
    with Folder() as folder, Flash(folder) as flash:
        journal = small(folder)
        fill(journal, 1, 2)
        flash.refuse(1, 1 << 20)
        for n in range(3, 18):
            journal.append(b"%04d" % n)
        for n in (18, 19):
            try:
                journal.append(b"%04d" % n)
            except OSError:
                continue
            raise AssertionError("sixteen wait, and nobody is told")
        flash.refuse(0, 0)
        journal.flush()
        assert events(journal) == numbered(1, 2) + numbered(5, 19)
        journal.close()


def test_full_flash_gives_up_two_segments_and_says_so():
    with Folder() as folder, Flash(folder) as flash:
        journal = small(folder)
        fill(journal, 1, 20)
        assert journal.ack(1, journal.chain_at(1))
        flash.room = used(folder)
        fill(journal, 21, 21)
        assert gaps(journal) == [(2, 12, OVERFLOW)]
        assert events(journal) == numbered(13, 21)
        assert (journal.overflows, len(segments(journal, folder))) == (2, 2)
        assert "spare" in os.listdir(folder + "/journal"), "kept again, for the next time"
        flash.room = used(folder)
        for n in range(22, 60):
            assert attempt(journal, n, n)
        assert events(journal)[-1] == b"0059"
        lost = sum([last - first + 1 for first, last, _ in gaps(journal)])
        assert lost + len(events(journal)) == 59 - 1
        journal.close()


def test_a_journal_that_has_nothing_to_give_up_leaves_full_flash_as_it_is():
    with Folder() as folder, Flash(folder) as flash:
        journal = small(folder)
        fill(journal, 1, 2)
        flash.room = 0
        assert not attempt(journal, 3, 3)
        assert not journal.make_room()
        flash.room = 1 << 20
        journal.flush()
        assert (events(journal), gaps(journal), journal.overflows) == (numbered(1, 3), [], 0)
        assert "spare" in os.listdir(folder + "/journal")
        journal.close()


def test_what_was_given_up_is_still_counted_after_an_error_and_after_a_move():
    with Folder() as folder, Flash(folder) as flash:
        journal = small(folder)
        fill(journal, 1, 31)
        assert journal.overflows == 2
        flash.refuse(1, 2)
        attempt(journal, 32, 32)
        flash.refuse(0, 0)
        journal.flush()
        assert journal.overflows == 2
        assert not journal.welcome(0, 0)
        assert journal.overflows >= 2 and events(journal)[-1] == b"0032"
        journal.close()


def test_a_move_that_fails_at_any_call_is_made_good_by_the_next_event():
    for calls in range(1, 99):
        with Folder() as folder, Flash(folder) as flash:
            journal = small(folder)
            fill(journal, 1, 10)
            flash.refuse(calls, 1 << 20)
            try:
                moved = journal.welcome(5, 12345)
                failed = False
            except OSError:
                failed = True
            flash.refuse(0, 0)
            fill(journal, 11, 12)
            assert (events(journal), gaps(journal)) == (numbered(1, 12), [])
            assert len(streams(folder)) == 1 and "spare" in os.listdir(folder + "/journal")
            journal.close()
        if not failed:
            assert not moved
            break
    assert 10 < calls < 98


def test_a_hub_that_has_less_than_it_had_acknowledged_is_told_in_a_new_stream():
    for upto, same in ((10, True), (9, False)):
        with Folder() as folder:
            journal = small(folder)
            fill(journal, 1, 12)
            stream, value = journal.stream, journal.chain_at(upto)
            assert journal.ack(10, journal.chain_at(10))
            assert journal.welcome(upto, value) is same
            assert (journal.stream == stream) is same
            journal.close()


def test_a_segment_goes_with_the_acknowledgement_of_its_last_event_and_not_before():
    with Folder() as folder:
        journal = small(folder)
        fill(journal, 1, 20)
        for upto, left in ((5, 4), (6, 3), (11, 3), (12, 2), (18, 1)):
            assert journal.ack(upto, journal.chain_at(upto))
            assert len(segments(journal, folder)) == left
        journal.close()


def test_a_record_may_be_512_bytes_long_and_a_batch_1024():
    with Folder() as folder:
        journal = Journal(folder, os.urandom)
        for size in (512, 511, 1, 1, 512):
            journal.append(bytes(size))
        journal.flush()
        assert [len(record[2]) for record in journal.records(1)] == [512, 511, 1]
        assert [len(record[2]) for record in journal.records(1, most_bytes=1023)] == [512, 511]
        try:
            journal.append(bytes(513))
        except ValueError as error:
            assert str(error) == "an event of 513 bytes is too long"
        journal.close()
        journal = Journal(folder, os.urandom)
        assert [len(record[2]) for record in everything(journal)] == [512, 511, 1, 1, 512]
        journal.close()


def test_a_segment_is_one_block_of_flash_and_there_are_thirteen():
    with Folder() as folder:
        journal = Journal(folder + "/journal", os.urandom)
        for size in [329] * 11 + [330]:  # 4,097 bytes with what is around them
            journal.append(bytes(size))
        journal.flush()
        assert len(segments(journal, folder)) == 2
        for _ in range(14 * 12):
            journal.append(bytes(329))
        journal.flush()
        sizes = [os.stat(name)[6] for name in segments(journal, folder)]
        assert len(sizes) == 13 and max(sizes) == 4096
        assert used(folder) <= 64 << 10
        journal.close()


def test_what_is_needed_for_a_while_only_does_not_stay_loaded():
    with Folder() as folder:
        journal = small(folder)
        assert not [name for name in LENT if name in sys.modules]
        fill(journal, 1, 30)
        assert journal.overflows and not [name for name in LENT if name in sys.modules]
        assert not journal.welcome(0, 0)
        assert not [name for name in LENT if name in sys.modules]
        journal.close()


def test_a_gap_says_from_where_to_where_and_why():
    with Folder() as folder:
        journal = small(folder)
        fill(journal, 1, 25)
        (gap,) = [record for record in everything(journal) if record[1] == GAP]
        assert gap[2] == struct.pack("<IIB", 1, 6, OVERFLOW)
        journal.close()
