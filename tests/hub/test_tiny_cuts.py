"""What a power cut or a kill leaves of TinyStore: exactly the commits that were acknowledged."""

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hub.store import Put
from hub.store.tiny import TinyStore
from tests.contracts.test_stores import N, apply, everything

# Power cuts. kill -9 alone proves little, as the page cache survives it: so images are cut.

HISTORY = [
    [Put("a", "t", "k", {"n": 1})],
    [Put("a", "t", "k", {"n": 2}), Put("a", "t", "l", {"n": 3}), Put("b", "t", "k", {"é": "ü"})],
    [Put("b", "t", "k", None), Put("c", "k", "l", {"long": "x" * 40})],
    [Put("a", "t", "l", None), Put("c", "k", "l", {}), Put("b", "l", "k", {"n": 4})],
]


def test_a_log_cut_at_any_byte_holds_exactly_the_whole_commits(tmp_path: Path):
    store, states = TinyStore(tmp_path / "whole"), [(0, {})]
    for puts in HISTORY:
        store.commit(puts)
        states.append(((tmp_path / "whole/log").stat().st_size, everything(store)))
    image, keys = (tmp_path / "whole/log").read_bytes(), tmp_path / "whole.keys"
    store.close()
    tails = (b"", b"\0" * 20, b"\xff" * 20, random.Random(7).randbytes(9))
    cuts = list(itertools.product(range(len(image) + 1), tails))
    for cut, tail in cuts if len(cuts) <= 10 * N else random.Random(N).sample(cuts, 10 * N):
        folder = tmp_path / "cut"
        folder.mkdir()
        (folder / "log").write_bytes(image[:cut] + tail)
        store = TinyStore(folder, keys)
        assert everything(store) == [state for size, state in states if size <= cut][-1], cut
        store.commit([Put("a", "t", "k", {"after": cut})])  # what follows a cut is whole again
        store.close()
        store = TinyStore(folder, keys)
        assert store.get("a", "t", "k") == {"after": cut}
        store.close()
        shutil.rmtree(folder)


def test_a_power_cut_before_any_operation_on_the_disk_keeps_what_was_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    images, states, acknowledged, copying = [], [{}], 0, False

    def cut_before(name: str) -> None:
        operation = getattr(os, name)

        def operate(*arguments, **keywords):
            nonlocal copying
            if not copying:  # which makes folders itself
                copying = True
                images.append((acknowledged, tmp_path / "images" / str(len(images))))
                shutil.copytree(tmp_path / "store", images[-1][1])
                copying = False
            return operation(*arguments, **keywords)

        monkeypatch.setattr(os, name, operate)

    store = TinyStore(tmp_path / "store", log_bytes=100)
    for name in ("fsync", "replace", "rename", "unlink", "mkdir"):
        cut_before(name)
    for step in [*HISTORY, "a", *HISTORY[1:], [Put("a", "t", "k", None)], "b"] * 3:
        if isinstance(step, str):
            states.append({place: d for place, d in states[-1].items() if place[0] != step})
            store.drop(step)
        else:
            states.append(apply(dict(states[-1]), step))
            store.commit(step)
        acknowledged += 1
    store.close()
    monkeypatch.undo()
    assert len(images) > 150
    assert {path.name for _, image in images for path in image.glob("log*")} == {"log", "log.old"}
    for done, image in images:
        for half in image.glob("vaults/*/*.new"):
            half.write_bytes(half.read_bytes()[: done % 20])  # not synced yet: anything
        store = TinyStore(image, store.keys)
        assert everything(store) in states[done : done + 2], image
        assert after_power_cut(store) == everything(store)  # a second one
        store.commit([Put("a", "t", "k", {"after": 1})])
        store.close()
        assert not [path for path in image.rglob("*") if path.suffix in (".new", ".old")]
        shutil.rmtree(image)


def test_files_settled_in_any_order_before_a_power_cut_lose_nothing(tmp_path: Path):
    before, after = tmp_path / "before", tmp_path / "after"
    store = TinyStore(after)
    store.commit([Put(name, "t", "old", {"n": 0}) for name in ("a", "b", "c", "d")])
    store.close()
    store = TinyStore(after)
    for puts in [*HISTORY, [Put("d", "t", "old", None)]]:
        store.commit(puts)
    state = everything(store)
    shutil.copytree(after, before)
    store.close()
    (before / "log").rename(before / "log.old")
    names = {path.relative_to(root) for root in (before, after) for path in files(root)}
    for chosen in itertools.product((False, True), repeat=len(names)):
        folder = tmp_path / "cut"
        shutil.copytree(before, folder)
        for name in itertools.compress(sorted(names), chosen):
            if (after / name).exists():
                shutil.copy(after / name, folder / name)
            else:
                (folder / name).unlink()
        store = TinyStore(folder, store.keys)
        assert everything(store) == state
        store.close()
        shutil.rmtree(folder)


def after_power_cut(store: TinyStore) -> dict:
    """What another store finds in what is on the disk now."""
    copy = store.folder.with_name(store.folder.name + " cut")
    shutil.copytree(store.folder, copy)
    store = TinyStore(copy, store.keys)
    found = everything(store)
    store.close()
    shutil.rmtree(copy)
    return found


def files(root: Path) -> list[Path]:
    return list(root.glob("vaults/*/*.json"))


WRITER = """
import sys
from pathlib import Path
from hub.store import Put
from hub.store.tiny import TinyStore
store = TinyStore(Path(sys.argv[1]), log_bytes=2000)
n = (store.get("v0", "t", "n") or {"n": 0})["n"]
while True:
    n += 1
    store.commit([Put(f"v{i}", "t", "n", {"n": n}) for i in (0, 1 + n % 7, 9)])
    print(n, flush=True)
"""


def test_a_killed_writer_has_kept_what_it_acknowledged(tmp_path: Path):
    last = 0
    for moment in (1, 40, 90):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout
            for _ in range(moment):
                last = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            last = max([last, *map(int, writer.stdout.read().split("\n")[:-1])])
        store = TinyStore(tmp_path)
        kept = store.get("v0", "t", "n")
        assert kept
        assert kept["n"] in (last, last + 1)
        assert store.get("v9", "t", "n") == kept
        store.close()
