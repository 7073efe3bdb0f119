"""Planted cases among people who only explore, play, are new, or have a bad evening."""

import random

import pytest

from hub.insight.fleet import Use
from hub.insight.ledger import Ledger
from hub.insight.struggle import signs
from hub.past.visits import Hand, Value
from protocol.events import LEARNED
from tests.conftest import many
from tests.hub.fleet import BRIGHTNESS, DAY_MS, taste, visit
from tests.hub.living import LAMP, NOON_MS

DAYS = 30
NOW_MS = NOON_MS + DAYS * DAY_MS


def usual(dice, days=DAYS):
    likes = taste(dice)
    return [visit(likes, dice, day) for day in range(days) if dice.random() < 0.9]


def use(visits, refused=(), undone=()):
    return Use(sorted(visits), {}, Ledger(), 1, tuple(refused), tuple(undone))


def lately(dice, times):
    return [NOW_MS - dice.randrange(25) * DAY_MS for _ in range(times)]


def with_brightness(one, applied, codes):
    """The visit with hands that lead from what was applied to the last of the codes."""
    pairs = zip([applied, *codes], codes, strict=False)
    hands = tuple(Hand(BRIGHTNESS, code, before) for before, code in pairs)
    value = Value(BRIGHTNESS, [applied, *codes][-1], LEARNED, applied)
    return one._replace(hands=hands, values=(value, *one.values[1:]))


# Who struggles


def hunts(dice):
    """To and fro, in more than half of the visits."""

    def search(one):
        if dice.random() > 0.65:
            return one
        end = one.values[0].code
        tried = [LAMP.settings[0].fit(end + dice.choice((-30, -20, 20, 30))) for _ in range(4)]
        return with_brightness(one, 60, [*tried, end])

    return use([search(one) for one in usual(dice)])


def fights(dice):
    """A lamp that never takes over what they want."""
    wanted, held = dice.choice(((20, 60), (90, 60), (35, 80)))

    def fight(one):
        wants = [wanted + dice.choice((0, 0, 0, 5))] if dice.random() < 0.7 else []
        return with_brightness(one, held, wants)

    return use([fight(one) for one in usual(dice)])


def is_refused(dice):
    return use(usual(dice), refused=lately(dice, dice.randrange(3, 7)))


def takes_back(dice):
    return use(usual(dice), undone=lately(dice, dice.randrange(3, 7)))


# Who does not


def gets_on(dice):
    return use(usual(dice), lately(dice, dice.random() < 0.2), lately(dice, dice.random() < 0.2))


def explores(dice):
    """Another brightness each time: corrected often, and never to the same."""
    chosen = [
        with_brightness(one, 60, [dice.randrange(0, 21) * 5]) if dice.random() < 0.7 else one
        for one in usual(dice)
    ]
    return use(chosen)


def is_new(dice):
    """The first evenings: everything is tried out."""
    return use([with_brightness(one, 60, [100, 20, 80, 40, 60]) for one in usual(dice, 5)])


def plays(dice):
    """A party or two, with children at the knob."""
    visits = usual(dice)
    for at in dice.sample(range(len(visits)), 3):
        visits[at] = with_brightness(visits[at], 60, [100, 0, 100, 0, 100, 50])
    return use(visits)


def changed_their_mind(dice):
    """Corrected three times in a row; then the lamp had learned it."""
    visits = usual(dice)
    visits[-6:-3] = [with_brightness(one, 60, [25]) for one in visits[-6:-3]]
    return use(visits)


def had_trouble_once(dice):
    old = [NOW_MS - dice.randrange(40, 90) * DAY_MS for _ in range(5)]
    return use(usual(dice), refused=old, undone=old)


STRUGGLE = (hunts, fights, is_refused, takes_back)
FINE = (gets_on, gets_on, gets_on, explores, is_new, plays, changed_their_mind, had_trouble_once)


@pytest.mark.parametrize("seed", range(many(2)))
def test_nine_in_ten_who_struggle_are_found_and_eight_in_ten_who_are_found_struggle(seed):
    """Five in a hundred struggle, as planted."""
    dice = random.Random(seed)
    found = wrong = missed = 0
    for number in range(1000):
        does = number % 20 == 0
        make = STRUGGLE[number // 20 % 4] if does else dice.choice(FINE)
        flagged = bool(signs(make(dice), LAMP, NOW_MS))
        found, missed = found + (does and flagged), missed + (does and not flagged)
        wrong += flagged and not does
    recall, precision = found / (found + missed), found / (found + wrong)
    assert recall >= 0.9 and precision >= 0.8, f"recall {recall:.2f}, precision {precision:.2f}"


@pytest.mark.parametrize("make", FINE[2:], ids=lambda make: make.__name__)
def test_who_gets_on_explores_plays_or_is_new_is_left_alone(make):
    dice = random.Random(7)
    flagged = sum(bool(signs(make(dice), LAMP, NOW_MS)) for _ in range(60))
    assert flagged <= 2


@pytest.mark.parametrize(
    ("make", "kind"),
    [(hunts, "hunts"), (fights, "fights"), (is_refused, "refused"), (takes_back, "takes_back")],
)
def test_each_sign_says_what_it_is_with_its_numbers(make, kind):
    found = signs(make(random.Random(1)), LAMP, NOW_MS)
    sign = next(one for one in found if one.kind == kind)
    assert 0 < sign.times <= sign.of
    assert str(sign.times) in sign.text and sign.text.endswith(".")


def test_who_was_never_here_has_no_signs():
    assert signs(use([]), LAMP, NOW_MS) == []
