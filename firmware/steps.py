"""What people did here lately, so that they can take it back: in memory, lost with the power."""

from collections import namedtuple

_MOST = 8

# word: (what is said anew when it is undone,) or (); code, source: of the setting before;
# applied: (code, source) of what was applied of itself before, or None
Step = namedtuple("Step", ("subject", "visit", "index", "word", "code", "source", "applied"))


class Steps:
    def __init__(self):
        self._steps = []

    def note(self, *step):
        self._steps = self._steps[1 - _MOST :] + [Step(*step)]

    def take(self, subject):
        """The newest step of a person, once; None for none."""
        mine = [step for step in self._steps if step.subject == subject]
        if not mine:
            return None
        self._steps.remove(mine[-1])
        return mine[-1]

    def has(self, subject, visit):
        """Did a person do anything in a visit that can be taken back?"""
        return bool([step for step in self._steps if step[:2] == (subject, visit)])

    def forget(self, subject):
        self._steps = [step for step in self._steps if step.subject != subject]
