"""Carried from one product to another: the same trait, in its unit, on its grid; nothing else."""

import json
from pathlib import Path

import pytest

from hub.learning.carry import carried, convert
from protocol.decision import Carried
from protocol.events import CARRIED
from protocol.fold import Known
from protocol.product import read_product
from protocol.registers import HAND
from protocol.schema import Choice, Colour, Number, Setting, Switch
from protocol.window import Row

PRODUCTS = Path(__file__).parents[2] / "firmware" / "products"
PERCENT = Number("p", 0, 100, step=5, unit="%")
STEPS = Number("s", 0, 10, unit="steps")


def product(name: str):
    return read_product(json.loads((PRODUCTS / name / "product.json").read_text("utf-8")))


@pytest.mark.parametrize(
    ("of", "to", "code", "expected"),
    [
        (PERCENT, STEPS, 35, 4),
        (PERCENT, STEPS, 100, 10),
        (STEPS, PERCENT, 3, 30),
        (PERCENT, Number("q", 20, 80, unit="%"), 95, 80),
        (Number("c", 15, 30, unit="°C"), Number("t", 150, 300, step=5, unit="0.1 °C"), 21, 210),
        (Number("c", 15, 30, unit="°C"), Number("f", 59, 86, unit="°F"), 21, 70),
        (Number("f", 59, 86, unit="°F"), Number("c", 15, 30, unit="°C"), 70, 21),
        (Number("f", 590, 860, unit="0.1 °F"), Number("c", 15, 30, unit="°C"), 698, 21),
        (Number("k", 273, 373, unit="K"), Number("c", 0, 100, unit="°C"), 366, 93),
        (
            Number("w", 2200, 6500, step=100, unit="K"),
            Number("v", 2700, 5000, unit="K"),
            2200,
            2700,
        ),
        (Number("l", 1, 9, unit="cl"), Number("m", 10, 90, unit="ml"), 4, 40),
        (Choice("a", ("mild", "strong")), Choice("b", ("very mild", "strong")), 1, 1),
        (Choice("a", ("mild", "strong")), Choice("b", ("weak",)), 1, None),
        (Switch("a"), Switch("b"), 1, 1),
        (Colour("a"), Colour("b"), 0xFF8800, 0xFF8800),
        (Number("c", 15, 30, unit="°C"), Number("m", 10, 90, unit="ml"), 20, None),
        (PERCENT, Number("m", 10, 90, unit="ml"), 20, None),
        (PERCENT, Switch("b"), 20, None),
    ],
)
def test_a_value_is_converted_by_its_unit_and_grid(
    of: Setting, to: Setting, code: int, expected: int | None
):
    assert convert(code, of, to) == expected


def known(index: int, *codes: int) -> Known:
    return Known([Row(bytes([at] * 8), (at, 0), 1, ((index, c, 1),)) for at, c in enumerate(codes)])


def test_what_was_learned_at_a_lamp_is_carried_to_a_seat_light_and_shown_so():
    lamp, seat = product("lamp"), product("seatlight")
    found = carried(seat, [(lamp, known(0, 35, 35, 35))])
    assert found == {0: (4, "Lamp")}
    at_seat = Known(carried={0: Carried(*found[0], 0)})
    decision = at_seat.decide(seat.settings, 1)[0]
    assert (decision.code, decision.source) == (4, CARRIED)


def test_nothing_is_carried_between_unrelated_traits_or_settings_that_name_none():
    espresso, lamp = product("espresso"), product("lamp")
    assert carried(espresso, [(lamp, known(0, 35, 35, 35))]) == {}
    one, other = (
        read_product(
            {
                "product": name,
                "settings": [{"kind": "number", "name": "level", "low": 0, "high": 9}],
            }
        )
        for name in ("radio", "oven")
    )
    assert carried(other, [(one, known(0, 5, 5, 5))]) == {}


def test_what_is_paused_or_only_the_default_is_not_carried():
    lamp, seat = product("lamp"), product("seatlight")
    assert carried(seat, [(lamp, Known())]) == {}


def test_what_was_said_is_carried_rather_than_what_was_learned():
    lamp, seat = product("lamp"), product("seatlight")
    other = read_product(
        {
            "product": "other",
            "title": "Other",
            "settings": [
                {"kind": "number", "name": "b", "trait": "light.brightness", "low": 0, "high": 100,
                 "unit": "%"}
            ],
        }
    )  # fmt: skip
    said = Known()
    said.registers.say(0, 80, (1, 0, "other-1"), HAND)
    found = carried(seat, [(lamp, known(0, *[35] * 20)), (other, said)])
    assert found == {0: (8, "Other")}
