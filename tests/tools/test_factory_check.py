"""`rapport check`: every fault of a product at once, in words, with its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import micropython, require
from tools.factory.application import PRODUCTS
from tools.factory.check import Checked, check
from tools.factory.lines import lines
from tools.factory.new import new

APPLY = "min(max(codes[_SPEED], 0), _MOST)"


@pytest.fixture
def fan(tmp_path: Path) -> Path:
    require("a micropython interpreter", micropython())
    return new("fan", tmp_path)


def told(checked: Checked) -> list[str]:
    return [f"{each.grade} {each.where}: {each.what}" for each in checked.findings]


def change(path: Path, old: str, changed: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, changed), encoding="utf-8")


def with_definition(folder: Path, **fields: Any) -> list[str]:
    described = json.loads((folder / "product.json").read_text(encoding="utf-8")) | fields
    (folder / "product.json").write_text(json.dumps(described), encoding="utf-8")
    return told(check(folder, sized=False))


def test_every_value_of_a_json_text_is_found_on_its_line():
    text = '{\n"a": [1,\n {"b": "]{,"}, []],\n "c": {}, "d\\"": null\n}'
    found = lines(text)
    assert found == {
        (): 1,
        ("a",): 2,
        ("a", 0): 2,
        ("a", 1): 3,
        ("a", 1, "b"): 3,
        ("a", 2): 3,
        ("c",): 4,
        ('d"',): 4,
    }


@pytest.mark.parametrize(
    "name", sorted(path.parent.name for path in PRODUCTS.glob("*/product.json"))
)
def test_our_own_products_have_no_fault(name: str):
    require("a micropython interpreter", micropython())
    checked = check(PRODUCTS / name)
    assert checked.right, told(checked)
    assert checked.image_bytes > 0
    assert 0 < checked.heap_bytes < 16 * 1024


def test_all_faults_of_a_definition_are_told_at_once(fan: Path):
    (fan / "product.json").write_text(
        """{
 "product": "Fan", "version": 0, "setings": [],
 "settings": [
   {"kind": "number", "name": "speed", "trait": "air.fan", "low": 0, "high": 100, "unit": "%"},
   {"kind": "number", "name": "speed", "low": 0, "high": "x"},
   {"kind": "dial", "name": "b"},
   {"kind": "choice", "name": "c", "options": ["a", "a"]},
   {"kind": "choice", "name": "d", "colour": 1},
   {"kind": "number", "name": "h", "low": 5, "high": 1},
   7
 ],
 "counters": [{"name": "x", "service_at": -1}, {"nam": "y"}],
 "signals": 3
}"""
    )
    said = [each.partition(" ")[2] for each in told(check(fan))]
    said = [each.split("there are cost")[0] for each in said]  # the list grows
    assert [each.partition(": ")[::2] for each in said] == [
        ("product.json:2 setings", "is not known here; there are product, title, version, settings,"
         " signals, counters, least_suite, people"),
        ("product.json:2 product", "'Fan' has 'F'; use a-z, 0-9 and _"),
        ("product.json:2 version", "0 is no whole number from 1"),
        ("product.json:2 product", "is 'Fan', and the folder 'fan': they must be the same, a board"
         " looks for the one in the other"),
        ("product.json:5 settings[1].name", "'speed' is taken, see product.json:4"),
        ("product.json:5 settings[1]", "speed.high: 'x' is no whole number"),
        ("product.json:6 settings[2].kind", "'dial' is not one of choice, colour, number, switch,"
         " time"),
        ("product.json:7 settings[3]", "c.options: the same option twice"),
        ("product.json:8 settings[4].colour", "is not known here; "),
        ("product.json:8 settings[4]", "'options' is missing"),
        ("product.json:9 settings[5].high", "1 is not above low, 5"),
        ("product.json:10 settings[6]", "an object in braces is wanted"),
        ("product.json:12 counters[0]", "service_at: -1 is no whole number"),
        ("product.json:12 counters[1].nam", "is not known here; there are name, service_at, timed,"
         " unit"),
        ("product.json:12 counters[1]", "'name' is missing"),
        ("product.json:13 signals", "a list in brackets is wanted"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ('"step": 30', "warning product.json:6 settings[0].high: 100 is no step of 30 from 0"),
        ('"start": 35', "warning product.json:6 settings[0].start: 35 is between two steps"),
        ('"start": 300', "fault product.json:6 settings[0].start: 300 is not within 0 to 100 %"),
        (
            '"unit": "rpm"',
            "fault product.json:6 settings[0].unit: air.fan is told in % or permille",
        ),
        ('"unit": ""', "fault product.json:6 settings[0].unit: air.fan is told in % or permille"),
        ('"trait": "fan.air"', "warning product.json:6 settings[0].trait: 'fan.air' is no trait"),
        ('"trait": "light.colour"', "fault product.json:6 settings[0].kind: light.colour is a col"),
        (
            '"trait": "own", "unit": ""',
            "warning product.json:6 settings[0].unit: is missing: peopl",
        ),
        ('"trait": "seat.heat"', "warning product.json:6 settings[0].cost: seat.heat heats or"),
        ('"cost": "dear"', "fault product.json:6 settings[0]: speed.cost: 'dear' is not one of"),
        ('"preset": "wild"', "fault product.json:6 settings[0]: speed.preset: 'wild' is not one"),
        ('"tolerance": -1', "fault product.json:6 settings[0]: speed.tolerance: -1 is no whole"),
    ],
)
def test_limits_grid_unit_trait_and_cost_are_weighed(fan: Path, changed: str, finding: str):
    described = json.loads((fan / "product.json").read_text(encoding="utf-8"))
    setting = described["settings"][0] | json.loads("{" + changed + "}")
    text = (fan / "product.json").read_text(encoding="utf-8").splitlines()
    text[5] = json.dumps(setting, ensure_ascii=False) + ","
    (fan / "product.json").write_text("\n".join(text), encoding="utf-8")
    checked = check(fan, sized=False)
    assert any(each.startswith(finding) for each in told(checked)), told(checked)
    assert checked.right == finding.startswith("warning")


def test_what_is_no_definition_at_all_is_said(fan: Path):
    for text, said in (
        ('{"product": "fan",\n}', "product.json:2: this is not JSON"),
        ("[]", "product.json: an object in braces is wanted"),
        ('{"product": "fan"}', "product.json:1 settings: at least one is wanted"),
    ):
        (fan / "product.json").write_text(text)
        assert any(said in each for each in told(check(fan, sized=False))), told(
            check(fan, sized=False)
        )
    (fan / "product.json").write_bytes(b"\xff")
    assert "product.json: cannot be read" in told(check(fan, sized=False))[0]
    (fan / "product.json").unlink()
    assert "product.json: cannot be read" in told(check(fan, sized=False))[0]


def test_too_many_settings_and_a_missing_version_are_said(fan: Path):
    many = [{"kind": "switch", "name": f"s{n}"} for n in range(17)]
    assert any(
        "17 are too many; 16 are possible" in each for each in with_definition(fan, settings=many)
    )
    described = json.loads((fan / "product.json").read_text(encoding="utf-8"))
    del described["version"], described["settings"][2:]
    (fan / "product.json").write_text(json.dumps(described), encoding="utf-8")
    checked = check(fan, sized=False)
    assert checked.right
    assert any("version: is missing, and taken for 1" in each for each in told(checked))


@pytest.mark.parametrize(
    ("old", "changed", "finding"),
    [
        (APPLY, "codes[_SPEED]", "sets pin 12 to -351838352180; 0 to 65535 are possible"),
        (f"{APPLY}\n", "min(max(codes[_SPEED], 0), 2 * _MOST)\n", "0 to 65535 are possible"),
        ("_FULL * self._speed // _MOST", "_FULL * self._speed / _MOST", "to 19660.5; 0 to 65535"),
        ("turn(self._turns, detents)", "turn(2, detents)", "driver.py:39: hands: ValueError"),
        ("turn(self._turns, detents)", "trun(0, detents)", "driver.py:39: hands: AttributeError"),
        ("if self._turns == _SPEED", "if self._turned == _WHAT", "driver.py:42: hands: NameError"),
        ("import PWM, Pin", "import PWM, Pin, I2C", "driver.py:3: the start: ImportError"),
        ("return ()", "return (1,)", "signals() gives 1, product.json names 0"),
        ("return self._speed > 0", "return self._sped > 0", "driver.py:32: on: AttributeError"),
        ("def signals(self)", "def signals(self, all)", "signals cannot be called as def signals"),
        ("def on(self)", "async def on(self)", "on is async; it is called, not awaited"),
        ("def on(self)", "def of(self)", "Driver lacks def on(self)"),
        ("self.hands", "self.handles", "Driver never sets self.hands"),
        ("class Driver", "class Fan", "there is no class Driver"),
        ("class Driver:", "class Driver", "driver.py:12: this is not Python"),
        ("self._turns = _SPEED\n", "raise SystemExit(3)\n", "ends the interpreter"),
    ],
)
def test_a_driver_that_breaks_the_contract_is_found_out(fan: Path, old, changed, finding):
    change(fan / "driver.py", old, changed)
    checked = check(fan, sized=False)
    assert not checked.right
    assert any(finding in each for each in told(checked)), told(checked)


def test_ids_say_which_setting_is_meant_and_each_is_there_once(fan: Path):
    speed, light = json.loads((fan / "product.json").read_text(encoding="utf-8"))["settings"]
    assert with_definition(fan, settings=[speed | {"id": 1}, light | {"id": 0}]) == []
    for ids, said in (
        ((0, 0), "settings[1].id: 0 is taken, see product.json:1"),
        ((0, 2), "settings[1].id: 2 is no whole number from 0 to 1"),
        ((True, 0), "settings[0].id: True is no whole number"),
    ):
        settings = [item | {"id": number} for item, number in zip((speed, light), ids, strict=True)]
        found = with_definition(fan, settings=settings)
        assert any(said in each for each in found), found


def test_a_driver_that_never_comes_back_is_found_out(fan: Path, monkeypatch):
    monkeypatch.setattr("tools.factory.contract._TIMEOUT_S", 1.0)
    change(fan / "driver.py", f"self._speed = {APPLY}", "while True:\n            pass")
    assert "does not come back" in told(check(fan, sized=False))[0]


def test_a_driver_that_leaves_the_limits_to_others_is_told_so_and_refused_where_it_heats(fan: Path):
    change(
        fan / "driver.py",
        "_motor.duty_u16(_FULL * self._speed // _MOST)",
        "_motor.duty_u16(min(300 * codes[_SPEED] * (codes[_SPEED] > 0), _FULL))",
    )
    said = "codes beyond the limits, sets pin 12 to 65535; within them it is 30000 at most"
    checked = check(fan, sized=False)
    assert checked.right and said in told(checked)[0]
    change(fan / "product.json", '"start": 30', '"start": 30, "cost": "careful"')
    checked = check(fan, sized=False)
    assert not checked.right and said in told(checked)[0]


def test_a_long_driver_is_only_warned_of(fan: Path):
    with (fan / "driver.py").open("a") as file:
        file.write("ONE = 1\n" * 40)
    checked = check(fan, sized=False)
    assert checked.right and "60 do for most" in told(checked)[0]
