"""The hub's store after a power cut at any operation on the disk and any byte of it.

kill -9 proves little here, as the page cache survives it: so what the disk was told is recorded,
and images of what it may hold afterwards are built and opened. SEED=... runs the same images again.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from hub import durable
from hub.store import Put
from hub.store.tiny import TinyStore
from tests.conftest import many
from tests.crash.store_disk import Image, Op, Recorder

SEED = int(os.environ.get("SEED", "0")) or Random().randrange(1, 1 << 31)
VAULTS = ("customer/c-a", "customer/c-b", "device/lamp-1", "directory/00a", "hub")
PLACES = (("customer", "c-a"), ("customer", "c-b"), ("t", "k"), ("t", "l"))

Model = dict[tuple[str, str, str], dict]


def steps(random: Random, count: int) -> list[list[Put] | str]:
    """Commits, and now and then the name of a vault to be dropped."""
    made: list[list[Put] | str] = []
    for number in range(count):
        if random.random() < 0.15:
            made.append(random.choice(VAULTS))
            continue
        puts = []
        for _ in range(random.randint(1, 4)):
            table, key = random.choice(PLACES)
            document = {"n": number, "x": "x" * random.randint(0, 40)}
            gone = random.random() < 0.2
            puts.append(Put(random.choice(VAULTS), table, key, None if gone else document))
        made.append(puts)
    return made


def after(model: Model, step: list[Put] | str) -> Model:
    model = dict(model)
    if isinstance(step, str):
        lost = [place for place in model if place[0] == step or _listed(place) == step]
        for place in lost:
            del model[place]
        return model
    for vault, table, key, document in step:
        model.pop((vault, table, key), None)
        if document is not None:
            model[vault, table, key] = document
    return model


def take(store: TinyStore, step: list[Put] | str) -> None:
    """As the port wants it: what the directory says of a vault goes before the vault."""
    if isinstance(step, str):
        places = [("directory/00a", *place) for place in PLACES if _listed(("directory/", *place))]
        store.commit([Put(*place, None) for place in places if _listed(place) == step])
        store.drop(step)
    else:
        store.commit(step)


def without_rows(model: Model, vault: str) -> Model:
    """After the first of the two commits of `take`."""
    return {place: document for place, document in model.items() if _listed(place) != vault}


def everything(store: TinyStore) -> Model:
    return {
        (vault, table, key): document
        for vault in store.vaults()
        for table in ("customer", "t")
        for key, document in store.all(vault, table).items()
    }


def _listed(place: tuple[str, str, str]) -> str:
    """The vault with whose key a row of the directory goes, or ""."""
    vault, table, key = place
    name = f"{table}/{key}"
    return name if vault.startswith("directory/") and name.startswith("customer/") else ""


def cuts(ops: list[Op]) -> Iterator[tuple[int, int | None]]:
    """Before each operation, and behind each byte of each write."""
    for at, op in enumerate(ops):
        yield at, None
        if op.what == "write":
            yield from ((at, size) for size in range(1, len(op.content) + 1))


@pytest.mark.timeout(3600)
def test_no_image_loses_what_was_acknowledged_or_holds_half_a_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    random, histories = Random(SEED), 10
    images = many(5000) // histories
    for number in range(histories):
        root = tmp_path / str(number)
        history = steps(random, 40)
        with monkeypatch.context() as many_files:  # in every other history few are many
            many_files.setattr(durable, "MANY", 2 if number % 2 else durable.MANY)
            ops, states = recorded(root, history)
        points = list(cuts(ops))
        chosen = [points[at] for at in sorted(random.choices(range(len(points)), k=images))]
        with monkeypatch.context() as quick:
            quick.setattr(os, "fsync", lambda handle: None)  # nobody pulls this plug
            check(tmp_path / "image", ops, history, states, chosen, random)
        shutil.rmtree(root)


def recorded(root: Path, history: list[list[Put] | str]) -> tuple[list[Op], list[Model]]:
    recorder, states = Recorder(root), [Model()]
    root.mkdir()
    with recorder.recording():
        store = TinyStore(root / "store", log_bytes=700)
        for number, step in enumerate(history, 1):
            states.append(after(states[-1], step))
            take(store, step)
            recorder.mark(number)
            assert everything(store) == states[-1]
            if number % 13 == 0:  # some starts on the way
                store.close()
                store = TinyStore(root / "store", log_bytes=700)
        store.close()
    return recorder.ops, states


def check(
    folder: Path,
    ops: list[Op],
    history: list[list[Put] | str],
    states: list[Model],
    points: list[tuple[int, int | None]],
    random: Random,
) -> None:
    image, at, done = Image(), 0, 0
    for cut, size in points:
        for op in ops[at:cut]:
            image.take(op)
            done = op.where if op.what == "mark" else done
        at = cut
        torn = None if size is None else ops[cut]._replace(content=ops[cut].content[:size])
        image.build(folder, random, torn)
        told = f"SEED={SEED}, operation {cut} of {len(ops)}, byte {size}, {done} acknowledged"
        for _ in range(2 if random.random() < 0.2 else 1):  # a start may be cut off, too
            found = opened(folder, told)
            possible = states[done : done + 2]
            if done < len(history) and isinstance(history[done], str):
                possible.append(without_rows(states[done], str(history[done])))
            assert found in possible, told
        shutil.rmtree(folder)


def opened(folder: Path, told: str) -> Model:
    try:
        store = TinyStore(folder / "store")
    except Exception as error:
        raise AssertionError(told) from error
    found = everything(store)
    store.commit([Put("hub", "after", "k", {"n": 1})])
    store.close()
    assert not list(folder.rglob("*.spare")), told
    return found
