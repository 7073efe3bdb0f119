"""What a person said: one register a setting, the last word wins, the loser is kept and shown.

Registers of one generation are a join-semilattice: merging in any order, any number of times, gives
the same. A larger generation wins wholesale (the fence), so that late data of an erased profile
never comes back.

An Entry's stamp is (wall_ms, count, node); `base` is the stamp that its author had seen there (None
for nothing), `value` a code or None (let go: the learner decides). A hand on the device beats a
wish that had not seen it, whatever the clocks say; else the later stamp wins. A value that had not
seen the one it replaces leaves that one as conflict: "changed in two places".

Wishes are all made at one place, the hub, each having seen the one before; a hand's entry carries
HAND as author. That is why the order of any three entries cannot run in a circle.
"""

from collections import namedtuple

HAND = "hand"

Entry = namedtuple("Entry", ("stamp", "base", "value", "author"))


class Registers:
    def __init__(self, generation=0):
        self.generation = generation
        self.entries = {}  # setting name -> Entry
        self.conflicts = {}  # setting name -> the newest Entry that lost unseen

    def value(self, name):
        """The code said for this setting, or None."""
        entry = self.entries.get(name)
        return entry.value if entry else None

    def say(self, name, value, stamp, author):
        """A new word from someone who has seen what stands; returns the Entry."""
        standing = self.entries.get(name)
        entry = Entry(tuple(stamp), standing.stamp if standing else None, value, author)
        self.merge(self.generation, {name: entry})
        return entry

    def verdict(self, generation, name, entry):
        """Would this entry stand? True or False; None if it was weighed before."""
        if generation != self.generation:
            return generation > self.generation
        old, lost = self.entries.get(name), self.conflicts.get(name)
        if (old and old.stamp == entry.stamp) or (lost and lost.stamp == entry.stamp):
            return None
        return old is None or _beats(entry, old)

    def merge(self, generation, entries):
        """Take in entries from elsewhere; returns the names whose value changed."""
        if generation < self.generation:
            return []
        if generation > self.generation:
            self.generation, self.entries, self.conflicts = generation, {}, {}
        return [name for name in sorted(entries) if self._take(name, entries[name])]

    def _take(self, name, new):
        old = self.entries.get(name)
        if old is None:
            self.entries[name] = new
            return True
        if old.stamp == new.stamp:
            return False
        winner, loser = (new, old) if _beats(new, old) else (old, new)
        if _unseen(loser, winner):
            self._keep_conflict(name, loser)
        self.entries[name] = winner
        return winner is new

    def _keep_conflict(self, name, loser):
        kept = self.conflicts.get(name)
        if kept is None or loser.stamp > kept.stamp:
            self.conflicts[name] = loser


def _beats(a, b):
    if (a.author == HAND) != (b.author == HAND):
        hand, wish = (a, b) if a.author == HAND else (b, a)
        if _unseen(hand, wish):
            return a is hand
    return a.stamp > b.stamp


def _unseen(entry, by):
    """True if whoever wrote `by` had not seen `entry`."""
    return by.base is None or by.base < entry.stamp
