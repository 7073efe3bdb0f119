"""Once it is known what time it is: all that a device said in this boot moves to where it belongs.

A device without a clock stamps by a guess: no time before what flash remembers, plus its uptime.
When the hub tells the time, or a person's identifier does roughly, an ANCHORED event says by how
much the guess was wrong, and device and hub move the same stamps by the same. Order is kept, within
the boot and against earlier ones. Stamps of earlier boots stay: nobody knows how long it was dark.

    anchor = Anchor(first_ms, last_ms, shift_ms)      the body of the event
    moved((first_ms + 5, 2), anchor) == (first_ms + 5 + shift_ms, 2)
"""

from collections import namedtuple

from protocol.registers import Entry
from protocol.rules import Rule, Undone
from protocol.window import Row

# stamps of this boot from first_ms to last_ms move by shift_ms
Anchor = namedtuple("Anchor", ("first_ms", "last_ms", "shift_ms"))


def moved(stamp, anchor):
    """The stamp, (wall_ms, count) or (wall_ms, count, node), of something said in the boot."""
    wall_ms = stamp[0]
    if not anchor.first_ms <= wall_ms <= anchor.last_ms:
        return stamp
    return (wall_ms + anchor.shift_ms,) + tuple(stamp[1:])


def restamp(known, uid, body, node):
    """Take a device's ANCHORED event into a fold.Known, by uid and body; True if anything moved."""
    if known.anchored == uid:
        return False  # said twice: after a power cut in the middle of it
    known.anchored = uid
    return _Move(Anchor(*body[:3]), uid[:4], node).known(known)


class _Move:
    def __init__(self, anchor, boot, node):
        self._anchor, self._boot, self._node = anchor, boot, node
        self._any = False

    def known(self, known):
        words = known.registers
        words.entries = self._entries(words.entries)
        words.conflicts = self._entries(words.conflicts)
        known.rules = {index: self._rule(known.rules[index]) for index in known.rules}
        known.undone = sorted([self._mark(mark) for mark in known.undone])
        known.rows = sorted([self._row(row) for row in known.rows], key=lambda row: row[1])
        return self._any

    def _row(self, row):
        return Row(row.uid, self._if(row.uid[:4] == self._boot, row.stamp), row.daypart, row.values)

    def _mark(self, mark):
        of_it = mark.visit[:4] == self._boot
        return Undone(self._if(of_it, mark.stamp), mark.visit, mark.index, mark.on)

    def _entries(self, entries):
        return {
            index: Entry(self._said(entry.stamp), self._said(entry.base), entry.value, entry.author)
            for index, entry in entries.items()
        }

    def _rule(self, rule):
        forgotten, stamp = rule.forgotten, self._said(rule.stamp)
        if forgotten == rule.stamp[:2]:
            forgotten = stamp[:2]
        return Rule(stamp, rule.kind, rule.code, forgotten)

    def _said(self, stamp):
        """A stamp with its node."""
        return stamp and self._if(stamp[2] == self._node, stamp)

    def _if(self, of_it, stamp):
        if not of_it:
            return stamp
        now = moved(stamp, self._anchor)
        self._any = self._any or now != stamp
        return now
