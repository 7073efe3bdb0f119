"""What is TinyStore's own: locks, full disks, damage, memory, and what earlier versions left."""

import contextlib
import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from hub.store import Put, StoreError, encode
from hub.store.sealed import seal
from hub.store.tiny import TinyStore
from hub.store.vault import place_of
from hub.store.wal import Log
from tests.contracts.test_stores import everything
from tests.crash.store_disk import failing
from tests.hub.test_tiny_cuts import after_power_cut


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
    assert everything(store) == after_power_cut(store) == {("a", "t", "k"): {"n": 1}}
    store.commit([Put("b", "t", "k", {"n": 3})])
    assert after_power_cut(store) == {("a", "t", "k"): {"n": 1}, ("b", "t", "k"): {"n": 3}}
    store.close()


def test_a_vault_that_cannot_be_written_loses_nothing_and_is_tried_again(
    tmp_path: Path, largest_file, caplog
):
    store = TinyStore(tmp_path, log_bytes=400)
    store.commit([Put("a", "t", str(n), {"x": "x" * 100}) for n in range(9)])
    with largest_file(900):
        store.commit([Put("b", "t", "k", {"n": 1})])
        store.commit([Put("b", "t", "l", {"x": "x" * 300})])
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
    assert store._vaults.open == 5
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
    (tmp_path / "format").write_bytes(b"4\n")
    with pytest.raises(StoreError, match="later version of Rapport, in format 4"):
        TinyStore(tmp_path)


# What earlier versions left.


def plain_store(folder: Path) -> dict:
    """A store of format 1: nothing is sealed. What is in it."""
    folder.mkdir(parents=True)
    (folder / "format").write_bytes(b"1\n")
    kept = {"t": {"k": {"n": "secret 0"}, "l": {"n": 1}}}
    for name in ("hub", "customer/a"):
        path = folder / "vaults" / place_of(name)
        path.parent.mkdir(parents=True)
        path.write_bytes(orjson.dumps(kept))
    log = Log(folder / "log")
    log.append(encode([Put("customer/a", "t", "k", {"n": "secret 2"})]))
    log.turn()
    log.append(encode([Put("customer/a", "t", "l", None), Put("new", "t", "k", {"n": "secret"})]))
    log.close()
    return {
        ("customer/a", "t", "k"): {"n": "secret 2"},
        ("new", "t", "k"): {"n": "secret"},
    }


def test_a_store_that_is_not_sealed_is_sealed_when_it_is_opened(tmp_path: Path):
    kept = plain_store(tmp_path / "store")
    for _ in range(2):
        store = TinyStore(tmp_path / "store")
        assert kept.items() <= everything(store).items()
        store.close()
    assert (tmp_path / "store/format").read_bytes() == b"3\n"
    for path in (tmp_path / "store").rglob("*"):
        assert not path.is_file() or b"secret" not in path.read_bytes()


def test_a_store_of_format_2_is_read_and_each_vault_changes_its_form_when_it_changes(
    tmp_path: Path,
):
    store, names = TinyStore(tmp_path), ("customer/a", "hub")
    store.commit([Put(name, "t", key, {"n": key}) for name in names for key in "kl"])
    store._settle_all()
    for name in names:
        plain = orjson.dumps({"t": {"k": {"n": "k"}, "l": {"n": "l"}}})
        content = seal(store._keyring, {name: plain}, name.encode())
        (tmp_path / "vaults" / place_of(name)).write_bytes(content)
    store.close()
    (tmp_path / "format").write_bytes(b"2\n")
    store = TinyStore(tmp_path)
    assert everything(store) == {(name, "t", key): {"n": key} for name in names for key in "kl"}
    store.commit([Put("hub", "t", "k", {"n": "new"})])
    store.close()
    store = TinyStore(tmp_path)
    assert store.all("hub", "t") == {"k": {"n": "new"}, "l": {"n": "l"}}
    assert store.get("customer/a", "t", "l") == {"n": "l"}
    assert (tmp_path / "format").read_bytes() == b"3\n"
    store.close()


def test_sealing_that_is_cut_off_at_any_call_is_done_at_the_next_start(tmp_path: Path):
    for last in itertools.count(1):
        root = tmp_path / str(last)
        kept = plain_store(root / "store")
        with failing(root, last, 1 << 30) as calls, contextlib.suppress(StoreError):
            TinyStore(root / "store").close()
        store = TinyStore(root / "store")
        assert kept.items() <= everything(store).items(), last
        store.close()
        shutil.rmtree(root)
        if calls[0] < last:
            break
    assert last > 30
