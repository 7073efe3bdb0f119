"""What is in the memory of a hub when it has started is not looked through again and again."""

import gc
from collections.abc import Iterator

import pytest

from hub.garbage import look_seldom


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_what_is_there_already_is_not_looked_through_again():
    kept = [{"n": n} for n in range(1000)]
    look_seldom()
    assert gc.get_freeze_count() > len(kept)
    assert not any(gc.is_tracked(one) and one is kept for one in gc.get_objects())


def test_what_refers_to_itself_afterwards_is_still_found():
    look_seldom()
    freed: list[str] = []

    class Circle:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            freed.append("freed")

    Circle()
    _make_many_things()
    assert freed == ["freed"]


def test_all_is_looked_through_seldom():
    look_seldom()
    all_before = gc.get_stats()[2]["collections"]
    kept = [_make_many_things() for _ in range(10)]
    assert gc.get_stats()[2]["collections"] == all_before
    assert kept


def _make_many_things() -> list[dict[int, list[int]]]:
    return [{at: [at]} for at in range(10_000)]
