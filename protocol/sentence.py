"""One sentence that says why a value was applied: the same on the device and at the hub."""

from protocol import preference
from protocol.events import CARRIED, COHORT, COMPARED, HAND, LEARNED, SAID

_DAYPARTS = ("at night", "in the morning", "at midday", "in the evening", "at this time of day")


def sentence(setting, decision, daypart):
    """Why, in words for the person it concerns."""
    shown = "%s %s" % (setting.name.replace("_", " "), _shown(setting, decision.code))
    return "%s, %s." % (shown, _reason(decision, daypart))


def _reason(decision, daypart):
    if decision.source == HAND:
        return "because you just set it"
    if decision.source == SAID:
        return "because you froze it" if decision.why == "frozen" else "because you asked for it"
    if decision.why == "restless":
        return "you choose differently each time, so I leave it to you"
    if decision.source == CARRIED:
        return "as on your %s" % decision.why.lower()
    if decision.source == COHORT:
        return "as most people like it"
    if decision.source == COMPARED:
        return "as last time, to compare, as you agreed"
    if decision.source == LEARNED:
        return _learned(decision, daypart)
    if decision.why == "paused":
        return "the usual for everyone, as learning is paused"
    if decision.why == "offer":
        return "the usual for everyone, as your own choices vary"
    return "the usual for everyone, until you choose"


def _learned(decision, daypart):
    if decision.why == preference.CORRECTED:
        return "because you set it twice in a row"
    often = ""
    if decision.of > 1:
        often = " (%d of your last %d visits)" % (decision.times, decision.of)
    if decision.why == preference.LAST or not often:
        return "because you had it so last time" + often
    if decision.why == preference.CONTEXT:
        return "your usual %s%s" % (_DAYPARTS[daypart], often)
    return "your usual" + often


def _shown(setting, code):
    shown = setting.show(code)
    if shown is True or shown is False:
        return "on" if shown else "off"
    return ("%s %s" % (shown, setting.unit)).strip()
