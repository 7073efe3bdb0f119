"""What is undone, linked or parted at the hub is so on real devices, also on one that was away."""

import pytest

from hub.people.identities import Identities
from tests.hub.living import LAMP


def visit(home, customer, lamp, detents):
    home.lamps[lamp].near(home.subject(customer, lamp))
    home.lamps[lamp].runtime.turn(0, detents)
    home.lamps[lamp].away()
    home.quiet()


def gets(home, customer, lamp):
    """The brightness that a lamp applies when someone comes."""
    home.lamps[lamp].near(home.subject(customer, lamp))
    code = home.lamps[lamp].runtime.driver.codes[0]
    home.lamps[lamp].away()
    return code


def would_get(home, customer, lamp):
    """The brightness that a lamp has for someone, without a visit."""
    known = home.lamps[lamp].known(home.subject(customer, lamp))
    return known.decide(LAMP.settings, 2)[0].code


@pytest.mark.parametrize("away", [False, True])
def test_what_is_undone_at_the_hub_never_happened_at_any_lamp(home, away):
    visit(home, home.ana, "lamp-1", -5)
    visit(home, home.ana, "lamp-2", -2)
    before = [would_get(home, home.ana, lamp) for lamp in home.lamps]
    home.lamps["lamp-2"].online = not away
    (line,) = home.histories.undo(home.ana, "Ana", steps=1)
    home.exchange()
    home.quiet()
    assert [would_get(home, home.ana, lamp) for lamp in home.lamps] == [35, 35]
    home.histories.undo(home.ana, "Ana", event=line)
    home.quiet()
    assert [would_get(home, home.ana, lamp) for lamp in home.lamps] == before == [25, 25]


def test_nothing_moves_under_a_persons_hands_when_a_wish_is_undone(home):
    home.hub.profiles.wish(home.ana, "lamp", "brightness", 80, "Sam")
    home.quiet()
    lamp = home.lamps["lamp-1"]
    lamp.near(home.subject(home.ana, "lamp-1"))
    home.histories.undo(home.ana, "Ana", steps=1)
    home.exchange()
    assert lamp.runtime.driver.codes[0] == 80
    lamp.away()
    assert lamp.known(home.subject(home.ana, "lamp-1")).registers.value(0) is None
    home.quiet()


def test_two_phones_of_one_person_are_one_until_they_part(home):
    identities = Identities(home.hub.profiles.office)
    work = home.welcome("Ana at work")
    home.quiet()
    visit(home, home.ana, "lamp-1", -5)
    codes = [identities.prove(customer) for customer in (home.ana, work)]
    identities.link(home.ana, codes[0], work, codes[1])
    home.quiet()
    assert gets(home, work, "lamp-2") == 35
    home.quiet()
    identities.part(work)
    home.quiet()
    assert gets(home, home.ana, "lamp-2") == 35
    home.quiet()
    assert len(home.lamps["lamp-1"].known(home.subject(work, "lamp-1")).rows) <= 1
