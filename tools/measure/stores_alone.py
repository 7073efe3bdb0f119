"""The stores alone: the same events into PostgreSQL, by one worker and by two, and into TinyDB.

rates(folder, server.database("store"), rounds=5, seed=1)["postgres"][500]    # events a second
"""

import multiprocessing
import time
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from hub.draft import Draft
from hub.store import Store
from hub.store.postgres.store import PostgresStore
from hub.store.tiny import TinyStore
from tools.measure.crowded import changes, customer, customer_of

_CUSTOMERS, _BATCHES = 1_000, (1, 20, 500)
_SINGLE = 20  # so many times more commits where one event is in each
_WORKERS = 2
_MASTER = bytes(32)
_FORKS = multiprocessing.get_context("forkserver")


class _Share(NamedTuple):
    """What one of several workers does: events of its own customers, in commits of `batch`."""

    url: str
    customers: range
    batch: int
    commits: int
    seed: int


def rates(folder: Path, url: str, rounds: int, seed: int) -> dict[str, dict[int, float]]:
    """Events a second, by store and how many are in a commit; url: of an empty database."""
    stores: dict[str, Store] = {
        "postgres": PostgresStore(url, _MASTER),
        "tiny": TinyStore(folder / "tiny"),
    }
    random, found = Random(seed), {}
    for name, store in stores.items():
        store.commit([put for one in range(_CUSTOMERS) for put in customer(one, random)])
        found[name] = {batch: _rate(store, random, batch, rounds) for batch in _BATCHES}
        store.close()
    return found | {"postgres, two workers": _together(url, rounds, seed)}


def _together(url: str, rounds: int, seed: int) -> dict[int, float]:
    """Workers at once, each with customers of its own."""
    each, found = _CUSTOMERS // _WORKERS, {}
    with _FORKS.Pool(_WORKERS) as pool:
        for batch in _BATCHES:
            shares = [
                _Share(url, range(first, first + each), batch, _commits(batch, rounds), seed)
                for first in range(0, _CUSTOMERS, each)
            ]
            starts, ends = zip(*pool.map(_work, shares, chunksize=1), strict=True)
            events = sum(share.commits * share.batch for share in shares)
            found[batch] = events / (max(ends) - min(starts))
        pool.close()
        pool.join()
    return found


def _work(share: _Share) -> tuple[float, float]:
    """From when to when it took, s of a clock that all processes share."""
    store = PostgresStore(share.url, _MASTER)
    try:
        start_s = time.monotonic()
        _write(store, Random(share.seed), share.customers, share.batch, share.commits)
        return start_s, time.monotonic()
    finally:
        store.close()


def _rate(store: Store, random: Random, batch: int, rounds: int) -> float:
    commits, start_s = _commits(batch, rounds), time.perf_counter()
    _write(store, random, range(_CUSTOMERS), batch, commits)
    return commits * batch / (time.perf_counter() - start_s)


def _commits(batch: int, rounds: int) -> int:
    return rounds * (_SINGLE if batch == 1 else 1)


def _write(store: Store, random: Random, customers: range, batch: int, commits: int) -> None:
    for _ in range(commits):
        draft, numbers = Draft(store), random.sample(customers, batch)
        draft.ahead(f"customer/{customer_of(number)}" for number in numbers)
        for number in numbers:
            for put in _event(draft, number):
                if put.document is None:
                    draft.remove(*put[:3])
                else:
                    draft.put(*put)
        draft.commit()


def _event(draft: Draft, number: int) -> list[Any]:
    vault = f"customer/{customer_of(number)}"
    draft.get(vault, "profile", "about")
    use, ring = draft.get(vault, "use", "lamp"), draft.get(vault, "rings", "events")
    assert use
    assert ring
    use["visits"] += 1
    return changes(number, use["visits"], use, ring["count"])
