from protocol.preference import PRESETS, predict, prior_of
from protocol.schema import Choice, Colour, Number, Time
from protocol.window import NO_DAYPART
from tests.both.vectors import load


def _prior(rungs, start):
    return prior_of(Choice("c", [str(n) for n in range(rungs)], start=str(start)))


def test_predictions_follow_the_vectors_bit_for_bit():
    for case in load("preference")["cases"]:
        history = [tuple(visit) for visit in case["history"]]
        prior = _prior(case["rungs"], case["start"])
        bounds = (0, case["rungs"] - 1)
        got = predict(history, case["daypart"], prior, case["tolerance"], bounds)
        assert tuple(got) == (case["value"], case["confidence"], case["why"]), case


def test_nothing_known_gives_the_default():
    assert predict([], 1, _prior(4, 2)).value == 2


def test_one_visit_is_remembered():
    assert predict([(3, 1, 1)], 1, _prior(4, 0)).value == 3


def test_a_guest_is_ignored_and_a_change_of_mind_obeyed():
    habit = [(1, 1, 0)] * 24
    prior = _prior(5, 0)
    assert predict(habit + [(4, 1, 1)], 1, prior).value == 1
    twice = predict(habit + [(4, 1, 1), (4, 1, 1)], 1, prior)
    assert (twice.value, twice.why) == (4, "corrected")
    assert predict(habit + [(4, 1, 1), (4, 1, 1), (1, 1, 1)], 1, prior).value == 1


def test_morning_and_evening_differ():
    history = [(0, 1, 0), (3, 3, 0)] * 12
    prior = _prior(4, 1)
    morning, evening = predict(history, 1, prior), predict(history, 3, prior)
    assert (morning.value, evening.value) == (0, 3)
    assert morning.why == "context"


def test_an_unknown_time_of_day_is_no_daypart_of_its_own():
    history = [(0, NO_DAYPART, 0)] * 6
    assert predict(history, NO_DAYPART, _prior(4, 1)).value == 0


def test_the_answer_is_always_near_something_the_person_or_the_prior_contains():
    state = 7
    for _ in range(200):
        history = []
        for _ in range(state % 33):
            state = (state * 1103515245 + 12345) & 0x3FFFFFFF
            history.append((state >> 9 & 15, state >> 14 & 3, state >> 17 & 1))
        state = (state * 1103515245 + 12345) & 0x3FFFFFFF
        for tolerance in (0, 2):
            value = predict(history, state & 3, {5: 256}, tolerance, (0, 15)).value
            near = [abs(value - rung) <= tolerance for rung in [5] + [v[0] for v in history]]
            assert True in near


def test_every_preset_weighs_its_experts_to_about_one():
    for name in PRESETS:
        assert 16383 <= sum(PRESETS[name].weights) <= 16385, name


def _settings():
    return (
        Number("n", 0, 100, step=5, start=60),
        Choice("one", ["only"]),
        Colour("c", ["#ffffff", "#ff0000"], start="#00ff00"),
        Number("wide", 0, 100000),
        Choice("many", [str(n) for n in range(500)]),
        Time("t", start="07:00"),
    )


def test_a_prior_holds_half_for_the_default_and_shares_the_rest():
    for setting in _settings()[:3]:
        prior = prior_of(setting)
        assert sum(prior.values()) == 256, setting.name
        assert max(prior, key=lambda rung: prior[rung]) == setting.rung(setting.start)


def test_the_prior_of_a_wide_setting_leaves_the_rest_to_what_is_not_listed():
    for setting in _settings()[3:]:
        assert prior_of(setting) == {setting.rung(setting.start): 128}, setting.name


def test_nobody_is_sure_of_the_default_of_a_wide_setting_for_having_had_it_twice():
    prior = prior_of(Choice("many", [str(n) for n in range(500)]))
    assert predict([(0, 1, 0)] * 2, 1, prior).confidence < 14000


def test_no_answer_passes_the_limits():
    history = [(0, 1, 1), (15, 1, 1), (15, 1, 0), (0, 2, 1)] * 8
    for tolerance in (0, 1, 3):
        for length in range(len(history)):
            value = predict(history[:length], 1, {9: 256}, tolerance, (0, 15)).value
            assert 0 <= value <= 15


def test_an_eager_preset_leaves_the_last_used_sooner_than_a_sticky_one():
    history = [(1, 1, 0)] * 4 + [(2, 1, 0)] * 3 + [(1, 1, 0), (2, 1, 0), (1, 1, 0), (2, 1, 0)]
    left = [
        predict(history[:n], 1, _prior(4, 0), preset=PRESETS[name]).value != history[n - 1][0]
        for name in ("eager", "sticky")
        for n in range(1, len(history) + 1)
    ]
    assert sum(left[: len(history)]) > sum(left[len(history) :]) == 0
