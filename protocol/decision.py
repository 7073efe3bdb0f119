"""What a person gets for one setting, and from where: said, else learned, else the default.

A Decision holds the code, where it came from, how sure it is (Q14), the learner's reason, and how
many of the newest visits chose it; protocol/sentence.py puts it into words.
"""

from collections import namedtuple

from protocol import preference, window
from protocol.events import DEFAULT, LEARNED, SAID
from protocol.schema import CAREFUL, CHEAP, GUARDED

Decision = namedtuple("Decision", ("code", "source", "confidence", "why", "times", "of"))

# Q14: below this the device keeps the default, and offers what it would have chosen ...
THRESHOLDS = {CHEAP: 6554, CAREFUL: 9830, GUARDED: 13107}
# ... but what a hand set in one of the first visits is simply had again, where that costs nothing:
# nobody is ever sure after one visit, and a lamp that forgets it is worse than one that errs
_FIRST_VISITS = 3


def decide(setting, index, rows, said, daypart, frozen=False):
    """The Decision for one setting of one person.

    rows: the person's window; said: the code standing in their register, or None; frozen: learning
    is paused for this setting. The order is said, learned, default; `fit` has the last word.
    """
    if said is not None:
        return Decision(setting.fit(said), SAID, preference.ONE, "", 0, 0)
    codes = window.of_setting(rows, index)
    if not codes or frozen:
        return Decision(setting.start, DEFAULT, 0, "", 0, len(codes))
    history = [(setting.rung(setting.fit(c)), part, corrected) for c, part, corrected in codes]
    prior = preference.prior_of(setting)
    foreseen = preference.predict(history, daypart, prior, setting.tolerance, setting.rungs())
    code = setting.fit(setting.code(foreseen.value))
    near = [rung for rung, _, _ in history if abs(rung - foreseen.value) <= setting.tolerance]
    times, of = len(near), len(history)
    if foreseen.confidence < THRESHOLDS[setting.cost] and not _first(setting, history):
        return Decision(setting.start, DEFAULT, foreseen.confidence, "offer", times, of)
    return Decision(code, LEARNED, foreseen.confidence, foreseen.why, times, of)


def _first(setting, history):
    corrected = history[-1][2]
    return setting.cost == CHEAP and len(history) <= _FIRST_VISITS and corrected
