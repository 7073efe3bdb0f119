"""The contract of hub.store.Store, over every adapter; and what a power cut leaves of TinyStore."""

import contextlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.store import Put, Store, StoreError
from hub.store.memory import MemoryStore
from hub.store.tiny import TinyStore

N = int(os.environ.get("N", "60"))

Open = Callable[[Path], Store]

ADAPTERS: dict[str, Open] = {
    "memory": lambda folder: MemoryStore(),
    "tiny": TinyStore,
    # Every commit turns the log and no vault stays in memory.
    "tiny, forgetting": lambda folder: TinyStore(folder, most_open=0, log_bytes=0),
}
DURABLE = [ADAPTERS["tiny"], ADAPTERS["tiny, forgetting"]]


@pytest.fixture
def largest_file() -> Callable[[int], contextlib.AbstractContextManager[None]]:
    """The system itself refuses to let any file grow beyond so many bytes, as on a full disk."""
    resource = pytest.importorskip("resource")

    @contextlib.contextmanager
    def limit(size: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limit


@pytest.fixture(params=ADAPTERS.values(), ids=ADAPTERS.keys())
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = request.param(tmp_path / "store")
    yield store
    store.close()


def test_a_document_put_is_there(store: Store):
    store.commit([Put("customer/c-1", "profile", "a", {"warmth": [2700, None, "K"]})])
    assert store.get("customer/c-1", "profile", "a") == {"warmth": [2700, None, "K"]}


def test_what_was_never_put_is_none(store: Store):
    store.commit([Put("hub", "t", "k", {})])
    assert store.get("hub", "t", "other") is None
    assert store.get("hub", "other", "k") is None
    assert store.get("other", "t", "k") is None
    assert store.all("hub", "other") == store.all("other", "t") == {}


def test_an_empty_document_is_a_document(store: Store):
    store.commit([Put("hub", "t", "k", {})])
    assert store.get("hub", "t", "k") == {}
    assert store.vaults() == ["hub"]


def test_a_put_replaces_and_does_not_merge(store: Store):
    store.commit([Put("hub", "t", "k", {"a": 1, "b": 2})])
    store.commit([Put("hub", "t", "k", {"b": 3})])
    assert store.get("hub", "t", "k") == {"b": 3}


def test_the_last_put_of_a_commit_wins(store: Store):
    store.commit([Put("hub", "t", "k", {"n": 1}), Put("hub", "t", "k", {"n": 2})])
    assert store.get("hub", "t", "k") == {"n": 2}


def test_a_put_of_none_removes(store: Store):
    store.commit([Put("hub", "t", "k", {"n": 1}), Put("hub", "t", "l", {"n": 2})])
    store.commit([Put("hub", "t", "k", None), Put("hub", "t", "never-there", None)])
    assert store.all("hub", "t") == {"l": {"n": 2}}


def test_a_table_lists_its_documents_in_the_order_of_their_keys(store: Store):
    store.commit([Put("hub", "t", key, {"is": key}) for key in ("b", "10", "a", "9", "é", "")])
    assert list(store.all("hub", "t").items()) == [
        (key, {"is": key}) for key in ("", "10", "9", "a", "b", "é")
    ]


def test_tables_and_vaults_do_not_touch_each_other(store: Store):
    places = [("a", "t"), ("a", "u"), ("a/t", "t"), ("b", "t"), ("a", "_default")]
    store.commit([Put(vault, table, "k", {"at": [vault, table]}) for vault, table in places])
    for vault, table in places:
        assert store.all(vault, table) == {"k": {"at": [vault, table]}}


def test_vaults_are_found_by_how_they_begin(store: Store):
    names = ["customer/c-1", "customer/c-2", "device/lamp-0001", "hub"]
    store.commit([Put(name, "t", "k", {}) for name in reversed(names)])
    assert store.vaults() == names
    assert store.vaults("customer/") == names[:2]
    assert store.vaults("nobody") == []


def test_a_vault_is_gone_with_its_last_document(store: Store):
    store.commit([Put("hub", "t", "k", {}), Put("hub", "u", "k", {})])
    store.commit([Put("hub", "t", "k", None)])
    assert store.vaults() == ["hub"]
    store.commit([Put("hub", "u", "k", None)])
    assert store.vaults() == []


def test_a_dropped_vault_is_gone_and_may_come_again(store: Store):
    store.commit([Put("a", "t", "k", {"old": 1}), Put("a", "u", "k", {}), Put("b", "t", "k", {})])
    store.drop("a")
    store.drop("never-there")
    assert store.vaults() == ["b"]
    assert store.get("a", "t", "k") is None
    store.commit([Put("a", "t", "l", {"new": 1})])
    assert store.all("a", "t") == {"l": {"new": 1}}


def test_documents_are_copies_both_ways(store: Store):
    document = {"list": [1]}
    store.commit([Put("hub", "t", "k", document)])
    document["list"].append(2)
    for handed_out in (store.get("hub", "t", "k"), store.all("hub", "t")["k"]):
        assert handed_out == {"list": [1]}
        handed_out["list"].append(3)
    assert store.get("hub", "t", "k") == {"list": [1]}


@pytest.mark.parametrize("document", [{"a": object()}, {"a": b"bytes"}, {1: 2}, ["no dict"]])
def test_what_is_not_json_is_refused_with_all_that_came_along(store: Store, document):
    with pytest.raises(TypeError):
        store.commit([Put("hub", "t", "k", {"n": 1}), Put("hub", "t", "l", document)])
    assert store.vaults() == []


BAD_NAMES = ["", "/", "..", "a/../b", "/etc", "a/", "a//b", "a/.b", ".hidden", "a\\b", "c:"]
BAD_NAMES += ["A", "ü", "a b", "a=b", "a\n", "a\0", "a" * 121]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_could_leave_the_folder_is_refused(store: Store, name: str):
    for use in (
        lambda: store.get(name, "t", "k"),
        lambda: store.all(name, "t"),
        lambda: store.drop(name),
        lambda: store.commit([Put("hub", "t", "k", {}), Put(name, "t", "k", {})]),
    ):
        with pytest.raises(ValueError, match="vault name"):
            use()
    assert store.vaults() == []


def test_an_empty_commit_is_fine(store: Store):
    store.commit([])
    assert store.vaults() == []


# Any history, against a dictionary; durable stores are closed and opened on the way.

NAMES = st.sampled_from(["a", "a/b", "hub"])
KEYS = st.sampled_from(["k", "l", "_default"])
DOCUMENTS = st.none() | st.dictionaries(st.text(max_size=3), st.integers(-9, 9), max_size=2)
COMMITS = st.lists(st.builds(Put, NAMES, KEYS, KEYS, DOCUMENTS), max_size=5)
STEPS = st.lists(COMMITS | NAMES | st.just(None), max_size=20)


@pytest.mark.parametrize("opened", ADAPTERS.values(), ids=ADAPTERS.keys())
@settings(max_examples=N, deadline=None, database=None)
@given(steps=STEPS)
def test_any_history_reads_as_a_dictionary_would(
    tmp_path_factory: pytest.TempPathFactory, opened: Open, steps: list
):
    folder = tmp_path_factory.mktemp("store")
    store, model = opened(folder), {}
    for step in steps:
        if step is None:
            if opened in DURABLE:
                store.close()
                store = opened(folder)
        elif isinstance(step, str):
            store.drop(step)
            model = {place: document for place, document in model.items() if place[0] != step}
        else:
            store.commit(step)
            apply(model, step)
        assert everything(store) == model
    store.close()
    shutil.rmtree(folder)


def apply(model: dict, puts: list[Put]) -> dict:
    for vault, table, key, document in puts:
        if document is None:
            model.pop((vault, table, key), None)
        else:
            model[vault, table, key] = document
    return model


def everything(store: Store) -> dict:
    return {
        (vault, table, key): document
        for vault in store.vaults()
        for table in ("t", "k", "l", "_default")
        for key, document in store.all(vault, table).items()
    }


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
    image = (tmp_path / "whole/log").read_bytes()
    store.close()
    tails = (b"", b"\0" * 20, b"\xff" * 20, random.Random(7).randbytes(9))
    cuts = list(itertools.product(range(len(image) + 1), tails))
    for cut, tail in cuts if len(cuts) <= 10 * N else random.Random(N).sample(cuts, 10 * N):
        folder = tmp_path / "cut"
        folder.mkdir()
        (folder / "log").write_bytes(image[:cut] + tail)
        store = TinyStore(folder)
        assert everything(store) == [state for size, state in states if size <= cut][-1], cut
        store.commit([Put("a", "t", "k", {"after": cut})])  # what follows a cut is whole again
        store.close()
        store = TinyStore(folder)
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
        store = TinyStore(image)
        assert everything(store) in states[done : done + 2], image
        assert after_power_cut(image) == everything(store)  # a second one
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
        store = TinyStore(folder)
        assert everything(store) == state
        store.close()
        shutil.rmtree(folder)


def after_power_cut(folder: Path) -> dict:
    """What a store finds in what is on the disk now."""
    copy = folder.with_name(folder.name + " cut")
    shutil.copytree(folder, copy)
    store = TinyStore(copy)
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


# What is TinyStore's own.


def test_two_hubs_cannot_open_one_folder(tmp_path: Path):
    store = TinyStore(tmp_path)
    with pytest.raises(StoreError, match="in use by another hub"):
        TinyStore(tmp_path)
    store.close()
    TinyStore(tmp_path).close()


def test_a_nearly_full_disk_is_refused_but_never_an_erasure(tmp_path: Path):
    store = TinyStore(tmp_path)
    store.commit([Put("a", "t", "k", {"n": 1})])
    store._spare_bytes = 1 << 60
    with pytest.raises(StoreError, match="MB are free"):
        store.commit([Put("a", "t", "k", {"n": 2})])
    assert store.get("a", "t", "k") == {"n": 1}
    store.drop("a")
    store.close()
    with pytest.raises(StoreError, match="MB are free"):
        TinyStore(tmp_path, spare_bytes=1 << 60)


def test_a_failed_write_leaves_the_store_as_it_was(tmp_path: Path, largest_file):
    store = TinyStore(tmp_path)
    store.commit([Put("a", "t", "k", {"n": 1})])
    with (
        largest_file((tmp_path / "log").stat().st_size + 20),
        pytest.raises(StoreError, match="cannot write"),
    ):
        store.commit([Put("a", "t", "k", {"n": 2}), Put("new", "t", "k", {})])
    assert everything(store) == after_power_cut(tmp_path) == {("a", "t", "k"): {"n": 1}}
    store.commit([Put("b", "t", "k", {"n": 3})])
    assert after_power_cut(tmp_path) == {("a", "t", "k"): {"n": 1}, ("b", "t", "k"): {"n": 3}}
    store.close()


def test_a_vault_that_cannot_be_written_loses_nothing_and_is_tried_again(
    tmp_path: Path, largest_file, caplog
):
    store = TinyStore(tmp_path, log_bytes=1000)
    store.commit([Put("a", "t", str(n), {"x": "x" * 100}) for n in range(9)])
    with largest_file(900):
        store.commit([Put("b", "t", "k", {"n": 1})])
        assert "cannot settle" in caplog.text
        assert len(store.all("a", "t")) == 9
        with pytest.raises(StoreError, match="cannot settle"):
            store.close()
    store = TinyStore(tmp_path)
    assert len(store.all("a", "t")) == 9
    assert store.get("b", "t", "k") == {"n": 1}
    store.close()
    assert [path.name for path in tmp_path.glob("log*")] == ["log"]
    assert (tmp_path / "log").stat().st_size == 0


def test_a_dropped_vault_leaves_no_byte_behind(tmp_path: Path):
    store = TinyStore(tmp_path)
    store.commit([Put("a", "t", "k", {"secret": "first"}), Put("b", "t", "k", {})])
    store.close()
    store = TinyStore(tmp_path)
    store.commit([Put("a", "t", "k", {"secret": "second"})])
    store.drop("a")
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in left if b"secret" in path.read_bytes() or path.stem == "a"]
    store.close()


def test_memory_stays_bounded_however_many_vaults_are_read(tmp_path: Path):
    store = TinyStore(tmp_path, most_open=5)
    store.commit([Put(f"v{n}", "t", "k", {"n": n}) for n in range(50)])
    store._settle_all()
    assert [store.get(f"v{n}", "t", "k") for n in range(50)] == [{"n": n} for n in range(50)]
    assert len(store._unchanged) + len(store._changed) == 5
    store.close()


def test_a_damaged_vault_is_named_and_stops_nothing_else(tmp_path: Path):
    store = TinyStore(tmp_path)
    store.commit([Put("a", "t", "k", {}), Put("b", "t", "k", {})])
    store.close()
    next(tmp_path.rglob("a.json")).write_bytes(b'{"t": {')
    store = TinyStore(tmp_path)
    with pytest.raises(StoreError, match=r"a\.json"):
        store.commit([Put("b", "t", "k", {"n": 1}), Put("a", "t", "k", {"n": 1})])
    assert store.get("b", "t", "k") == {}
    assert (tmp_path / "log").stat().st_size == 0
    store.close()


def test_what_a_cut_settling_left_half_written_is_removed(tmp_path: Path):
    TinyStore(tmp_path).close()
    (tmp_path / "vaults/3").mkdir(parents=True)
    (tmp_path / "vaults/3/a.json.new").write_bytes(b'{"secret')
    store = TinyStore(tmp_path)
    assert store.vaults() == []
    assert not list(tmp_path.rglob("*.new"))
    store.close()


def test_a_folder_of_a_later_version_is_refused(tmp_path: Path):
    TinyStore(tmp_path).close()
    (tmp_path / "format").write_bytes(b"2\n")
    with pytest.raises(StoreError, match="another version"):
        TinyStore(tmp_path)
