"""Plays a trace to what decides who is here, and says what came of each use.

A use is judged once its person is there for JUDGED_S:

    right    they are here, and it is sure
    unsure   they are here, but it is not sure; or nobody is
    wrong    another's settings are in force then, or at any time until they leave
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from firmware.recogniser import USUAL_RANGE, Away, Near, Recogniser, Sure
from tools.traces.peer import NearestSmoothed
from tools.traces.radio import Sighting
from tools.traces.scenes import Trace, Use

JUDGED_S = 10.0
RIGHT, UNSURE, WRONG = "right", "unsure", "wrong"
NOBODY = "nobody"
_TICK_MS = 500


class State(NamedTuple):
    """Who is here from a time on; None is nobody."""

    since_ms: int
    who: str | None
    sure: bool


class Outcome(NamedTuple):
    """verdict: RIGHT ...; seen: who was taken to be there when it was judged."""

    use: Use
    verdict: str
    seen: str


class Played(NamedTuple):
    states: list[State]
    outcomes: list[Outcome]
    visits: list[str]  # who stayed: what counts and teaches

    @property
    def switches(self) -> int:
        """How often who is here changes after they first were."""
        found = [state.who for state in self.states if state.since_ms]
        return sum(one != other for one, other in pairwise(found))


def play(trace: Trace, rule: str = "nearest", usual: frozenset[str] = frozenset()) -> Played:
    """Through the recogniser of the firmware; usual: who usually comes at this hour."""
    recogniser = Recogniser(USUAL_RANGE, rule)
    states, visits = [State(0, None, False)], []
    for at_ms, sighting in _moments(trace):
        changes = recogniser.passed(at_ms)
        if sighting:
            changes += recogniser.heard(sighting.who, sighting.rssi_dBm, at_ms)
        for change in changes:
            if isinstance(change, Near):
                recogniser.usual = change.tag in usual
                states.append(State(at_ms, change.tag, False))
            elif isinstance(change, Sure):
                states.append(State(at_ms, change.tag, True))
            elif isinstance(change, Away):
                states.append(State(at_ms, None, False))
                if change.stayed:
                    visits.append(change.tag)
    return Played(states, list(_outcomes(trace, states)), visits)


def play_peer(trace: Trace) -> Played:
    """Through the rule of presence tools, which are always sure."""
    peer, states = NearestSmoothed(), [State(0, None, False)]
    for at_ms, sighting in _moments(trace):
        if sighting:
            peer.heard(sighting.who, sighting.rssi_dBm, at_ms)
        who = peer.present(at_ms)
        if who != states[-1].who:
            states.append(State(at_ms, who, True))
    return Played(states, list(_outcomes(trace, states)), [])


def _moments(trace: Trace) -> Iterator[tuple[int, Sighting | None]]:
    """(ms, Sighting or None): every sighting, and the ticks of the device between."""
    tick_ms = _TICK_MS
    for sighting in trace.sightings:
        while tick_ms < sighting.at_ms:
            yield tick_ms, None
            tick_ms += _TICK_MS
        yield sighting.at_ms, sighting
    while tick_ms < trace.until_s * 1000:
        yield tick_ms, None
        tick_ms += _TICK_MS


def _outcomes(trace: Trace, states: list[State]) -> Iterator[Outcome]:
    for use in trace.uses:
        judged_ms, until_ms = 1000 * (use.since_s + JUDGED_S), 1000 * use.until_s
        at = max(i for i, state in enumerate(states) if state.since_ms <= judged_ms)
        during = [s for s in states[at:] if s.since_ms < until_ms]
        others = [s.who for s in during if s.who not in (use.who, None)]
        if others:
            yield Outcome(use, WRONG, str(others[0]))
        elif during[0].who == use.who and during[0].sure:
            yield Outcome(use, RIGHT, use.who)
        else:
            yield Outcome(use, UNSURE, during[0].who or NOBODY)
