"""A change of mind: one person's stable habit, and from one visit on another person's.

A habit is stable where 23 of 24 visits in a row have the same value, the first one too. Both are
real; only the seam is made.
"""

from random import Random

from protocol.preference import PRESETS, Prediction
from tools.learn import rules
from tools.learn.panel import Event, Panel, Series
from tools.learn.play import Known, Visits, replay

BEFORE, AFTER = 24, 10  # visits
RULES = ("last used", "user mode", "recency mode", "ours")

_ODD = 1  # visits of a stable habit
_MOST = 60  # seams of a panel
_OF = [rules.NAMES.index(name) for name in RULES[:-1]]

Tally = list[list[int]]
"""For each visit after the change: how often each of RULES was wrong, and in the end how often."""


def tally(panel: Panel, at: list[Known], seed: int) -> Tally:
    """Counts over the seams of one panel."""
    total: Tally = [[0] * (len(RULES) + 1) for _ in range(AFTER)]
    for series in _spliced(panel, at, Random(seed)):
        for counts, wrong in zip(total, _wrong(series, at[series.setting]), strict=True):
            for rule, missed in enumerate((*wrong, True)):
                counts[rule] += missed
    return total


def added(tallies: list[Tally]) -> Tally:
    """The counts of several panels together."""
    return [
        [sum(column) for column in zip(*visits, strict=True)]
        for visits in zip(*tallies, strict=True)
    ]


def rates(counts: list[int]) -> list[float]:
    """Corrections per visit of each of RULES."""
    return [wrong / max(counts[-1], 1) for wrong in counts[:-1]]


def _spliced(panel: Panel, at: list[Known], random: Random) -> list[Series]:
    """Series of BEFORE visits of one habit and AFTER of another."""
    habits = [habit for series in panel.series if (habit := _habit(series))]
    seams = [
        Series(f"{one.person} then {two.person}", one.setting, one.events + two.events[:AFTER])
        for one in habits
        for two in habits
        if one.setting == two.setting
        and one.person != two.person
        and abs(_usual(one.events) - _usual(two.events)) > at[one.setting].setting.tolerance
    ]
    return random.sample(seams, min(_MOST, len(seams)))


def _habit(series: Series) -> Series | None:
    """The first stretch that is a stable habit, and begins with it.

    Stretches follow on each other: the first one of all that is stable would begin just behind
    something odd, or with it.
    """
    for first in range(0, len(series.events) - BEFORE + 1, BEFORE):
        part = series.events[first : first + BEFORE]
        rungs = [event.rung for event in part]
        usual = _usual(part)
        if rungs[0] == usual and rungs.count(usual) >= BEFORE - _ODD:
            return series._replace(events=part)
    return None


def _usual(events: list[Event]) -> int:
    rungs = [event.rung for event in events]
    return max(sorted(set(rungs)), key=rungs.count)


def _wrong(series: Series, of: Known) -> list[list[bool]]:
    """For each visit after the seam, which of RULES were wrong."""
    simple = rules.Rules(of.setting.start, of.setting.tolerance)
    wrong: list[list[bool]] = []

    def seen(_history: Visits, number: int, expected: Prediction) -> None:
        event = series.events[number]
        answers = simple.answers(event.daypart)
        all_answers = [*(answers[rule] for rule in _OF), expected.value]
        wrong.append([abs(each - event.rung) > of.setting.tolerance for each in all_answers])
        simple.told(event.rung, event.daypart)

    replay(series, of, PRESETS["universal"], seen)
    return wrong[BEFORE:]
