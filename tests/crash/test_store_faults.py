"""The hub's store on a disk that is full or fails, at every call to the system and for any while.

What was acknowledged stays; what was not is refused whole, with a StoreError; and once the disk
works again, so does the store.
"""

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from hub import durable
from hub.store import StoreError
from hub.store.tiny import TinyStore
from tests.conftest import many
from tests.crash.store_disk import failing
from tests.crash.test_store_images import Model, after, everything, steps, take, without_rows

LOG_BYTES = 700
_NEVER = 1 << 30


def opened(root: Path) -> TinyStore:
    return TinyStore(root / "store", log_bytes=LOG_BYTES, spare_bytes=0)


def tried_until_it_works(act: Callable[[], object], model: Callable[[], None]) -> None:
    """The disk works again at some time; every refusal before is a StoreError."""
    for _ in range(200):
        try:
            act()
            return
        except StoreError:
            model()
    raise AssertionError("it does not work again")


def lived(root: Path, first: int, last: int, code: int) -> int:
    """A history with starts in between, while calls first..last fail; how many calls there were."""
    history, model, stores = steps(Random(5), 30), Model(), []
    with failing(root, first, last, code) as calls:

        def start() -> None:
            with contextlib.suppress(StoreError):
                while stores:
                    stores.pop().close()
            stores.append(opened(root))

        for number, step in enumerate(history):
            if number % 10 == 0:
                tried_until_it_works(start, lambda: None)
                assert everything(stores[0]) == model
            allowed = [model, after(model, step)]
            if isinstance(step, str):
                allowed.insert(1, without_rows(model, step))

            def check(allowed: list[Model] = allowed) -> None:
                now = everything(stores[0])
                whole = allowed if isinstance(step, str) else allowed[:1]  # noqa: B023
                assert now in whole, (first, last)

            tried_until_it_works(lambda: take(stores[0], step), check)  # noqa: B023
            model = allowed[-1]
            assert everything(stores[0]) == model, (first, last)
        with contextlib.suppress(StoreError):
            stores.pop().close()
        tried_until_it_works(start, lambda: None)
        assert everything(stores[0]) == model, (first, last)
        stores.pop().close()
        total = calls[0]
    store = opened(root)
    assert everything(store) == model, (first, last)
    store.close()
    return total


@pytest.mark.timeout(3600)
def test_any_call_may_fail_for_any_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # quick: no plug is pulled here
    caplog.set_level("CRITICAL")
    totals, few = [], durable.MANY
    for kind, at_once in enumerate((few, 2)):  # in every other history few are many
        monkeypatch.setattr(durable, "MANY", at_once)
        totals.append(lived(tmp_path / f"without {kind}", _NEVER, _NEVER, errno.EIO))
    assert min(totals) > 300
    random = Random(11)
    for number in range(many(400)):
        monkeypatch.setattr(durable, "MANY", 2 if number % 2 else few)
        first = number % totals[number % 2] + 1
        while_ = random.choice((0, 0, 1, 2, 5, 30))
        code = random.choice((errno.ENOSPC, errno.EIO))
        lived(tmp_path / str(number), first, first + while_, code)
