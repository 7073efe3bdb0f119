from protocol import events
from protocol.decision import Carried, decide
from protocol.norm import PRESET_NAMES, cohort_of, preset_of, weights
from protocol.preference import PRESETS
from protocol.schema import CAREFUL, CHEAP, GUARDED, Choice, Number
from protocol.sentence import sentence
from protocol.window import Row


def _level(cost=CHEAP, **more):
    return Number("level", 0, 20, start=10, cost=cost, **more)


def _rows(*codes, corrected=1, daypart=1):
    return [
        Row(bytes((0, 0, 0, 0, 0, 0, 0, at)), (at + 1, 0), daypart, ((0, code, corrected),))
        for at, code in enumerate(codes)
    ]


def _decide(setting, rows=(), **more):
    return decide(setting, 0, rows, more.pop("said", None), 1, **more)


def test_what_is_sure_enough_depends_on_what_a_mistake_costs():
    rows = _rows(*([4] * 6 + [15, 4, 4, 15, 4, 4]), corrected=0)
    sure = _decide(_level(), rows)
    assert sure.source == events.LEARNED
    thresholds = [(CHEAP, 6554), (CAREFUL, 9830), (GUARDED, 13107)]
    for cost, threshold in thresholds:
        decision = _decide(_level(cost), _rows(*([4] * 6 + [15, 4, 4, 15, 4, 4])))
        applied = decision.source == events.LEARNED
        assert applied == (decision.confidence >= threshold), cost
        assert applied or (decision.code, decision.offer) == (10, 4), cost


def test_what_was_had_three_times_in_a_row_is_had_again_however_unsure_the_learner_is():
    wide = Number("level", 0, 100, start=60, cost=CHEAP)
    rows = _rows(35, 70, 10, 95, 50, 80, 25, *[30] * 3, corrected=0)
    unsure = _decide(wide, rows)
    assert unsure.confidence < 6554, "less than what is sure enough"
    assert (unsure.code, unsure.source) == (30, events.LEARNED)
    assert sentence(wide, unsure, 1) == (
        "level 30, because you had it so last time (3 of your last 10 visits)."
    )
    assert _decide(wide, rows[:-1]).code == 60
    assert _decide(Number("level", 0, 100, start=60, cost=CAREFUL), rows).code == 60


def test_what_is_not_applied_is_offered_and_says_so():
    decision = _decide(_level(CAREFUL), _rows(4))
    assert (decision.code, decision.source, decision.why, decision.offer) == (10, 0, "offer", 4)
    assert "your own choices vary" in sentence(_level(), decision, 1)


def test_what_is_guarded_wants_values_of_the_persons_own_hand():
    guarded = _level(GUARDED)
    assert _decide(guarded, _rows(*[15] * 30, corrected=0)).code == 10, "left as it was: no word"
    assert _decide(guarded, (), carried=Carried(15, "Lamp", 0)).code == 10
    assert _decide(guarded, (), norm=(0, weights(guarded, {15: 1}))).code == 10
    rows = _rows(*[15] * 30)
    assert _decide(guarded, rows).code == 15
    assert _decide(guarded, rows, said=3).code == 3


def test_what_is_guarded_is_never_raised_above_what_a_hand_set_last():
    for last in range(0, 15):
        decision = _decide(_level(GUARDED), _rows(*[15] * 30 + [last]))
        assert decision.code == 10 or decision.code <= last
        assert decision.offer is None or decision.offer <= last


def test_said_comes_before_learned_before_carried_before_cohort_before_the_default():
    level, lamp = _level(), Carried(7, "Lamp", 0)
    cohort = (0, weights(level, {13: 9, 12: 1}))
    rows = _rows(4, 4, 4)
    cases = (
        (_decide(level, rows, said=2, carried=lamp, norm=cohort), 2, events.SAID),
        (_decide(level, rows, carried=lamp, norm=cohort), 4, events.LEARNED),
        (_decide(level, carried=lamp, norm=cohort), 7, events.CARRIED),
        (_decide(level, norm=cohort), 13, events.COHORT),
        (_decide(level), 10, events.DEFAULT),
    )
    for decision, code, source in cases:
        assert (decision.code, decision.source) == (code, source)
    reasons = [sentence(level, decision, 1) for decision, _, _ in cases]
    assert reasons[2] == "level 7, as on your lamp."
    assert reasons[3] == "level 13, as most people like it."


def test_people_who_do_not_agree_are_no_default():
    level = _level()
    assert _decide(level, norm=(0, weights(level, dict.fromkeys(range(21), 1)))).code == 10


def test_weights_are_a_byte_a_rung_and_sum_to_256():
    level = _level()
    for counts in ({3: 1}, {0: 5, 20: 5}, {at: at for at in range(21)}, {7: 100_000, 8: 1}):
        made = weights(level, counts)
        assert (len(made), sum(made)) == (21, 256)
        prior = cohort_of(level, (0, made))
        assert max(prior, key=lambda rung: prior[rung]) == max(counts, key=lambda r: counts[r])
    assert weights(level, {}) is None
    assert cohort_of(level, (0, b"\x80\x80")) is None, "it was made for another product"


def test_a_preset_comes_from_the_hub_else_from_the_product():
    assert preset_of(_level(), None) == PRESETS["universal"]
    assert preset_of(_level(preset="sticky"), None) == PRESETS["sticky"]
    for number, name in enumerate(PRESET_NAMES):
        assert preset_of(_level(preset="sticky"), (number, None)) == PRESETS[name]
    assert sorted(PRESET_NAMES) == sorted(PRESETS)
    rows = _rows(*[4] * 3 + [8], corrected=0)
    assert _decide(_level(preset="sticky"), rows).offer == 8
    assert _decide(_level(preset="habit"), rows).code == 4


def test_whoever_chooses_at_random_is_left_alone_and_told_so():
    level, state, off = _level(), 1, 0
    for _person in range(20):
        codes = []
        for _ in range(15):
            state = (state * 1103515245 + 12345) & 0x3FFFFFFF
            codes.append((state >> 9) % 21)
        decision = _decide(level, _rows(*codes))
        if decision.why == "restless":
            off += 1
            assert (decision.code, decision.source, decision.offer) == (10, events.DEFAULT, None)
            text = sentence(level, decision, 1)
            assert text == "level 10, you choose differently each time, so I leave it to you."
    assert off >= 19, off


def test_whoever_becomes_steady_is_helped_again_and_who_always_was_is_never_left():
    level, random = _level(), [3, 17, 8, 0, 12, 19, 5, 14, 1, 10, 20, 7, 16, 2, 9]
    assert _decide(level, _rows(*random)).why == "restless"
    decision = _decide(level, _rows(*(random + [11] * 3)))
    assert (decision.code, decision.source) == (11, events.LEARNED)
    for code in range(21):
        for often in range(1, 33):
            assert _decide(level, _rows(*[code] * often)).why != "restless"
    morning_and_evening = [
        Row(bytes((0,) * 7 + (at,)), (at, 0), 1 + at % 2 * 2, ((0, (4, 15)[at % 2], 1),))
        for at in range(1, 20)
    ]
    assert _decide(level, morning_and_evening).why != "restless"


def test_an_unknown_time_of_day_is_no_obstacle():
    strength = Choice("strength", ("mild", "medium", "strong"), start="medium")
    decision = decide(strength, 0, _rows(2, 2, 2, daypart=4), None, 4)
    assert (decision.code, decision.source) == (2, events.LEARNED)
