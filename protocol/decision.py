"""What a person gets for one setting, and from where.

First what they said; else what was learned of them here; else what is carried over from another
product of theirs; else what most people use; else the product's default. A rule of theirs (see
rules.py) is a word, too. What the learner is not sure enough of for the setting's cost is not
applied but offered. A Decision holds the code, where it came from, how sure it is (Q14), the reason
within that, how many of the newest visits chose it, and the code to offer (None for none);
protocol/sentence.py puts it into words.
"""

from binascii import crc32
from collections import namedtuple

from protocol import cbor, preference, window
from protocol.events import CARRIED, COHORT, COMPARED, DEFAULT, LEARNED, SAID
from protocol.norm import cohort_of, preset_of
from protocol.restless import is_restless
from protocol.rules import FROZEN, NO_RULE, PAUSED
from protocol.schema import CAREFUL, CHEAP, GUARDED

Decision = namedtuple("Decision", ("code", "source", "confidence", "why", "times", "of", "offer"))
# origin: title of the product where it was learned; at_ms: since when it is carried
Carried = namedtuple("Carried", ("code", "origin", "at_ms"))

# Q14: below this the device holds back, and offers what it would have chosen ...
THRESHOLDS = {CHEAP: 6554, CAREFUL: 9830, GUARDED: 13107}
# ... but what a hand set twice in a row, or in one of the first visits, is simply had again, where
# that costs nothing: nobody is ever sure after one visit, and a lamp that forgets it is worse than
# one that errs
_FIRST_VISITS = 8


def decide(
    setting, index, rows, said, daypart, rule=NO_RULE, carried=None, norm=None, compares=False
):
    """The Decision for one setting of one person.

    rows: the person's window; said: the code standing in their register, or None; carried: a
    Carried or None; norm: see norm.py; compares: in this visit what was had last is applied where
    something else was learned. `fit` has the last word.
    """
    if said is not None:
        return Decision(setting.fit(said), SAID, preference.ONE, "", 0, 0, None)
    if rule.kind == FROZEN:
        return Decision(setting.fit(rule.code), SAID, preference.ONE, "frozen", 0, 0, None)
    if rule.kind == PAUSED:
        return Decision(setting.start, DEFAULT, 0, "paused", 0, 0, None)
    visits = window.of_setting(rows, index)
    held = _unlearned(setting, carried, norm)
    found = _learned(setting, visits, daypart, norm, held) if visits else held
    return _as_last(setting, visits, found) if compares else found


def digest(decisions, daypart):
    """CRC-32 of what was decided for all settings at a time of day: two that agree are the same."""
    return crc32(cbor.dumps((daypart, decisions))) & 0xFFFFFFFF


def _unlearned(setting, carried, norm):
    """What somebody gets of whose use nothing is known here."""
    default = Decision(setting.start, DEFAULT, 0, "", 0, 0, None)
    if carried:
        code = setting.fit(carried.code)
        if setting.cost == GUARDED:
            return _with(default, "", 0, 0, 0, code)
        return Decision(code, CARRIED, 0, carried.origin, 0, 0, None)
    cohort = cohort_of(setting, norm)
    if not cohort or setting.cost == GUARDED:
        return default
    likely = preference.predict((), window.NO_DAYPART, cohort, setting.tolerance, setting.rungs())
    code = setting.fit(setting.code(likely.value))
    if code == setting.start or likely.confidence < THRESHOLDS[setting.cost]:
        return default
    return Decision(code, COHORT, likely.confidence, "", 0, 0, None)


def _learned(setting, visits, daypart, norm, held):
    """What was learned, if it is sure enough; else what is held, and it is offered."""
    history = [(setting.rung(setting.fit(c)), part, corrected) for c, part, corrected in visits]
    own = preference.prior_of(setting)
    prior = own if setting.cost == GUARDED else cohort_of(setting, norm) or own
    foreseen = preference.predict(
        history, daypart, prior, setting.tolerance, setting.rungs(), preset_of(setting, norm)
    )
    rung, why = _wanted(setting, history, foreseen)
    if rung is None:
        return _with(held, held.why, 0, 0, len(history), held.offer)
    code = setting.fit(setting.code(rung))
    times = _times(history, rung, setting.tolerance)
    sure, of = foreseen.confidence, len(history)
    unsure = sure < THRESHOLDS[setting.cost]
    if (unsure or why == preference.PRIOR) and is_restless(history, setting.tolerance):
        return _with(held, "restless", sure, times, of, None)
    insisted = why == preference.CORRECTED or _is_first(history)
    if not unsure or (setting.cost == CHEAP and insisted):
        return Decision(code, LEARNED, sure, why, times, of, None)
    last = history[-1][0]
    if setting.cost == CHEAP and _times(history[-3:], last, setting.tolerance) == 3:
        # had three times in a row: it is had again, however sure the learner is
        code, times = setting.fit(setting.code(last)), _times(history, last, setting.tolerance)
        return Decision(code, LEARNED, sure, preference.LAST, times, of, None)
    why = "offer" if held.source == DEFAULT else held.why
    return _with(held, why, sure, times, of, code)


def _as_last(setting, visits, found):
    last = setting.fit(visits[-1][0]) if visits else found.code
    apart = abs(setting.rung(last) - setting.rung(found.code)) > setting.tolerance
    if found.source != LEARNED or setting.cost == GUARDED or not apart:
        return found
    return Decision(last, COMPARED, found.confidence, "", found.times, found.of, None)


def _with(held, why, confidence, times, of, offer):
    return Decision(held.code, held.source, confidence, why, times, of, offer)


def _wanted(setting, history, foreseen):
    """(rung, why) that the learner would have; rung None where there is no ground for any."""
    if setting.cost == GUARDED:
        # within what a hand has set, and never above the last of it
        by_hand = [visit[0] for visit in history if visit[2]]
        rung = max(min(foreseen.value, by_hand[-1]), min(by_hand)) if by_hand else None
        return rung, foreseen.why
    if setting.cost == CHEAP and _is_first(history) and foreseen.why != preference.CORRECTED:
        return history[-1][0], preference.LAST
    return foreseen.value, foreseen.why


def _times(history, rung, tolerance):
    return len([1 for visit in history if abs(visit[0] - rung) <= tolerance])


def _is_first(history):
    """Is it one of the first visits after a hand had set it?"""
    return len(history) <= _FIRST_VISITS and any(visit[2] for visit in history)
