"""Which preset suits a setting: customers' own windows decide, and only if there are enough."""

from random import Random

from hub.learning.presets import FEWEST_CUSTOMERS, UNIVERSAL, choose

PRIOR = {1: 128, 0: 43, 2: 43, 3: 42}


def _rhythmic(random: Random) -> list[tuple[int, int, int]]:
    """One value in the morning and another in the evening, each visit at one of them."""
    wants = random.sample(range(4), 2)
    parts = [random.choice((1, 3)) for _ in range(20)]
    return [(wants[part == 3], part, 0) for part in parts]


def _random(random: Random) -> list[tuple[int, int, int]]:
    return [(random.randrange(4), random.randrange(4), 0) for _ in range(16)]


def _of(make, customers: int) -> list[list[tuple[int, int, int]]]:
    random = Random(7)
    return [make(random) for _ in range(customers)]


def test_customers_with_a_daily_rhythm_choose_the_preset_for_it():
    choice = choose(_of(_rhythmic, 40), PRIOR)
    assert choice.preset == "context"
    assert choice.gain > choice.error > 0
    assert choice.customers == 40


def test_fewer_than_thirty_customers_choose_nothing():
    choice = choose(_of(_rhythmic, FEWEST_CUSTOMERS - 1), PRIOR)
    assert choice == (UNIVERSAL, 0.0, 0.0, FEWEST_CUSTOMERS - 1)


def test_windows_that_say_nothing_do_not_count_as_customers():
    windows = [*_of(_rhythmic, FEWEST_CUSTOMERS - 1), *[[(0, 1, 0)]] * 100, []]
    assert choose(windows, PRIOR).customers == FEWEST_CUSTOMERS - 1


def test_nobody_at_all_chooses_nothing():
    assert choose([], PRIOR).preset == UNIVERSAL


def test_people_of_one_habit_choose_nothing():
    assert choose([[(2, 1, 0)] * 12] * 50, PRIOR).preset == UNIVERSAL


def test_the_choice_is_the_same_every_time():
    windows = _of(_random, 35)
    assert choose(windows, PRIOR, 1, (0, 3)) == choose(windows, PRIOR, 1, (0, 3))
