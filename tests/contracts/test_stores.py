"""The contract of hub.store.Store, over every adapter."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.store import Document, Put, Store
from hub.store.memory import MemoryStore
from hub.store.postgres.store import PostgresStore
from hub.store.tiny import TinyStore
from tests.conftest import many

N = many(60)

Open = Callable[[Path], Store]

ADAPTERS: dict[str, Open] = {
    "memory": lambda folder: MemoryStore(),
    "tiny": TinyStore,
    # Every commit turns the log and no vault stays in memory.
    "tiny, forgetting": lambda folder: TinyStore(folder, most_open=0, log_bytes=0),
}
POSTGRES = "postgres"
MASTER = bytes(range(32))


class Emptied:
    """Opens one database for all folders; for each that is new it is emptied: made takes longer."""

    def __init__(self, url: str) -> None:
        self._url, self._folder = url, Path()

    def __call__(self, folder: Path) -> Store:
        store = PostgresStore(self._url, MASTER)
        if folder != self._folder:
            self._folder = folder
            with psycopg.connect(self._url) as base:
                for table in ("rapport.vaults", "rapport.documents", "rapport_keys.keys"):
                    base.execute(f"delete from {table}")
        return store


@pytest.fixture(scope="module", params=[*ADAPTERS, POSTGRES])
def opened(request: pytest.FixtureRequest) -> Open:
    if request.param != POSTGRES:
        return ADAPTERS[request.param]
    return Emptied(request.getfixturevalue("postgres").database("contract"))


@pytest.fixture
def store(opened: Open, tmp_path: Path) -> Iterator[Store]:
    store = opened(tmp_path / "store")
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


def test_a_watcher_sees_what_was_there_before_each_put_below_its_prefix(store: Store):
    store.commit([Put("directory/1", "t", "k", {"n": 1})])
    seen: list[tuple[Put, Document | None]] = []
    store.watch("directory/", lambda put, before: seen.append((put, before)))
    puts = [
        Put("directory/1", "t", "k", {"n": 2}),
        Put("hub", "t", "k", {"n": 3}),
        Put("directory/2", "t", "k", {"n": 4}),
        Put("directory/1", "t", "k", None),
    ]
    store.commit(puts)
    assert seen == [(puts[0], {"n": 1}), (puts[2], None), (puts[3], {"n": 2})]
    with pytest.raises(TypeError):
        store.commit([Put("directory/1", "t", "k", {"n": object()})])
    assert len(seen) == 3


def test_an_empty_commit_is_fine(store: Store):
    store.commit([])
    assert store.vaults() == []


# Any history, against a dictionary; durable stores are closed and opened on the way.

NAMES = st.sampled_from(["a", "a/b", "hub"])
KEYS = st.sampled_from(["k", "l", "_default"])
DOCUMENTS = st.none() | st.dictionaries(st.text(max_size=3), st.integers(-9, 9), max_size=2)
COMMITS = st.lists(st.builds(Put, NAMES, KEYS, KEYS, DOCUMENTS), max_size=5)
STEPS = st.lists(COMMITS | NAMES | st.just(None), max_size=20)


@settings(max_examples=N, deadline=None, database=None)
@given(steps=STEPS)
def test_any_history_reads_as_a_dictionary_would(
    tmp_path_factory: pytest.TempPathFactory, opened: Open, steps: list
):
    folder = tmp_path_factory.mktemp("store")
    store, model = opened(folder), {}
    for step in steps:
        if step is None:
            if not isinstance(store, MemoryStore):
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
    shutil.rmtree(folder, ignore_errors=True)


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
