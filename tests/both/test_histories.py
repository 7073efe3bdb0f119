"""Random histories of two people at two devices: N of the environment says how many."""

import os

from protocol import events
from protocol.decision import Carried
from protocol.fold import Known, fold
from protocol.norm import weights
from protocol.rules import ALL, FORGET, FROZEN, LEARN, PAUSED
from protocol.schema import CAREFUL, GUARDED, Choice, Number

SETTINGS = (
    Number("brightness", 0, 100, step=10, start=60, tolerance=1),
    Number("heat", 20, 40, start=24, cost=CAREFUL),
    Number("dose", 0, 9, start=2, cost=GUARDED),
    Choice("mood", ("calm", "bright", "party")),
)
HISTORIES = max(300, int(os.getenv("N") or 0) // 2)
_NODES = ("lamp-1", "lamp-2")


class _Chance:
    def __init__(self, seed):
        self._state = seed * 2654435761 & 0x3FFFFFFF

    def below(self, limit):
        self._state = (self._state * 1103515245 + 12345) & 0x3FFFFFFF
        return (self._state >> 8) % limit

    def code(self, setting):
        return setting.code(self.below(setting.rungs()[1] + 1))


def _history(chance, most_visits=12):
    """[[event, ...] of a visit, ...], each event with the device it happened at."""
    visits = []
    for visit in range(1, 1 + chance.below(most_visits)):
        node, at, happened = chance.below(2), visit * 1000, []
        uid = events.visit_uid(b"bt-" + b"ab"[node : node + 1], visit)
        kinds = [chance.below(9) for _ in range(chance.below(4))]
        for number, kind in enumerate(kinds + [99]):
            index = chance.below(len(SETTINGS))
            code, before = chance.code(SETTINGS[index]), chance.code(SETTINGS[index])
            if kind == 99:
                applied = SETTINGS[index].start
                said = events.VISIT, (chance.below(4), 60, ((index, code, 0, applied),), ())
            elif kind < 4:
                said = events.ADJUSTED, (index, code, before, 0)
            elif kind < 6:
                said = events.STATED, (index, code)
            elif kind == 6:
                said = events.RULED, (index, (LEARN, FROZEN, PAUSED, FORGET)[chance.below(4)], code)
            else:
                said = events.UNDONE, ((index, ALL)[chance.below(2)], uid)
            made = b"bt-" + b"ab"[node : node + 1] + (visit * 8 + number).to_bytes(4, "big")
            stamp = at + number, 0
            event = events.Event(said[0], made, stamp, 2, at, b"subject1", visit, said[1])
            happened.append((event, _NODES[node]))
        visits.append(happened)
    return visits


def _folded(visits, known=None):
    known = known or Known()
    for visit in visits:
        for event, node in visit:
            fold(known, event, node, SETTINGS)
    return known


def _state(known):
    words = known.registers.entries
    said = [(at, words[at].stamp, words[at].value) for at in sorted(words)]
    rules = [(at, tuple(known.rules[at])) for at in sorted(known.rules)]
    return known.rows, said, rules, known.undone


def _random(seed):
    return _Chance(seed), _history(_Chance(seed + 1))


def test_visits_in_any_order_and_any_number_of_times_are_the_same_memory():
    for seed in range(HISTORIES):
        chance, visits = _random(seed)
        mixed = list(visits)
        for at in range(len(mixed)):
            other = chance.below(len(mixed))
            mixed[at], mixed[other] = mixed[other], mixed[at]
        again = mixed + [visits[chance.below(len(visits))] for _ in visits[:3]]
        assert _state(_folded(again)) == _state(_folded(visits)), seed


def test_what_two_devices_tell_each_other_is_what_one_would_have_seen():
    for seed in range(HISTORIES):
        _, visits = _random(seed)
        both = _folded(visits)
        parts = [_folded([v for v in visits if v[0][1] == node]) for node in _NODES]
        for one, other in ((0, 1), (1, 0), (0, 1)):
            news = parts[other]
            parts[one].merge(0, news.rows, news.registers.entries, news.rules, news.undone)
        assert _state(parts[0])[0] == _state(parts[1])[0] == _state(both)[0], seed
        assert _state(parts[0])[2:] == _state(parts[1])[2:] == _state(both)[2:], seed


def test_an_undone_visit_never_happened():
    for seed in range(HISTORIES):
        chance, visits = _random(seed)
        if not visits:
            continue
        # what a visit says and rules is undone by other means than its row
        kinds = (events.ADJUSTED, events.VISIT)
        rows = [[(e, node) for e, node in visit if e.kind in kinds] for visit in visits]
        gone = chance.below(len(rows))
        known = _folded(rows)
        event, node = rows[gone][-1]
        uid = events.visit_uid(event.uid, event.visit)
        stamp = event.stamp[0] + 100_000, 0
        undone = events.Event(events.UNDONE, b"bt-a0000", stamp, 2, 0, b"subject1", 0, (ALL, uid))
        fold(known, undone, node, SETTINGS)
        never = _folded(rows[:gone] + rows[gone + 1 :])
        assert known.rows == never.rows, seed
        for part in range(5):
            learned = [one for one in known.decide(SETTINGS, part) if one.source != events.SAID]
            others = [one for one in never.decide(SETTINGS, part) if one.source != events.SAID]
            assert learned == others, seed


def test_said_before_learned_before_carried_before_cohort_and_always_within_the_limits():
    for seed in range(HISTORIES):
        chance, visits = _random(seed)
        known = _folded(visits)
        if chance.below(2):
            known.carried = {chance.below(4): Carried(chance.below(200) - 50, "Lamp", 0)}
        if chance.below(2):
            at = chance.below(4)
            low, high = SETTINGS[at].rungs()
            liked = low + chance.below(high - low + 1)
            known.norms = {at: (chance.below(5), weights(SETTINGS[at], {liked: 3}))}
        for part in range(5):
            for index, decision in enumerate(known.decide(SETTINGS, part)):
                _check(known, index, decision, seed)


def _check(known, index, decision, seed):
    setting, rule = SETTINGS[index], known.rule(index)
    assert setting.fit(decision.code) == decision.code, seed
    assert decision.offer is None or setting.fit(decision.offer) == decision.offer, seed
    said, of_it = known.said(index), [v for r in known.rows for v in r.values if v[0] == index]
    if said is not None or rule.kind == FROZEN:
        assert decision.source == events.SAID, seed
        assert decision.code == setting.fit(rule.code if said is None else said), seed
        return
    assert decision.source != events.SAID, seed
    if rule.kind == PAUSED:
        assert (decision.code, decision.source) == (setting.start, events.DEFAULT), seed
    elif decision.source == events.LEARNED:
        _check_learned(setting, decision, of_it, known.norms.get(index), seed)
    elif decision.source == events.CARRIED:
        assert index in known.carried and setting.cost != GUARDED, seed
    elif decision.source == events.COHORT:
        assert index in known.norms and index not in known.carried, seed
    else:
        assert decision.code == setting.start, seed
        assert setting.cost == GUARDED or index not in known.carried, seed


def _check_learned(setting, decision, of_it, norm, seed):
    """Near something that the person chose, or that stands out in the prior."""
    rung, chosen = setting.rung(decision.code), [setting.rung(value[1]) for value in of_it]
    assert chosen, seed
    if setting.cost == GUARDED:
        by_hand = [setting.rung(value[1]) for value in of_it if value[2]]
        assert min(by_hand) <= rung <= by_hand[-1], seed
        return
    likely = [setting.rung(setting.start)]
    if norm and norm[1]:
        likely.append(max(range(len(norm[1])), key=lambda at: norm[1][at]))
    distance = min([abs(rung - one) for one in chosen + likely])
    assert distance <= setting.tolerance, seed


def test_nobody_moves_what_is_known_of_somebody_else():
    for seed in range(HISTORIES // 10):
        _, visits = _random(seed)
        ana = _folded(visits)
        before = repr(_state(ana)), repr([ana.decide(SETTINGS, part) for part in range(5)])
        _folded(_history(_Chance(seed + 77)))
        assert before == (
            repr(_state(ana)),
            repr([ana.decide(SETTINGS, part) for part in range(5)]),
        )
