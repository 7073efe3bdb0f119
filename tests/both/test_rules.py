from protocol import events
from protocol.fold import Known, fold
from protocol.rules import (
    ALL,
    FORGET,
    FROZEN,
    LEARN,
    MOST_UNDONE,
    PAUSED,
    Rule,
    Undone,
    merge_rules,
    merge_undone,
)
from protocol.schema import Number
from protocol.sentence import sentence

SETTINGS = (
    Number("brightness", 0, 100, step=5, unit="%", start=60),
    Number("warmth", 2200, 6500, step=100, unit="K", start=2700),
)


class _Use:
    """What happens to one person at one device, event after event."""

    def __init__(self):
        self.known, self.at, self.number, self.visit = Known(), 0, 0, 0
        self.happened = []

    def event(self, kind, body):
        self.at += 10
        self.number += 1
        uid = b"boot" + self.number.to_bytes(4, "big")
        event = events.Event(kind, uid, (self.at, 0), 2, self.at, b"subject1", self.visit, body)
        self.happened.append(event)
        fold(self.known, event, "lamp", SETTINGS)

    def choose(self, code, index=0, applied=60):
        self.visit += 1
        self.event(events.ADJUSTED, (index, code, applied, 0))
        self.event(events.VISIT, (1, 60, ((index, code, 0, applied),), ()))

    def rule(self, kind, code=0, index=0):
        self.event(events.RULED, (index, kind, code))

    def undo(self, index=0, *word):
        uid = events.visit_uid(b"boot", self.visit)
        self.event(events.UNDONE, (index, uid) + word)

    def decision(self, index=0):
        return self.known.decide(SETTINGS, 1)[index]

    def code(self, index=0):
        return self.decision(index).code


def test_what_is_frozen_stays_whatever_hands_do_a_hundred_times():
    ana = _Use()
    ana.choose(35)
    ana.rule(FROZEN, 35)
    for turn in range(100):
        ana.event(events.ADJUSTED, (0, turn % 20 * 5, 35, 4, 1))
        assert ana.code() == 35
    decision = ana.decision()
    assert decision.source == events.SAID
    assert sentence(SETTINGS[0], decision, 1) == "brightness 35 %, because you froze it."
    ana.rule(LEARN)
    assert ana.decision().source == events.LEARNED, "nothing was concluded from the hundred"
    assert ana.code() == 35


def test_what_is_paused_has_the_default_and_is_kept_for_later():
    ana = _Use()
    ana.choose(35)
    ana.rule(PAUSED)
    assert (ana.code(), ana.decision().source) == (60, events.DEFAULT)
    assert "paused" in sentence(SETTINGS[0], ana.decision(), 1)
    ana.rule(LEARN)
    assert ana.code() == 35


def test_a_word_said_after_a_rule_stands_above_it_and_one_before_does_not():
    ana = _Use()
    ana.event(events.STATED, (0, 80))
    ana.rule(PAUSED)
    assert ana.code() == 60
    ana.event(events.STATED, (0, 20))
    assert ana.code() == 20


def test_a_forgotten_setting_begins_anew_and_the_others_are_untouched():
    ana = _Use()
    for _ in range(3):
        ana.choose(35)
        ana.choose(4000, 1, 2700)
    ana.event(events.STATED, (0, 80))
    before = ana.decision(1)
    ana.rule(FORGET)
    assert (ana.code(), ana.decision().source, ana.decision().of) == (60, events.DEFAULT, 0)
    assert ana.decision(1) == before
    ana.choose(20)
    assert ana.code() == 20


def test_what_was_forgotten_does_not_come_back_from_another_device():
    ana, rows = _Use(), None
    ana.choose(35)
    rows = list(ana.known.rows)
    ana.rule(FORGET)
    other = Known(rows=rows)
    other.merge(0, (), {}, ana.known.rules)
    assert other.rows == []
    assert ana.known.merge(0, rows, {}) == []
    assert ana.known.rows == []


def test_forgetting_lets_go_of_what_was_frozen():
    ana = _Use()
    ana.rule(FROZEN, 35)
    ana.rule(FORGET)
    assert ana.decision().source == events.DEFAULT
    assert ana.known.learns(0)


def test_an_undone_visit_taught_nothing():
    ana, ben = _Use(), _Use()
    for code in (35, 35, 90):
        ana.choose(code)
        if code == 35:
            ben.choose(code)
    ana.undo(ALL)
    assert ana.decision() == ben.decision()
    assert [row.values for row in ana.known.rows] == [row.values for row in ben.known.rows]


def test_what_is_undone_in_a_visit_is_as_if_the_hand_had_never_moved():
    ana = _Use()
    ana.event(events.STATED, (0, 80))
    ana.visit = 1
    ana.event(events.ADJUSTED, (0, 20, 80, 4))
    ana.event(events.ADJUSTED, (1, 4000, 2700, 0))
    ana.undo(0, 80)
    assert (ana.code(), ana.decision().source) == (80, events.SAID)
    assert [row.values for row in ana.known.rows] == [((1, 4000, 1),)]
    ana.event(events.VISIT, (1, 60, ((0, 80, 4, 80), (1, 4000, 0, 2700)), ()))
    assert [row.values for row in ana.known.rows] == [((0, 80, 0), (1, 4000, 1))]


def test_an_undone_visit_does_not_come_back_and_an_undone_undo_lets_it():
    ana = _Use()
    ana.choose(35)
    rows = list(ana.known.rows)
    ana.undo(0)
    assert ana.known.rows == []
    ana.known.merge(0, rows, {})
    assert ana.known.rows == []
    mark = ana.known.undone[0]
    ana.known.merge(0, rows, {}, None, [Undone((999, 0), mark.visit, mark.index, 0)])
    assert ana.known.rows == rows


def test_rules_and_marks_merge_in_any_order_and_any_number_of_times():
    rules = [
        {
            0: Rule((at, 0, "abc"[at % 3]), at % 3, at, (at // 2, 0)),
            at % 4: Rule((at, 1, "a"), 1, 7, (0, 0)),
        }
        for at in range(12)
    ]
    marks = [Undone((at, 0), bytes((at % 5,)) * 8, at % 3, at & 1) for at in range(60)]
    forwards, backwards, undone, enodnu = {}, {}, [], []
    for at in range(12):
        forwards = merge_rules(merge_rules(forwards, rules[at]), rules[at // 2])
        backwards = merge_rules(backwards, rules[11 - at])
    for at in range(60):
        undone = merge_undone(merge_undone(undone, [marks[at]]), [marks[at // 2]])
        enodnu = merge_undone(enodnu, [marks[59 - at]])
    assert forwards == backwards
    assert undone == enodnu
    assert len(undone) <= MOST_UNDONE


def test_a_new_generation_knows_no_old_rules():
    ana = _Use()
    ana.rule(FROZEN, 35)
    ana.undo(ALL)
    ana.known.merge(7, (), {})
    assert (ana.known.rules, ana.known.undone) == ({}, [])
    assert ana.code() == 60
