"""Tells whether someone chooses differently each time, so that nothing can be learned of them.

Of the newest visits, how many repeat the one before, or the last one of their daypart? Three alike
in a row end it. Measured where the learner is unsure, too (see decision.py): who picks one of 8
values or more at random is known for it by the 15th visit, one of 5 in 9 of 10 cases; of the real
choices of two panels (Ecdat, Yogurt and Catsup) 0.1 and 0.8 % are taken for it. What is held then
is the default: the last used would be right more often in those few, and claims what is not known.
"""

_FEWEST_VISITS = 10
_LOOKED_AT = 12
_MOST_REPEATS = 4


def is_restless(history, tolerance):
    """history: [(rung, daypart, corrected)], oldest first."""
    if len(history) < _FEWEST_VISITS:
        return False
    newest = history[-1][0]
    if _near(history[-2][0], newest, tolerance) and _near(history[-3][0], newest, tolerance):
        return False
    last, last_of, repeats = None, {}, 0
    for rung, part, _ in history[-_LOOKED_AT:]:
        if _near(rung, last, tolerance) or _near(rung, last_of.get(part), tolerance):
            repeats += 1
        last = last_of[part] = rung
    return repeats <= _MOST_REPEATS


def _near(rung, other, tolerance):
    return other is not None and abs(rung - other) <= tolerance
