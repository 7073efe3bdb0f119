"""A person's taste goes with them: to another product, and wherever they take something back."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol import events
from protocol.norm import weights
from protocol.product import read_product
from protocol.rules import FORGET, FROZEN, LEARN, PAUSED
from protocol.sentence import sentence
from tests.hub.living import Hub
from tests.journeys.home import Home, Lamp

PRODUCTS = Path(__file__).parents[2] / "firmware" / "products"
NAMES = ("lamp-1", "seatlight-1", "espresso-1")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    made = {}
    for name in ("lamp", "seatlight", "espresso"):
        definition = json.loads((PRODUCTS / name / "product.json").read_text("utf-8"))
        made[name] = read_product(definition)
    monkeypatch.setattr(Hub, "products", made)
    home = Home(tmp_path, NAMES)
    yield home
    for lamp in home.lamps.values():
        lamp.power_off()


def told(lamp: Lamp, index: int) -> tuple[int, int, str]:
    """(code, source, sentence) of a setting as the device tells whoever is there."""
    decision = lamp.runtime.companion.decisions[index]
    return decision.code, decision.source, sentence(lamp.product.settings[index], decision, 0)


def rule(lamp: Lamp, subject: bytes, index: int, kind: int) -> int:
    """Somebody rules in their session; the code in force then."""
    act = lamp.runtime
    act.carry_out(act.companion.ruled(index, kind, act.prove(subject)))
    return act.driver.codes[index]


def undo(lamp: Lamp, subject: bytes) -> bool:
    act = lamp.runtime
    return act.carry_out(act.companion.undo(act.prove(subject)))


def settle(home: Home, lamp: Lamp) -> None:
    home.pass_ms(3_000)
    lamp.away()
    home.quiet()


def shown(home: Home, customer: str, product: str, setting: str) -> dict:
    lines = home.hub.profiles.about(customer)["settings"]
    return next(one for one in lines if (one["product"], one["setting"]) == (product, setting))


def test_a_seat_light_needs_no_teaching_after_a_lamp(home: Home):
    ana = home.welcome("Ana")
    lamp, seat, machine = home.lamps.values()
    home.quiet()
    lamp.near(home.subject(ana, lamp.name))
    lamp.runtime.set(0, 35)
    lamp.runtime.set(1, 3000)
    settle(home, lamp)
    seat.near(home.subject(ana, seat.name))
    assert seat.runtime.driver.codes == (4, 3000), "0 inputs"
    machine.near(home.subject(ana, machine.name))
    assert machine.runtime.driver.codes == (1, 40, 92), "nothing carries to what is unrelated"
    line = shown(home, ana, "seatlight", "level")
    assert (line["value"], line["source"], line["author"]) == (4, "carried", "use of the lamp")
    assert line["why"] == "level 4 steps, as on your lamp."
    assert line["at_ms"]
    assert told(seat, 0) == (4, events.CARRIED, line["why"])


def test_what_a_hand_sets_at_the_second_product_is_above_what_was_carried(home: Home):
    ana = home.welcome("Ana")
    lamp, seat, _ = home.lamps.values()
    home.quiet()
    lamp.near(home.subject(ana, lamp.name))
    lamp.runtime.set(0, 35)
    settle(home, lamp)
    seat.near(home.subject(ana, seat.name))
    seat.runtime.set(0, 9)
    settle(home, seat)
    seat.near(home.subject(ana, seat.name))
    assert seat.runtime.driver.codes[0] == 9
    settle(home, seat)
    lamp.near(home.subject(ana, lamp.name))
    assert lamp.runtime.driver.codes[0] == 35, "what is learned here stands above what is carried"


def test_what_most_people_use_is_told_to_each_device_and_taken_back(home: Home):
    ana = home.welcome("Ana")
    _, seat, _ = home.lamps.values()
    level = seat.product.settings[0]
    home.hub.profiles.begin_with("seatlight", {0: (1, weights(level, {8: 5}))})
    home.quiet()
    seat.power_on()
    home.quiet()
    seat.near(home.subject(ana, seat.name))
    assert seat.runtime.driver.codes[0] == 8
    line = shown(home, ana, "seatlight", "level")
    assert (line["value"], line["source"]) == (8, "cohort")
    home.hub.profiles.begin_with("seatlight", {})
    settle(home, seat)
    ben = home.welcome("Ben")
    home.quiet()
    seat.near(home.subject(ben, seat.name))
    assert seat.runtime.driver.codes[0] == 5


def test_a_person_rules_and_takes_back_in_a_session_and_the_hub_shows_the_same(home: Home):
    ana = home.welcome("Ana")
    lamp = home.lamps["lamp-1"]
    home.quiet()
    subject = home.subject(ana, lamp.name)
    lamp.near(subject)
    lamp.runtime.set(0, 35)
    home.pass_ms(3_000)
    assert lamp.runtime.driver.codes[0] == 35
    assert undo(lamp, subject)
    assert lamp.runtime.driver.codes[0] == 60, "the product follows at once"
    assert list(lamp.runtime.companion.known.rows) == []
    assert not undo(lamp, subject)
    lamp.runtime.set(0, 20)
    settle(home, lamp)
    lamp.near(subject)
    assert rule(lamp, subject, 0, FROZEN) == 20
    why = "brightness 20 %, because you froze it."
    assert told(lamp, 0) == (20, events.SAID, why)
    lamp.runtime.set(0, 90)
    settle(home, lamp)
    line = shown(home, ana, "lamp", "brightness")
    assert (line["rule"], line["why"]) == ("frozen", why)
    lamp.near(subject)
    assert lamp.runtime.driver.codes[0] == 20
    codes = [rule(lamp, subject, 0, kind) for kind in (PAUSED, LEARN, FORGET)]
    assert codes == [60, 20, 60]
    settle(home, lamp)
    line = shown(home, ana, "lamp", "brightness")
    assert (line["value"], line["rule"]) == (60, "learn")


def test_a_rule_made_at_the_hub_holds_at_the_device_and_forgetting_reaches_it(home: Home):
    ana = home.welcome("Ana")
    lamp = home.lamps["lamp-1"]
    home.quiet()
    subject = home.subject(ana, lamp.name)
    for _ in range(3):
        lamp.near(subject)
        lamp.runtime.set(0, 35)
        settle(home, lamp)
    home.hub.profiles.rule(ana, "lamp", "brightness", "paused")
    home.quiet()
    lamp.near(subject)
    assert lamp.runtime.driver.codes[0] == 60
    home.hub.profiles.rule(ana, "lamp", "brightness", "learn")
    home.quiet()
    assert lamp.runtime.driver.codes[0] == 35, "at once"
    home.hub.profiles.rule(ana, "lamp", "brightness", "forget")
    home.quiet()
    assert lamp.runtime.driver.codes[0] == 60
    settle(home, lamp)
    assert all(value[0] != 0 or value[1] == 60 for row in lamp.known(subject).rows
               for value in row.values)  # fmt: skip
