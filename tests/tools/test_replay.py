"""Recorded choices: how a CSV is read, and what comes of it through cores and through every hop."""

import io
import os
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console

from protocol.product import read_product
from tests.tools import yogurt
from tools.replay import core, run
from tools.replay.panel import PanelError, read
from tools.replay.score import Score

HEADING = "person,time,setting,value\n"


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "panel.csv"
    path.write_text(text, encoding="utf-8")
    return path


def _read(tmp_path: Path, rows: str, **options):
    return read(_write(tmp_path, HEADING + rows), **options)


def test_words_become_a_choice_whose_default_is_the_most_frequent(tmp_path):
    panel = _read(tmp_path, "ana,1,tea,green\nben,1,tea,black\nben,2,tea,black\n")
    (setting,) = panel.definition["settings"]
    assert (setting["kind"], setting["options"], setting["start"]) == (
        "choice",
        ["black", "green"],
        "black",
    )


def test_numbers_become_a_number_on_the_coarsest_grid(tmp_path):
    panel = _read(tmp_path, "ana,1,dim,35\nana,2,dim,60\nana,3,dim,45\n")
    (setting,) = panel.definition["settings"]
    assert (setting["low"], setting["high"], setting["step"]) == (35, 60, 5)


def test_decimals_are_scaled_to_whole_numbers_and_the_tolerance_with_them(tmp_path):
    panel = _read(tmp_path, "a,1,t,38.5\na,2,t,40\na,3,t,39.0\n", tolerance=Decimal("0.5"))
    (setting,) = panel.definition["settings"]
    assert (setting["low"], setting["step"], setting["tolerance"]) == (385, 5, 1)
    assert panel.visits[0].choices == {"t": 385}


def test_numbers_can_be_only_names(tmp_path):
    panel = _read(tmp_path, "a,1,store,17\na,2,store,401\n", categorical=True)
    assert panel.definition["settings"][0]["kind"] == "choice"


def test_one_value_alone_is_a_choice_of_one(tmp_path):
    assert read_product(_read(tmp_path, "a,1,t,5\n").definition).settings[0].kind == "choice"


def test_several_settings_at_one_time_are_one_visit(tmp_path):
    panel = _read(tmp_path, "a,2026-11-22T07:30,dim,5\na,2026-11-22T07:30,warm,9\na,1,dim,7\n")
    assert [set(visit.choices) for visit in panel.visits] == [{"dim"}, {"dim", "warm"}]


def test_bad_rows_are_reported_by_line_and_reason(tmp_path):
    rows = "a,1,t,5\na,soon,t,5\n,1,t,5\na,1,Bad Name,5\na,1,t,\na,1,t,5,6\na,-4,t,5\na,1,t,%s\n"
    with pytest.raises(PanelError) as caught:
        _read(tmp_path, rows % ("x" * 65))
    text = str(caught.value)
    for expected in ("line 3: time", "line 4: person", "line 5: setting", "line 6: value"):
        assert expected in text
    assert "and 2 more" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "heading"),
        ("person,time,value\n", "lacks setting"),
        (HEADING, "no row"),
        (HEADING + "".join(f"a,{n},t,v{n}\n" for n in range(501)), "501 values"),
        (HEADING + "".join(f"a,1,s{n},v\n" for n in range(17)), "17 settings"),
    ],
)
def test_a_file_that_is_no_panel_is_refused(tmp_path, text, expected):
    with pytest.raises(PanelError, match=expected):
        read(_write(tmp_path, text))


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(PanelError, match="nothing"):
        read(tmp_path / "nothing.csv")
    path = tmp_path / "latin.csv"
    path.write_bytes(HEADING.encode() + b"a,1,t,\xff\n")
    with pytest.raises(PanelError, match="utf-8"):
        read(path)


def test_a_real_panel_through_the_cores_needs_far_fewer_corrections_than_a_default(tmp_path):
    path = tmp_path / "yogurt.csv"
    assert yogurt.write(path) == 2412
    panel = read(path)
    score = core.replay(panel, read_product(panel.definition), lambda visit: None)
    name, choices, ours, last_used, default = list(score.bands())[-1]
    assert (name, choices) == ("all", 2412)
    assert ours < default / 3
    assert ours < last_used + 0.015


def test_a_real_panel_through_every_hop_is_what_the_cores_say(tmp_path):
    people = int(os.environ.get("N", "4"))
    path = tmp_path / "yogurt.csv"
    yogurt.write(path, people=min(people, 100))
    panel = read(path)
    product = read_product(panel.definition)
    by_cores = core.replay(panel, product, lambda visit: None)
    out = io.StringIO()
    by_hops = run.play(panel, only_cores=False, out=Console(file=out, width=100))
    assert by_hops.needed == by_cores.needed
    assert "Rapport" in out.getvalue()


def test_the_first_people_are_chosen_by_name(tmp_path):
    panel = _read(tmp_path, "b,1,t,x\na,2,t,y\nc,3,t,x\n")
    assert run.first_people(panel, 2).people == ["a", "b"]
    assert run.first_people(panel, 0) == panel
    with pytest.raises(PanelError):
        run.first_people(panel, -1)


def test_a_score_counts_what_each_rule_would_have_needed(tmp_path):
    panel = _read(tmp_path, "a,1,t,x\na,2,t,y\na,3,t,y\nb,1,t,x\nb,2,t,x\n")
    score = Score(read_product(panel.definition))
    for visit in panel.visits:
        score.take(visit, {"t": 0})
    needed = [(row.ours, row.last_used, row.default) for row in score.needed]
    assert needed == [
        (False, False, False),
        (False, False, False),
        (True, True, True),
        (False, False, False),
        (True, False, True),
    ]
