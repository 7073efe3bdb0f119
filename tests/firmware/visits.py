"""Visits for a journal's trials, and a hub that takes them: what happened is known exactly."""

import struct

from protocol import chain
from protocol.chain import CORRUPT, EVENT, GAP
from protocol.events import TALLIED, VISIT, Event, decode_event, encode_event
from protocol.totals import Totals

SUBJECTS = (b"subject1", b"subject2", b"subject3")


class Visits:
    """Events with the serial numbers 1, 2, 3, ...; `kept`: up to this one they were flushed."""

    def __init__(self):
        self.serial = self.kept = 0
        self._totals = {subject: [Totals(7, 0, 0, 0, ())] for subject in SUBJECTS}
        self._flushed = dict.fromkeys(SUBJECTS, 0)

    def next(self):
        """The payload of one more visit."""
        self.serial += 1
        subject = SUBJECTS[self.serial // 2 % len(SUBJECTS)]
        seconds = self.serial % 50
        was = self._totals[subject][-1]
        totals = Totals(7, was.visits + 1, was.seconds + seconds, 0, ())
        self._totals[subject].append(totals)
        body = (4, seconds, (), (), totals)
        uid = struct.pack(">II", 7, self.serial)
        at = self.serial
        return encode_event(Event(VISIT, uid, (at, 0), 0, at, subject, at, body))

    def flushed(self):
        self.kept = self.serial
        for subject in SUBJECTS:
            self._flushed[subject] = len(self._totals[subject]) - 1

    def check(self, hub):
        """What a hub has counted is what happened: all that was flushed, and nothing invented."""
        missing = [n for n in range(1, self.kept + 1) if n not in hub.serials]
        assert len(missing) <= hub.lost, ("lost, and not declared", missing)
        assert not hub.serials or max(hub.serials) <= self.serial, "phantom"
        for subject in SUBJECTS:
            visits, seconds = hub.heard.get(subject, (0, 0))
            least = self._flushed[subject] - hub.corrupt  # what the medium lost and said
            assert visits >= least, ("totals lost", subject, visits)
            assert visits < len(self._totals[subject]), ("visits that never were", visits)
            assert seconds == self._totals[subject][visits].seconds, ("seconds", seconds)


class Hub:
    """Takes records in order, checks the chain, and counts as hub/past/tally.py does."""

    def __init__(self, other=None):
        self.stream, self.upto, self.chain = None, 0, 0
        self.serials, self.heard = set(), {}
        self.lost = self.corrupt = 0  # records that gaps declare
        if other:
            self.stream, self.upto, self.chain = other.stream, other.upto, other.chain
            self.serials, self.heard = set(other.serials), dict(other.heard)
            self.lost, self.corrupt = other.lost, other.corrupt

    def greet(self, journal):
        """What follows a hello and its welcome."""
        if self.stream != journal.stream:
            self._begin(journal)
        if self.upto < journal.first - 1:
            self.upto, self.chain = journal.first - 1, journal.before
        if not journal.welcome(self.upto, self.chain):
            self._begin(journal)

    def take(self, journal, most=8):
        """Some records; False when there are none."""
        records = journal.records(self.upto + 1, most)
        for number, kind, payload in records:
            assert number == self.upto + 1, "a hole"
            self.upto, self.chain = number, chain.link(self.chain, number, kind, payload)
            if kind == GAP:
                first, last, reason = struct.unpack(chain.GAP_FORMAT, payload)
                self.lost += last - first + 1
                self.corrupt += (last - first + 1) * (reason == CORRUPT)
            elif kind == EVENT:
                self._event(decode_event(payload))
        return bool(records)

    def take_all(self, journal):
        self.greet(journal)
        while self.take(journal):
            pass
        assert journal.ack(self.upto, self.chain), "another past"

    def _begin(self, journal):
        self.stream, self.upto = journal.stream, 0
        self.chain = chain.start(journal.stream)

    def _event(self, event):
        serial = struct.unpack(">II", event.uid)[1]
        if serial in self.serials:
            return
        self.serials.add(serial)
        totals = event.body if event.kind == TALLIED else event.body[4]
        if totals[1] > self.heard.get(event.subject, (0, 0))[0]:
            self.heard[event.subject] = totals[1], totals[2]
