"""Two and three people at one lamp, by each rule: one is served, what is known of others is not."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.person import write_known
from protocol.product import PEOPLE
from tests.journeys.home import Home, Lamp

NAMES = ("Ana", "Ben", "Cem")


@pytest.fixture
def lamp(tmp_path: Path) -> Iterator[Lamp]:
    made = Home(tmp_path, ("lamp-1",)).lamps["lamp-1"]
    yield made
    made.power_off()


def served_by(rule: str, lamp: Lamp, people: int) -> list[bytes]:
    """The subjects of people whom a lamp knows, each with a visit; it is of this rule now."""
    home = lamp.home
    lamp.product = lamp.product._replace(people=rule)
    lamp.power_on()
    customers = [home.welcome(name) for name in NAMES[:people]]
    home.quiet()
    subjects = [home.subject(customer, "lamp-1") for customer in customers]
    for number, subject in enumerate(subjects):
        lamp.near(subject)
        lamp.runtime.turn(0, number + 1)
        lamp.away()
    home.quiet()
    return subjects


def hears(lamp: Lamp, levels_dBm: dict[bytes, int], seconds: int) -> None:
    for _ in range(seconds):
        lamp.home.pass_ms(1000)
        for subject, level in levels_dBm.items():
            lamp.runtime.heard(subject, level)


def digests(lamp: Lamp, subjects: list[bytes]) -> list[str]:
    return [hashlib.sha256(write_known(lamp.known(one))).hexdigest() for one in subjects]


@pytest.mark.parametrize("people", [2, 3])
@pytest.mark.parametrize("rule", PEOPLE)
def test_whoever_is_served_the_others_are_untouched(rule: str, people: int, lamp: Lamp):
    subjects = served_by(rule, lamp, people)
    lamp.runtime.recogniser.owner = subjects[0]
    before = digests(lamp, subjects)
    levels = {subject: -52 - 12 * number for number, subject in enumerate(subjects)}
    hears(lamp, levels, 30)
    assert lamp.runtime.companion.subject == subjects[0]
    lamp.runtime.turn(0, -4)
    hears(lamp, levels, 30)
    lamp.away()
    after = digests(lamp, subjects)
    assert after[0] != before[0]
    assert after[1:] == before[1:]


def test_by_the_rule_of_the_nearest_who_steps_in_front_takes_over(lamp: Lamp):
    ana, ben = served_by("nearest", lamp, 2)
    hears(lamp, {ana: -60}, 30)
    hears(lamp, {ana: -72, ben: -50}, 10)
    assert lamp.runtime.companion.subject == ben


def test_by_the_rule_of_the_first_nobody_takes_over_from_who_stays(lamp: Lamp):
    ana, ben = served_by("first", lamp, 2)
    hears(lamp, {ana: -60}, 30)
    hears(lamp, {ana: -68, ben: -45}, 60)
    assert lamp.runtime.companion.subject == ana


def test_by_the_rule_of_the_owner_they_are_served_when_they_come(lamp: Lamp):
    ana, ben = served_by("owner", lamp, 2)
    lamp.runtime.recogniser.owner = ben
    hears(lamp, {ana: -50}, 30)
    hears(lamp, {ana: -50, ben: -66}, 3)
    assert lamp.runtime.companion.subject == ben


def test_a_touch_goes_before_the_first(lamp: Lamp):
    ana, ben = served_by("first", lamp, 2)
    hears(lamp, {ana: -66}, 30)
    hears(lamp, {ana: -66, ben: -48}, 4)
    lamp.runtime.turn(0, 1)
    assert lamp.runtime.companion.subject == ben


def test_who_only_passes_changes_nothing_in_flash(lamp: Lamp):
    _, ben = served_by("nearest", lamp, 2)

    def flash() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in lamp.folder.rglob("*") if p.is_file()}

    before = flash()
    hears(lamp, {ben: -60}, 6)
    assert lamp.runtime.companion.subject == ben
    hears(lamp, {ben: -86}, 30)
    assert lamp.runtime.companion.subject is None
    assert flash() == before
