from protocol.decision import decide
from protocol.errors import ProtocolError
from protocol.events import COMPARED, DEFAULT, LEARNED, SAID
from protocol.fields import read_rules
from protocol.fold import Known
from protocol.rules import ALL, FROZEN, LEARN, Rule
from protocol.schema import CAREFUL, GUARDED, Number
from protocol.sentence import sentence
from protocol.totals import Totals
from protocol.window import Row

EVENING = 3
HABIT_AND_ONE_EXCEPTION = (35,) * 20 + (80,)


def _rows(codes):
    return [
        Row(b"uid-%04d" % at, (at, 0), EVENING, ((0, code, 0),)) for at, code in enumerate(codes)
    ]


def _level(**more):
    return Number("level", 0, 100, step=5, start=60, **more)


def _known(codes, every=25, visits=24, **more):
    rules = {ALL: Rule((1, 0, "hub"), LEARN, every, (0, 0))}
    known = Known(_rows(codes), rules=rules, totals=Totals(0, visits, 0, 0, ()))
    known.rules.update(more.get("rules", {}))
    return known


def _decision(known, setting=None):
    return known.decide([setting or _level()], EVENING)[0]


def test_every_25th_visit_has_what_was_had_last_where_something_else_was_learned():
    found = []
    for visits in range(100):
        decision = _decision(_known(HABIT_AND_ONE_EXCEPTION, visits=visits))
        assert (decision.code, decision.source) in ((80, COMPARED), (35, LEARNED))
        if decision.source == COMPARED:
            found.append(visits + 1)
    assert found == [25, 50, 75, 100]


def test_it_says_so():
    decision = _decision(_known(HABIT_AND_ONE_EXCEPTION))
    said = sentence(_level(), decision, EVENING)
    assert said == "level 80, as last time, to compare, as you agreed."


def test_without_the_person_s_word_no_visit_is_compared():
    for known in (_known(HABIT_AND_ONE_EXCEPTION, every=0), Known(_rows(HABIT_AND_ONE_EXCEPTION))):
        for visits in range(60):
            known.totals = Totals(0, visits, 0, 0, ())
            assert _decision(known).source == LEARNED


def test_where_last_and_learned_agree_nothing_is_marked():
    assert _decision(_known((35,) * 20)).source == LEARNED
    near = _level(tolerance=1)
    assert _decision(_known((35,) * 20 + (40,)), near).source == LEARNED


def test_what_is_guarded_unsure_said_frozen_or_unknown_is_never_compared():
    assert _decision(_known(HABIT_AND_ONE_EXCEPTION), _level(cost=GUARDED)).source != COMPARED
    unsure = _known((5, 20, 35, 50, 65, 80, 95, 10, 25), visits=24)
    assert _decision(unsure, _level(cost=CAREFUL)).source == DEFAULT
    frozen = {0: Rule((2, 0, "hub"), FROZEN, 50, (0, 0))}
    assert _decision(_known(HABIT_AND_ONE_EXCEPTION, rules=frozen)).source == SAID
    assert _decision(_known(())).source == DEFAULT
    assert (
        decide(_level(), 0, _rows(HABIT_AND_ONE_EXCEPTION), 50, EVENING, compares=True).code == 50
    )


def test_a_rule_for_all_settings_travels_and_one_beyond_is_refused():
    fields = [[1, 0, "hub"], LEARN, 25, [0, 0]]
    assert read_rules({ALL: fields})[ALL].code == 25
    try:
        read_rules({ALL + 1: fields})
    except ProtocolError:
        return
    raise AssertionError("an index beyond ALL was taken")


def test_news_of_it_moves_nothing():
    known = Known(_rows((35,) * 20))
    rules = {ALL: Rule((1, 0, "hub"), LEARN, 25, (0, 0))}
    assert known.merge(0, (), {}, rules) == []
    assert known.rules[ALL].code == 25
    assert known.merge(1, (), {}, None) == [] and known.rules == {}, "a new generation knows none"
