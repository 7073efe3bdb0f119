"""Any CSV of people's choices is read, and what is wrong with a row is said by its line."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from protocol.window import NO_DAYPART
from tools.learn.panel import halves, made
from tools.learn.scale import MOST_VALUES, scale
from tools.replay.rows import Rows, RowsError, read

HEADING = "person,time,setting,value\n"


def _read(tmp_path: Path, text: str | bytes) -> Rows:
    path = tmp_path / "panel.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path)


def _panel(tmp_path: Path, text: str, **options):
    return made("mine", _read(tmp_path, HEADING + text), **options)


@pytest.mark.parametrize(
    "text",
    [
        "person,time,setting,value\nana,2026-11-22T07:30,dim,35\n",
        "\ufeffperson;time;setting;value\r\nana;2026-11-22 07:30:00;dim;35\r\n",
        "Value\tSetting\tTime\tPerson\n35\tdim\t2026-11-22T07:30\tana\n",
        '"person"|"time"|"setting"|"value"\n"ana"|"2026-11-22T07:30"|"dim"|"35"\n',
        "'person', 'time', 'setting', 'value'\n'ana', '2026-11-22T07:30', 'dim', '35'\n",
        "ana,2026-11-22T07:30,dim,35\n",
        "\n\nperson,time,setting,value\n\nana,2026-11-22T07:30,dim,35",
        "person,time,setting,value\rana,1795332600,dim,35\r",
        "person,time,setting,value\nana,1795332600000,dim,35\n",
        "person,time,setting,value\nana,20779.3125,dim,35\n",
    ],
)
def test_a_row_is_the_same_however_it_is_written(tmp_path, text):
    table = _read(tmp_path, text)
    assert not table.faults
    (row,) = table.rows
    assert (row.person, row.setting, row.value) == ("ana", "dim", "35")
    assert (row.time_s, row.minute) == (1795332600, 450)


def test_utf_16_is_read_too(tmp_path):
    assert _read(tmp_path, (HEADING + "änne,3,dim,1\n").encode("utf-16")).rows[0].person == "änne"


def test_more_columns_are_context(tmp_path):
    table = _read(tmp_path, "person,time,setting,value,room,season\na,1,dim,3,hall,winter\n")
    assert table.context == ("room", "season")
    assert table.rows[0].context == ("hall", "winter")


def test_the_time_of_day_is_the_one_that_was_written(tmp_path):
    table = _read(tmp_path, HEADING + "a,2026-11-22T23:30+02:00,dim,1\n")
    assert (table.rows[0].time_s, table.rows[0].minute) == (1795383000, 1410)


def test_bad_rows_are_told_by_line_and_the_others_stand(tmp_path):
    rows = (
        b'a,1,t,5\na,soon,t,5\n,1,t,5\n"a,1,t,5\na,1,t\na,1,t,5,6\na,-4,t,5\n\xff,1,t,5\nb,2,t,6\n'
    )
    table = _read(tmp_path, HEADING.encode() + rows)
    assert [fault.line for fault in table.faults] == [3, 4, 5, 6, 7, 8, 9]
    assert [row.person for row in table.rows] == ["a", "b"]
    for fault, word in zip(table.faults, ("time", "person", "", "value", "more"), strict=False):
        assert word in fault.why


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\n1,2\n", "person,time,value\na,1,5\n"])
def test_a_file_that_is_no_panel_is_refused(tmp_path, text):
    with pytest.raises(RowsError, match="wanted is person,time,setting,value"):
        _read(tmp_path, text)


def test_numbers_lie_on_the_coarsest_grid_that_holds_them():
    found = scale("t", Counter(["-1.5", "0", "2.5", "2.5"]), Decimal("0.5"))
    assert found.rungs == {"-1.5": 0, "0": 3, "2.5": 8}
    assert (found.high, found.tolerance) == (8, 1)


def test_a_grid_can_be_given():
    found = scale("t", Counter(["20.1", "21", "22.9"]), Decimal(1), Decimal("0.5"))
    assert list(found.rungs.values()) == [0, 2, 6]
    assert found.tolerance == 2


def test_numbers_too_fine_for_a_grid_are_taken_in_round_steps():
    found = scale("t", Counter(f"{n * n / 7919:.4f}" for n in range(2000)))
    assert found.high <= MOST_VALUES
    assert "in steps of 2" in found.note


def test_a_few_words_among_numbers_are_mistakes(tmp_path):
    panel = _panel(tmp_path, "".join(f"a,{n},t,{n % 3}\n" for n in range(20)) + "a,30,t,nan\n")
    assert [(fault.line, "nan" in fault.why) for fault in panel.faults] == [(22, True)]
    assert len(panel.series[0].events) == 20


def test_names_beyond_five_hundred_are_one():
    found = scale("t", Counter(f"v{n}" for n in range(800)))
    assert len(set(found.rungs.values())) == MOST_VALUES
    assert "301 rarest" in found.note


def test_numbers_can_be_only_names():
    assert scale("t", Counter(["5", "900"]), categorical=True).rungs == {"5": 0, "900": 1}


def test_rows_come_in_any_order_and_count_once(tmp_path):
    rows = ["a,3,t,z\n", "a,1,t,x\n", "a,2,t,y\n"]
    panel = _panel(tmp_path, "".join(rows + rows))
    names = {rung: name for name, rung in panel.scales[0].rungs.items()}
    assert [names[event.rung] for event in panel.series[0].events] == ["x", "y", "z"]
    assert panel.notes == ("3 rows stand twice and count once",)


def test_where_only_days_are_known_there_is_no_daypart(tmp_path):
    panel = _panel(tmp_path, "a,2026-11-22,t,x\na,2026-11-23T00:00,t,x\n")
    assert [event.daypart for event in panel.series[0].events] == [NO_DAYPART] * 2
    panel = _panel(tmp_path, "a,2026-11-22,t,x\na,2026-11-23T08:00,t,x\n")
    assert [event.daypart for event in panel.series[0].events] == [NO_DAYPART, 1]


def test_nobody_is_in_both_halves_and_a_seed_draws_others(tmp_path):
    panel = _panel(tmp_path, "".join(f"p{n},1,t,x\n" for n in range(200)))
    first, second = halves(panel, 1)
    assert sorted(first.people + second.people) == panel.people
    assert 70 < len(second.people) < 130
    assert halves(panel, 2)[1].people != second.people
    assert halves(panel, 1, 9)[1].people == halves(panel, 1, 9)[1].people
    assert len(halves(panel, 1, 9)[1].people) == 9


def test_a_panel_of_one_person_is_tested_whole(tmp_path):
    others, test = halves(_panel(tmp_path, "a,1,t,x\na,2,t,y\n"), 1)
    assert (others.people, test.people) == ([], ["a"])
