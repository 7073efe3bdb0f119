"""Every 25th visit is compared, if the person agreed: at the device, in its journal, at the hub."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.past.histories import Histories
from hub.privacy.consents import Consents
from protocol import events
from tests.conftest import micropython, require
from tests.hub.living import LAMP_JSON
from tests.journeys.home import Home
from tools.replay.decide import decide
from tools.replay.visit import on_micropython

AS_LAST = "brightness 80 %, as last time, to compare, as you agreed."


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path, ["lamp-1"])
    yield home
    for lamp in home.lamps.values():
        lamp.power_off()


def agree(home: Home, ana: str, given: bool = True) -> None:
    Consents(home.hub.profiles.office).say(ana, "holdout", given, "Ana")
    home.quiet()


def visit(home: Home, ana: str, code: int | None = None) -> int:
    """A visit in which the brightness is set, or left; what was applied."""
    lamp = home.lamps["lamp-1"]
    lamp.near(home.subject(ana, lamp.name))
    applied = lamp.runtime.driver.codes[0]
    if code is not None and code != applied:
        lamp.runtime.set(0, code)
    home.pass_ms(3_000)
    lamp.away()
    home.quiet()
    return applied


def live_23_visits_of_a_habit_and_one_exception(home: Home, ana: str) -> None:
    for _ in range(23):
        visit(home, ana, 35)
    visit(home, ana, 80)


def sources(home: Home, ana: str) -> set[str]:
    lines = home.hub.profiles.timeline(ana, 100)
    values = [value for line in lines for value in line["details"].get("values", ())]
    return {value["source"] for value in values}


def test_whoever_agreed_gets_the_last_value_in_the_25th_visit_and_is_told_so(home: Home):
    ana = home.welcome("Ana")
    agree(home, ana)
    live_23_visits_of_a_habit_and_one_exception(home, ana)
    lamp = home.lamps["lamp-1"]
    lamp.near(home.subject(ana, lamp.name))
    assert lamp.runtime.driver.codes[0] == 80, "the learner would have had 35"
    decision = lamp.runtime.companion.decisions[0]
    assert decision.source == events.COMPARED
    lamp.away()
    home.quiet()
    newest = next(line for line in home.hub.profiles.timeline(ana) if line["kind"] == "visit")
    assert newest["text"].endswith("To compare, as agreed: brightness as last time.")
    assert newest["details"]["values"][0]["source"] == "compared"
    assert visit(home, ana) == 35, "the 26th is as ever"


def test_a_compared_visit_is_decided_again_from_the_log_on_both_interpreters(home: Home):
    require("a micropython interpreter", micropython())
    ana = home.welcome("Ana")
    agree(home, ana)
    live_23_visits_of_a_habit_and_one_exception(home, ana)
    visit(home, ana)
    newest = next(line for line in home.hub.profiles.timeline(ana) if line["kind"] == "visit")
    past = Histories(home.hub.profiles.office).decision(ana, newest["id"])
    assert past["found"]
    here = decide(LAMP_JSON, past)
    assert here[1][0][2] == AS_LAST
    assert here == on_micropython(LAMP_JSON, past)


def test_whoever_did_not_agree_or_no_longer_does_is_never_compared(home: Home):
    ana, ben = home.welcome("Ana"), home.welcome("Ben")
    agree(home, ana)
    agree(home, ana, given=False)
    for person in (ana, ben):
        live_23_visits_of_a_habit_and_one_exception(home, person)
        assert visit(home, person) == 35
        assert "compared" not in sources(home, person)


def test_agreeing_moves_nothing_under_a_person_s_hands(home: Home):
    ana = home.welcome("Ana")
    lamp = home.lamps["lamp-1"]
    home.quiet()
    lamp.near(home.subject(ana, lamp.name))
    lamp.runtime.set(0, 95)
    agree(home, ana)
    assert lamp.runtime.driver.codes[0] == 95
