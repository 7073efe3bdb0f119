"""What it costs to be known, and what that saves, in a sentence or two for whom it is about."""

from hub.insight.ledger import Ledger
from hub.pages.mine_words import effort


def test_the_first_ten_visits_are_compared_with_the_last_ten():
    changed = [2, 1, 1, 1, 1, 0, 1, 0, 1, 0, *[0] * 9, 3, *[0] * 8, 1]
    ledger = Ledger(visits=29, corrected=12, by_default=41)
    assert effort(changed, ledger) == (
        "You changed 8 by hand in your first 10 visits, 4 in the last 10."
        " In all you made 12 changes; to have the same, what is usual for everyone would have"
        " needed 41 changes."
    )


def test_nothing_is_said_before_there_are_twenty_visits():
    assert effort([1] * 19, Ledger(visits=19, corrected=19, by_default=30)) == ""
    assert effort([1] * 20, Ledger(visits=20, corrected=20, by_default=30)) != ""


def test_nothing_is_boasted_of_where_nothing_was_saved():
    assert effort([0] * 20, Ledger(visits=20)) == (
        "You changed nothing by hand in your first 10 visits, nothing in the last 10."
    )
    assert "In all" not in effort([1] * 20, Ledger(visits=20, corrected=20, by_default=20))


def test_where_the_first_visits_are_not_kept_any_more_it_says_of_which_it_speaks():
    said = effort([1] * 100 + [0] * 100, Ledger(visits=340))
    assert said.startswith("You changed 10 by hand in the first 10 of your last 200 visits")
