"""How an event changes what is known of a person: the same fold on the device and at the hub.

Known is a person's state at one product: the window of visits, the registers of what they said, and
the settings whose learning is frozen. All that a device applies follows from it (see decision.py).
"""

from protocol import registers as reg
from protocol import window
from protocol.decision import decide
from protocol.events import ADJUSTED, STATED, VISIT, visit_uid


class Known:
    def __init__(self, rows=(), registers=None, frozen=()):
        self.rows = list(rows)
        self.registers = registers or reg.Registers()
        self.frozen = set(frozen)

    def merge(self, generation, rows, entries, frozen):
        """Take in news from elsewhere; returns the indexes of settings whose word changed."""
        if generation < self.registers.generation:
            return []
        if generation > self.registers.generation:
            self.rows = []
        self.rows = window.merge(self.rows, rows)
        self.frozen = set(frozen)
        return self.registers.merge(generation, entries)

    def decide(self, settings, daypart):
        """[Decision] for every setting, in order: what this person gets now."""
        return [
            decide(
                setting,
                index,
                self.rows,
                self.registers.value(index),
                daypart,
                index in self.frozen,
            )
            for index, setting in enumerate(settings)
        ]


def fold(known, event, node, settings):
    """Take an event of `node` (a device id) into what is known."""
    if event.kind == ADJUSTED:
        _adjusted(known, event, node, settings)
    elif event.kind == STATED:
        index, code = event.body[:2]
        known.registers.say(index, code, event.stamp + (node,), reg.HAND)
    elif event.kind == VISIT:
        _visited(known, event, settings)


def corrected(setting, applied, code):
    """1 if a hand moved a setting away from what was applied, by more than its tolerance."""
    distance = abs(setting.rung(setting.fit(applied)) - setting.rung(setting.fit(code)))
    return 1 if distance > setting.tolerance else 0


def _adjusted(known, event, node, settings):
    index, code, before = event.body[:3]
    if index >= len(settings):
        return  # a setting of a newer version of the product
    # a hand lets go of what was said: from here on the learner decides
    known.registers.say(index, None, event.stamp + (node,), reg.HAND)
    if index in known.frozen:
        return
    uid = visit_uid(event.uid, event.visit)
    moved = corrected(settings[index], before, code)
    known.rows = window.noted(known.rows, uid, event.stamp, window.NO_DAYPART, index, code, moved)


def _visited(known, event, settings):
    daypart, _, values = event.body[:3]
    kept = []
    for index, code, _, applied in [value[:4] for value in values]:
        if index < len(settings) and index not in known.frozen:
            kept.append((index, code, corrected(settings[index], applied, code)))
    uid = visit_uid(event.uid, event.visit)
    known.rows = window.merge(known.rows, (window.Row(uid, event.stamp, daypart, tuple(kept)),))
