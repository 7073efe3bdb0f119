import os
import struct

from firmware.journal import Journal
from protocol import chain
from protocol.chain import CORRUPT, EVENT, GAP, OVERFLOW
from tests.both.folder import Folder, read, write


class Hub:
    """What the other side does: takes records in order, checks and keeps the chain."""

    def __init__(self, journal):
        self.greet(journal)
        self.events = []
        self.lost = 0

    def greet(self, journal):
        self.stream, self.upto, self.chain = journal.stream, 0, chain.start(journal.stream)

    def take(self, journal):
        assert journal.stream == self.stream
        for number, kind, payload in journal.records(self.upto + 1):
            assert number == self.upto + 1
            self.chain = chain.link(self.chain, number, kind, payload)
            self.upto = number
            if kind == EVENT:
                self.events.append(payload)
            else:
                first, last, _ = struct.unpack(chain.GAP_FORMAT, payload)
                self.lost += last - first + 1

    def take_all(self, journal):
        while self.upto < journal.next - 1:
            self.take(journal)


def small(folder):
    return Journal(folder + "/journal", os.urandom, segment_bytes=100, most_segments=4)


def fill(journal, first, last):
    """One event of 4 bytes a number; 6 go into a segment of 100 bytes."""
    for n in range(first, last + 1):
        journal.append(b"%04d" % n)
    journal.flush()


def everything(journal):
    found = []
    while True:
        batch = journal.records(found[-1][0] + 1 if found else 0)
        if not batch:
            return found
        found = found + batch


def gaps(journal):
    return [struct.unpack("<IIB", record[2]) for record in everything(journal) if record[1] == GAP]


def segments(journal, folder):
    path = "%s/journal/%s" % (folder, "".join(["%02x" % byte for byte in journal.stream]))
    return [path + "/" + name for name in sorted(os.listdir(path))]


def streams(folder):
    return [name for name in os.listdir(folder + "/journal") if name != "spare"]


def test_events_are_numbered_from_one_and_come_back_in_order():
    with Folder() as folder:
        journal = small(folder)
        assert (journal.next, journal.chain) == (1, chain.start(journal.stream))
        for payload in (b"a", b"bb", b""):
            journal.append(payload)
        assert journal.next == 1
        journal.flush()
        assert journal.next == 4
        assert journal.records(1) == [(1, EVENT, b"a"), (2, EVENT, b"bb"), (3, EVENT, b"")]
        assert journal.records(3) == [(3, EVENT, b"")]
        assert journal.records(4) == []
        journal.close()


def test_only_what_is_flushed_is_given_out():
    with Folder() as folder:
        journal = small(folder)
        journal.append(b"a")
        journal.flush()
        journal.append(b"b")
        assert journal.records(1) == [(1, EVENT, b"a")]
        journal.flush()
        assert len(journal.records(1)) == 2
        journal.close()


def test_a_batch_is_bounded_in_records_and_bytes_but_never_empty():
    with Folder() as folder:
        journal = Journal(folder, os.urandom)
        for _ in range(12):
            journal.append(bytes(300))
        journal.flush()
        assert [record[0] for record in journal.records(2)] == [2, 3, 4]
        assert [record[0] for record in journal.records(2, most=2)] == [2, 3]
        assert [record[0] for record in journal.records(2, most_bytes=10)] == [2]
        assert len(journal.records(1, most_bytes=9999)) == 8
        journal.close()


def test_a_reboot_continues_number_and_chain():
    with Folder() as folder:
        journal = small(folder)
        for n in range(1, 20):
            fill(journal, n, n)
            stream, value = journal.stream, journal.chain
            journal.close()
            journal = small(folder)
            assert (journal.stream, journal.next, journal.chain) == (stream, n + 1, value)
        assert [record[2] for record in everything(journal)] == [b"%04d" % n for n in range(1, 20)]
        assert len(segments(journal, folder)) == 4
        journal.close()


def test_an_acknowledgement_drops_whole_segments_and_keeps_the_last():
    with Folder() as folder:
        journal = small(folder)
        fill(journal, 1, 20)
        hub = Hub(journal)
        hub.take(journal)
        assert journal.ack(hub.upto, hub.chain)
        assert (journal.first_unacked, journal.waiting()) == (9, 12)
        assert len(segments(journal, folder)) == 3
        hub.take_all(journal)
        assert journal.ack(hub.upto, hub.chain)
        assert (journal.first_unacked, journal.waiting()) == (21, 0)
        assert len(segments(journal, folder)) == 1
        journal.close()
        assert small(folder).next == 21


def test_an_acknowledgement_of_another_past_drops_nothing():
    with Folder() as folder:
        journal = small(folder)
        fill(journal, 1, 20)
        hub = Hub(journal)
        hub.take(journal)
        for upto, value in ((hub.upto, hub.chain ^ 1), (hub.upto + 1, hub.chain), (99, 0), (-1, 0)):
            assert not journal.ack(upto, value)
        assert journal.first_unacked == 1
        assert len(segments(journal, folder)) == 4
        journal.close()


def test_the_chain_is_known_at_every_number_held_and_the_last_dropped():
    with Folder() as folder:
        journal = small(folder)
        values = [journal.chain]
        for n in range(1, 21):
            fill(journal, n, n)
            values.append(journal.chain)
        assert [journal.chain_at(n) for n in range(21)] == values
        assert journal.chain_at(21) is None
        assert journal.ack(8, values[8])
        assert [journal.chain_at(n) for n in range(6)] == [None] * 6
        assert [journal.chain_at(n) for n in range(6, 21)] == values[6:]
        journal.close()


def test_a_welcome_that_fits_keeps_the_stream():
    with Folder() as folder:
        journal = small(folder)
        stream = journal.stream
        assert journal.welcome(0, chain.start(stream))
        fill(journal, 1, 10)
        assert journal.welcome(0, chain.start(stream))
        assert journal.welcome(10, journal.chain)
        assert journal.stream == stream and journal.waiting() == 0
        journal.close()


def test_a_welcome_that_does_not_fit_moves_everything_to_a_new_stream():
    for upto in (0, 5, 10, 99):
        with Folder() as folder:
            journal = small(folder)
            stream = journal.stream
            fill(journal, 1, 10)
            assert not journal.welcome(upto, 12345)
            assert journal.stream != stream
            assert [(n, EVENT, b"%04d" % n) for n in range(1, 11)] == everything(journal)
            hub = Hub(journal)
            hub.take_all(journal)
            assert journal.ack(hub.upto, hub.chain)
            fill(journal, 11, 12)
            journal.close()
            journal = small(folder)
            hub.take_all(journal)
            assert hub.events == [b"%04d" % n for n in range(1, 13)] and hub.lost == 0
            assert streams(folder) == [segments(journal, folder)[0].split("/")[-2]]
            journal.close()


def test_a_full_journal_gives_up_the_oldest_segment_and_declares_it():
    with Folder() as folder:
        journal = small(folder)
        fill(journal, 1, 25)  # 25 opens the fifth segment: 1 to 6 go, number 25 is the gap
        assert gaps(journal) == [(1, 6, OVERFLOW)]
        assert (journal.first_unacked, journal.next, journal.overflows) == (7, 27, 1)
        assert len(segments(journal, folder)) == 4
        journal.close()


def test_what_is_acknowledged_is_not_declared_lost():
    with Folder() as folder:
        journal = small(folder)
        fill(journal, 1, 20)
        assert journal.ack(4, journal.chain_at(4))
        fill(journal, 21, 25)
        assert gaps(journal) == [(5, 6, OVERFLOW)]
        assert journal.ack(24, journal.chain_at(24))
        fill(journal, 26, 50)
        assert journal.overflows == 2
        journal.close()


def test_however_long_the_hub_is_away_every_event_arrives_or_is_counted_as_lost():
    with Folder() as folder:
        journal = small(folder)
        for n in range(1, 200):
            fill(journal, n, n)
            if n in (60, 120):
                assert not journal.welcome(0, 0)
            if n % 37 == 0:
                journal.close()
                journal = small(folder)
        assert not journal.welcome(0, chain.start(journal.stream))
        hub = Hub(journal)
        hub.take_all(journal)
        assert hub.events == [b"%04d" % n for n in range(200 - len(hub.events), 200)]
        assert hub.lost + len(hub.events) == 199
        journal.close()


def test_an_unreadable_end_moves_the_rest_to_a_new_stream_with_a_gap():
    end = 4 + 4 * (12 + 4)  # the last segment holds 7 to 10
    for cut in [at for at in range(5, end) if (at - 4) % 16]:
        check_unreadable(lambda data, at=cut: data[:at])
    for flip in range(end):
        check_unreadable(lambda data, at=flip: data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])


def check_unreadable(damage):
    with Folder() as folder:
        journal = small(folder)
        fill(journal, 1, 10)
        stream, last = journal.stream, segments(journal, folder)[-1]
        journal.close()
        write(last, damage(read(last)))
        journal = small(folder)
        assert journal.stream != stream
        events = [record[2] for record in everything(journal) if record[1] == EVENT]
        assert events == [b"%04d" % n for n in range(1, len(events) + 1)]
        first = len(events) + 1
        assert gaps(journal) == [(first, first + 255, CORRUPT)]
        journal.close()


def test_a_hole_in_the_middle_is_declared_in_its_place():
    with Folder() as folder:
        journal = small(folder)
        fill(journal, 1, 20)
        stream = journal.stream
        os.remove(segments(journal, folder)[1])
        journal.close()
        journal = small(folder)
        assert journal.stream != stream
        kinds = [record[1] for record in everything(journal)]
        assert kinds == [EVENT] * 6 + [GAP] + [EVENT] * 8
        assert gaps(journal) == [(7, 12, CORRUPT)]
        journal.close()


def test_a_segment_that_was_begun_and_never_flushed_is_no_damage():
    for begun in (b"", b"\x01\x02", b"\x01\x02\x03\x04"):
        with Folder() as folder:
            journal = small(folder)
            fill(journal, 1, 6)
            stream = journal.stream
            journal.close()
            write(segments(journal, folder)[0][:-8] + "00000007", begun)
            journal = small(folder)
            fill(journal, 7, 7)
            assert journal.stream == stream
            assert [record[0] for record in everything(journal)] == [1, 2, 3, 4, 5, 6, 7]
            journal.close()


def test_what_a_cut_left_of_a_move_is_removed():
    with Folder() as folder:
        journal = small(folder)
        fill(journal, 1, 10)
        stream = journal.stream
        journal.close()
        for name in ("new", "old"):
            os.mkdir(folder + "/journal/" + name)
            write(folder + "/journal/" + name + "/00000001", b"half of it")
        journal = small(folder)
        assert journal.stream == stream and len(everything(journal)) == 10
        assert len(streams(folder)) == 1
        journal.close()


def test_an_event_that_is_too_long_is_refused():
    with Folder() as folder:
        journal = small(folder)
        try:
            journal.append(bytes(513))
        except ValueError:
            assert journal.next == 1
            return
        raise AssertionError("taken")
