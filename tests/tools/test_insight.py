"""`rapport insight` against a hub whose devices told it what people did."""

import csv
import io
import json

from rich.console import Console

from tests.hub.test_cohort import Town
from tests.tools.test_replay_visit import served
from tools.insight import insight


def shown(settings, **options):
    text = io.StringIO()
    insight("lamp", settings, Console(file=text, width=160), **options)
    return text.getvalue()


def test_what_people_do_differently_is_shown_written_as_a_table_and_read_by_machines(tmp_path):
    town, file = Town(120), tmp_path / "differences.csv"
    town.agree(town.people)
    with served(town, tmp_path) as settings:
        text = shown(settings, now=True, table=file)
        report = json.loads(shown(settings, as_json=True))
    assert "lamp: 120 customers who agreed." in text
    assert "those of a kind: high brightness" in text
    with file.open(encoding="utf-8") as lines:
        first = next(csv.DictReader(lines))
    assert (first["about"], first["customers"], first["others"]) == ("brightness", "30", "90")
    assert report["customers"] == 120
    assert report["beginning"][0]["cohort_evidence"]["why_not"] == "switched off"
    assert report["ledger"]["visits"] == 480
    assert report["helps"]["corrections"]["of"] == 120
    assert report["curve"][0]["default"]["mean"] == 1.0
    assert report["differences"][0]["text"] in text


def test_before_anything_was_worked_out_it_is_said_how_to(tmp_path):
    with served(Town(1), tmp_path) as settings:
        assert "--now" in shown(settings)
