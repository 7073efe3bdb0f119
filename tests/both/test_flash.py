"""Flash that is full while room is made, tears or holds back: nothing is lost unsaid, or twice."""

import os

from protocol.chain import OVERFLOW
from tests.both.flash import Flash, attempt, events, numbered, used
from tests.both.folder import Folder, read, write
from tests.both.test_journal import Hub, fill, gaps, segments, small, streams


def lost(journal):
    return sum([last - first + 1 for first, last, _ in gaps(journal)])


def has_spare(folder):
    """Room for twice 100 bytes, in steps of 64."""
    held = os.listdir(folder + "/journal")
    return "spare" in held and os.stat(folder + "/journal/spare")[6] == 192


def test_room_to_declare_a_loss_is_kept_from_the_start():
    with Folder() as folder:
        journal = small(folder)
        assert has_spare(folder)
        journal.close()


def test_room_that_was_not_there_at_the_start_is_kept_as_soon_as_it_is():
    for begun in (False, True):
        with Folder() as folder, Flash(folder) as flash:
            if begun:  # and a power cut came
                os.mkdir(folder + "/journal")
                write(folder + "/journal/spare", bytes(64))
            flash.room = 100
            journal = small(folder)
            assert not has_spare(folder)
            flash.room = 1 << 20
            fill(journal, 1, 1)
            assert has_spare(folder)
            journal.close()


def test_the_spare_is_looked_for_after_it_went_and_not_with_each_event():
    with Folder() as folder, Flash(folder) as flash:
        journal, spare = small(folder), folder + "/journal/spare"
        os.remove(spare)
        fill(journal, 1, 20)
        assert not has_spare(folder)
        write(spare, bytes(192))
        flash.room = used(folder)
        fill(journal, 21, 21)
        assert has_spare(folder)
        os.remove(spare)
        fill(journal, 22, 22)
        assert not has_spare(folder)
        journal.close()


def test_flash_is_read_after_an_error_and_else_not_at_all():
    with Folder() as folder, Flash(folder) as flash:
        journal = small(folder)
        fill(journal, 1, 2)
        journal.close()
        journal = small(folder)
        flash.reads = 0
        fill(journal, 3, 20)
        assert flash.reads == 0
        flash.refuse(1, 1)
        fill(journal, 21, 21)
        assert flash.reads == 4, "each segment once"
        fill(journal, 22, 22)
        assert flash.reads == 4
        flash.room = used(folder)
        fill(journal, 23, 23)
        assert flash.reads == 4 + 4 + 2, "and the two that go once more"
        journal.close()


def test_what_flash_held_back_and_then_refused_is_written_again():
    for refused in (1, 2, 3):
        with Folder() as folder, Flash(folder) as flash:
            flash.holds_back = True
            journal = small(folder)
            fill(journal, 1, 8)
            flash.refuse(1, refused)
            attempt(journal, 9, 14)  # three into this segment, three into the next
            flash.refuse(0, 0)
            fill(journal, 15, 15)
            assert (events(journal), gaps(journal)) == (numbered(1, 15), [])
            journal.close()


def test_room_that_cannot_be_made_at_any_call_is_made_by_the_next_event():
    for calls in range(1, 50):
        with Folder() as folder, Flash(folder) as flash:
            journal = small(folder)
            fill(journal, 1, 20)
            flash.room, flash.holds_back = used(folder), True
            flash.refuse(calls, 1 << 20)
            failed = not attempt(journal, 21, 22)
            flash.refuse(0, 0)
            for n in range(23, 40):
                assert attempt(journal, n, n)
            kept = events(journal)
            assert kept == numbered(40 - len(kept), 39)
            assert lost(journal) + len(kept) == 39
            journal.close()
        if not failed:
            break
    assert 3 < calls < 49


def test_flash_that_has_no_room_even_for_a_gap_loses_nothing():
    with Folder() as folder, Flash(folder) as flash:
        journal = small(folder)
        fill(journal, 1, 20)
        flash.room = 0
        assert not journal.make_room()
        assert not attempt(journal, 21, 21)
        assert not attempt(journal, 22, 22)
        flash.room = 1 << 20
        fill(journal, 23, 23)
        assert (events(journal), gaps(journal)) == (numbered(1, 23), [])
        assert has_spare(folder)
        journal.close()


def test_a_move_on_full_flash_takes_the_spare_and_then_gives_up_the_oldest():
    with Folder() as folder, Flash(folder) as flash:
        journal = small(folder)
        fill(journal, 1, 31)
        assert journal.overflows == 2
        flash.room = used(folder) + 100
        assert not journal.welcome(0, 0)
        assert not has_spare(folder) and journal.overflows == 3
        kept = events(journal)
        assert kept == numbered(32 - len(kept), 31) and lost(journal) + len(kept) == 31
        journal.flush()
        assert has_spare(folder), "the old stream made room for it"
        journal.close()


def test_a_record_that_is_torn_on_full_flash_moves_what_there_is_room_for():
    with Folder() as folder, Flash(folder) as flash:
        journal = small(folder)
        fill(journal, 1, 31)
        stream = journal.stream
        flash.room, flash.tears = used(folder) + 1, True
        fill(journal, 32, 32)
        assert journal.stream != stream and journal.overflows > 2 + 1
        kept = events(journal)
        assert kept == numbered(33 - len(kept), 32)
        journal.close()


def test_what_was_given_up_is_counted_once_however_often_flash_fails():
    with Folder() as folder, Flash(folder) as flash:
        journal = small(folder)
        fill(journal, 1, 25)
        assert gaps(journal) == [(1, 6, OVERFLOW)]
        for n in (26, 27, 28):
            flash.refuse(1, 1)
            fill(journal, n, n)
            assert journal.overflows == 1
        journal.close()


def test_a_move_that_left_the_old_stream_behind_goes_on_with_the_new_one():
    for at in range(6):
        with Folder() as folder, Flash(folder) as flash:
            journal = small(folder)
            fill(journal, 1, 3)
            (path,) = segments(journal, folder)
            other = "%s/journal/%016x" % (folder, at << 61 | 1)
            os.mkdir(other)
            write(other + "/00000001", read(path))
            flash.refuse(1, 1)
            fill(journal, 4, 4)
            assert streams(folder) == ["%016x" % (at << 61 | 1)]
            assert events(journal) == numbered(1, 4)
            journal.close()


def test_a_renewed_journal_has_nothing_on_flash_that_the_hub_has():
    with Folder() as folder:
        journal = small(folder)
        fill(journal, 1, 3)
        hub = Hub(journal)
        journal.renew()
        assert len(segments(journal, folder)) == 1
        hub.take_all(journal)
        assert hub.events == numbered(1, 3), "what waits stays"
        assert journal.ack(hub.upto, hub.chain)
        for _ in range(2):
            journal.renew()
            (path,) = segments(journal, folder)
            journal.close()
            assert path.endswith("/00000004") and read(path) == read(path)[:4]
        fill(journal, 4, 5)
        journal.close()
        journal = small(folder)
        hub.take_all(journal)
        assert hub.events == numbered(1, 5) and hub.lost == 0
        assert journal.next == 6
        journal.close()
