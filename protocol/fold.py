"""How an event changes what is known of a person: the same fold on the device and at the hub.

Known is a person's state at one product: the window of visits (`rows`), the registers of what they
said, their rules for learning, what they took back (`undone`: [rules.Undone]), and what the hub
carries over from their other products (`carried`: {index: decision.Carried}; nobody's event). All
that a device applies follows from it (see decision.py). Events of whole visits may come in any
order and any number of times; those of one visit in the order they happened.

An UNDONE event takes back what its visit did to a setting up to then: that part of the row goes,
for good. Rows that come later are weighed alike, so the fold is that of the run in which it never
happened. What stood in the register before is said anew by the event itself.
"""

from protocol import registers as reg
from protocol import window
from protocol.decision import decide
from protocol.events import ADJUSTED, RULED, STATED, UNDONE, VISIT, visit_uid
from protocol.rules import (
    ALL,
    LEARN,
    NO_RULE,
    Undone,
    merge_rules,
    merge_undone,
    ruled,
    standing,
)

_USUAL_VISITS = 4  # of the window's visits


class Known:
    def __init__(
        self, rows=(), registers=None, rules=None, undone=(), carried=None, totals=(), kept=None
    ):
        self.rows = rows or []  # oldest first
        self.registers = registers or reg.Registers()
        self.rules = rules or {}
        self.undone = list(undone)
        self.carried = carried or {}
        self.kept = kept or _kept  # a device keeps them in less room, see firmware/packing.py
        self.norms = {}  # of the product, see norm.py: set by whoever has them
        self.totals = totals  # totals.Totals of their use of this device, or (); the device's own
        self.local = False  # the person wants what happens to stay on this device
        self.anchored = None  # uid of the event that last moved the stamps, see anchor.py

    def merge(self, generation, rows, entries, rules=None, undone=None, carried=None):
        """Take in news from elsewhere, None for nothing said.

        Returns the indexes of settings (or ALL) that somebody now wants to be otherwise.
        """
        if generation < self.registers.generation:
            return []
        if generation > self.registers.generation:
            self.rows, self.rules, self.undone, self.carried = [], {}, [], {}
        words = self.registers
        changed = {i for i in words.merge(generation, entries) if words.value(i) is not None}
        if carried is not None:
            self.carried = carried
        if rules or undone:
            self._take(merge_rules(self.rules, rules or {}), changed)
            marks = merge_undone(self.undone, undone or ())
            changed.update([mark.index for mark in marks if mark not in self.undone])
            self.undone = marks
        if rows or rules or undone:
            self.learn(rows)
        return sorted(changed)

    def learn(self, rows):
        """Take rows into the window, but for what was forgotten or taken back."""
        # first all of them, for what is gone may be later news of a visit; it goes before the
        # oldest do, for it must not take their place
        self.rows = self.kept(
            lambda: standing(window.union(self.rows, rows), self.rules, self.undone)
        )

    def touched_ms(self):
        """When the person last did or said something that is known here, 0 for never."""
        stamps = [row.stamp[0] for row in self.rows]
        for said in (self.registers.entries, self.rules):
            stamps += [said[index].stamp[0] for index in said]
        return max(stamps) if stamps else 0

    def is_usual(self, daypart):
        """Do they come here at this time of day more often than by chance?"""
        return len([row for row in self.rows if row.daypart == daypart]) >= _USUAL_VISITS

    def rule(self, index):
        """The Rule for a setting; where there is none for itself, the one for ALL."""
        rule = self._own_rule(index)
        return rule if rule.kind != LEARN else self.rules.get(ALL, rule)

    def learns(self, index):
        return self.rule(index).kind == LEARN

    def watched(self):
        """Do they let products learn from their hands at all? Else nothing is recorded of these."""
        return self.rules.get(ALL, NO_RULE).kind == LEARN

    def decide(self, settings, daypart):
        """[Decision] for every setting, in order: what this person gets now."""
        compares = self._compares()
        return [
            decide(
                setting,
                index,
                self.rows,
                self.said(index),
                daypart,
                self.rule(index),
                self.carried.get(index),
                self.norms.get(index),
                compares,
            )
            for index, setting in enumerate(settings)
        ]

    def _compares(self):
        """Is the next visit one that the person lets be compared? See rules.py."""
        every, visits = self.rules.get(ALL, NO_RULE).code, self.totals[1] if self.totals else 0
        return every > 0 and visits % every == every - 1

    def said(self, index):
        """The code that was said, if no rule was made since."""
        entry, rule = self.registers.entries.get(index), self._own_rule(index)
        if entry is None or (rule.kind != LEARN and entry.stamp <= rule.stamp):
            return None
        return entry.value

    def _own_rule(self, index):
        """One to freeze what has been forgotten since holds no more."""
        rule = self.rules.get(index, NO_RULE)
        return NO_RULE if rule.stamp[:2] <= rule.forgotten else rule

    def _take(self, rules, changed):
        for index in rules:
            was = self.rules.get(index, NO_RULE)
            if rules[index].kind != was.kind or (index != ALL and rules[index] != was):
                changed.add(index)
            lost = self.registers.conflicts.get(index)
            if lost and lost.stamp[:2] <= rules[index].forgotten:
                del self.registers.conflicts[index]
        self.rules = rules


def _kept(rows):
    """The newest of the rows that rows() goes through."""
    return list(rows())[-window.MOST_ROWS :]


def fold(known, event, node, settings):
    """Take an event of `node` (a device id) into what is known."""
    if event.kind == ADJUSTED:
        _adjusted(known, event, node, settings)
    elif event.kind == STATED:
        index, code = event.body[:2]
        known.registers.say(index, code, event.stamp + (node,), reg.HAND)
    elif event.kind == VISIT:
        _visited(known, event, settings)
    elif event.kind == UNDONE:
        _undone(known, event, node)
    elif event.kind == RULED:
        _ruled(known, event, node)


def corrected(setting, applied, code):
    """1 if a hand moved a setting away from what was applied, by more than its tolerance."""
    distance = abs(setting.rung(setting.fit(applied)) - setting.rung(setting.fit(code)))
    return 1 if distance > setting.tolerance else 0


def _adjusted(known, event, node, settings):
    index, code, before = event.body[:3]
    if index >= len(settings):
        return  # a setting of a newer version of the product
    if event.body[4:]:
        return  # under a rule a hand is for the moment only
    # a hand lets go of what was said: from here on the learner decides
    known.registers.say(index, None, event.stamp + (node,), reg.HAND)
    uid = visit_uid(event.uid, event.visit)
    moved = corrected(settings[index], before, code)
    row = window.noted(known.rows, uid, event.stamp, window.NO_DAYPART, index, code, moved)
    known.learn((row,))


def _visited(known, event, settings):
    daypart, _, values = event.body[:3]
    kept = []
    for index, code, _, applied in [value[:4] for value in values]:
        if index < len(settings):
            kept.append((index, code, corrected(settings[index], applied, code)))
    uid = visit_uid(event.uid, event.visit)
    known.learn((window.Row(uid, event.stamp, daypart, tuple(kept)),))


def _undone(known, event, node):
    index, visit = event.body[:2]
    known.merge(known.registers.generation, (), {}, None, (Undone(event.stamp, visit, index, 1),))
    if index != ALL and event.body[2:]:
        known.registers.say(index, event.body[2], event.stamp + (node,), reg.HAND)


def _ruled(known, event, node):
    index, kind, code = event.body[:3]
    stamp = event.stamp + (node,)
    rules = ruled({}, index, kind, code, stamp)
    if rules[index].forgotten == event.stamp:
        known.registers.say(index, None, stamp, reg.HAND)
    known.merge(known.registers.generation, (), {}, rules)
