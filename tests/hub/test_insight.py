"""Differences that were planted in a made-up fleet of 1,000 come out on top, and no others."""

import random

import pytest

from hub.insight.differences import differences
from hub.insight.digest import digest
from hub.insight.kinds import split
from tests.conftest import many
from tests.hub.fleet import EVENING, MORNING, PRODUCTS, fleet
from tests.hub.living import LAMP, NOON_MS

FEWEST = 10


def found_in(people, fewest=FEWEST):
    users = [digest(person, LAMP) for person in people]
    return differences(users, PRODUCTS, "lamp", NOON_MS, fewest)


def planted(likes, dice, number):
    """Kettles go with dim evenings; often goes with the night light; each fifth is of a kind."""
    brightness = list(likes.brightness)
    if "kettle" in likes.owns:
        brightness[EVENING] -= 15
    if number % 5 == 0:
        brightness[MORNING] = 95 + dice.gauss(0, 2)
        likes = likes._replace(mood=dice.betavariate(30, 2))
    if likes.often > 1.5:
        likes = likes._replace(night_light=dice.betavariate(3, 3))
    return likes._replace(brightness=brightness)


KETTLE = "who also have a kettle"
OFTEN = "who use it often, the upper third"
KIND = "of a kind: high brightness (morning)"
PLANTED = {
    (KETTLE, "brightness"),
    (OFTEN, "night_light"),
    (KIND, "brightness"),
    (KIND, "mood"),
}


@pytest.mark.parametrize("seed", range(many(2)))
def test_what_was_planted_among_a_thousand_comes_out_on_top_and_nothing_else_beside_it(seed):
    found = found_in(fleet(1000, seed, planted))
    places = [(one.group, one.about) for one in found]
    assert set(places[:15]) <= PLANTED, found[:15]
    assert {group for group, _ in places} == {KETTLE, OFTEN, KIND}
    top = found[0]
    assert (top.what, top.part, top.group) == ("brightness", "morning", KIND)
    assert 170 <= top.customers <= 220, "of 200: some are hardly up then, others like it as bright"
    kettle = next(one for one in found if one.group == KETTLE)
    assert (kettle.what, kettle.part) == ("brightness", "evening")
    assert -1.3 < kettle.effect < -0.7, "15 of about 14"


@pytest.mark.parametrize("seed", range(many(4)))
@pytest.mark.parametrize("size", [60, 600])
def test_where_nothing_was_planted_nothing_is_found(size, seed):
    assert len(found_in(fleet(size, 100 + seed))) <= 1


@pytest.mark.parametrize("size", [12, 40, 60])
def test_nothing_is_ever_said_of_fewer_than_ten_nor_of_all_but_fewer_than_ten(size):
    def only_some(likes, dice, number):
        owns = frozenset(["kettle"] if number < 9 else [])
        return likes._replace(owns=owns, brightness=[95.0 if number < 9 else 20.0] * 4)

    assert not [one for one in found_in(fleet(size, 1, only_some)) if one.group == KETTLE]
    others = fleet(size, 1, lambda likes, *_: likes._replace(owns=frozenset(["kettle"])))
    assert not [one for one in found_in(others) if one.group == KETTLE]
    for one in found_in(fleet(size, 1, planted)):
        assert min(one.customers, one.others) >= FEWEST


def test_what_a_few_of_a_group_do_is_not_said_even_if_the_group_is_large():
    def rare(likes, dice, number):
        return likes._replace(night_light=0.9 if number < 8 else 0.0)

    found = found_in(fleet(400, 1, rare))
    assert not [one for one in found if one.about == "night_light"]


def test_two_heaps_are_found_and_one_is_not_whatever_its_shape():
    dice = random.Random(1)
    low, high = [dice.gauss(40, 8) for _ in range(800)], [dice.gauss(80, 4) for _ in range(200)]
    bound = split([*low, *high], FEWEST)
    assert bound is not None and 55 < bound < 75
    for draw in (
        lambda: dice.gauss(50, 10),
        lambda: dice.uniform(0, 1),
        lambda: dice.expovariate(1),
        lambda: dice.betavariate(2, 5),
        *(lambda values=values: dice.randrange(values) * 10.0 for values in range(3, 30)),
        lambda: 7.0,
    ):
        assert split([draw() for _ in range(2000)], FEWEST) is None


def test_a_difference_says_itself_in_a_sentence():
    one = next(one for one in found_in(fleet(300, 2, planted)) if one.group == KETTLE)
    assert one.text.startswith("brightness, evening: ")
    assert one.text.endswith(" %; those who also have a kettle.")
    assert one.shown()["text"] == one.text
