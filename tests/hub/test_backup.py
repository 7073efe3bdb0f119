"""A backup is the store between two commits; a restore never brings back who was erased."""

import contextlib
import errno
import io
import os
import shutil
import tarfile
import threading
import time
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi.testclient import TestClient
from rich.console import Console

from hub import durable
from hub.access.door import Access
from hub.api.parts import Parts
from hub.app import create_app
from hub.config import Settings
from hub.link.memory import MemoryLink
from hub.link.ports import free_port
from hub.restore import finish_restore, restore
from hub.store import Put, StoreError
from hub.store.backup import is_whole, snapshot, unpack
from hub.store.memory import MemoryStore
from hub.store.tiny import TinyStore
from tests.hub.living import LAMP, NOON_MS, Dice, Hub
from tools.backup import BackupError, back_up, bring_back

KEY = "k" * 64


def opened(root: Path, folder: Path | None = None) -> TinyStore:
    return TinyStore(folder or root / "store", root / "keys", log_bytes=2000)


def everything(store: TinyStore) -> dict:
    return {name: store.all(name, "t") for name in store.vaults()}


def test_a_backup_made_while_commits_go_on_is_a_state_between_two_of_them(tmp_path: Path):
    store = opened(tmp_path)
    names = [f"customer/c-{n}" for n in range(300)]
    store.commit([Put(name, "t", "k", {"n": 0, "x": "x" * 2000}) for name in names])
    store.close()  # all of it in files
    store = opened(tmp_path)
    store.commit([Put(names[0], "t", "l", {})])
    states, archive = [everything(store)], b""
    for n, piece in enumerate(snapshot(store), 1):
        archive += piece
        store.commit([Put(name, "t", "k", {"n": n}) for name in (names[n], names[-n], "hub")])
        states.append(everything(store))
    assert len(states) > 5
    assert is_whole(archive)
    assert b"x" * 30 not in archive
    store.commit([Put(names[1], "t", "k", {"n": "later"})])
    store.close()
    unpack(io.BytesIO(archive), tmp_path / "again")
    store = opened(tmp_path, tmp_path / "again")
    assert everything(store) == states[-2]
    store.close()


def test_a_backup_is_whole_while_the_disk_leaves_files_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(path: str, content: bytes) -> None:
        Path(path).write_bytes(content[: len(content) // 2])
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    store = opened(tmp_path)
    store.commit([Put("customer/c-1", "t", "k", {"n": 0}), Put("hub", "t", "k", {"n": 0})])
    with monkeypatch.context() as broken:
        broken.setattr(durable, "overwrite", fail)
        with pytest.raises(StoreError, match="cannot settle"):
            store._settle_all()
    state, archive = everything(store), b"".join(snapshot(store))
    store.close()
    unpack(io.BytesIO(archive), tmp_path / "again")
    again = opened(tmp_path, tmp_path / "again")
    assert everything(again) == state
    again.close()


def test_one_backup_at_a_time_and_the_store_settles_when_it_is_over(tmp_path: Path):
    store = opened(tmp_path)
    store.commit([Put(f"v{n}", "t", "k", {"x": "x" * 2000}) for n in range(200)])
    pieces = snapshot(store)
    next(pieces)
    with pytest.raises(StoreError, match="a backup is being made already"):
        next(snapshot(store))
    grown = store._log.size
    store.commit([Put("v1", "t", "k", {"x": "y" * 4000})])
    assert store._log.size > grown
    pieces.close()  # whoever asked for it went away
    store.commit([Put("v1", "t", "k", {"n": 1})])
    assert store._log.size == 0
    store.close()


@pytest.mark.parametrize("cut", [0, 511, 512, 5000, -1025, -1500])
def test_what_is_no_whole_backup_is_refused_and_the_store_stays(tmp_path: Path, cut: int):
    store = opened(tmp_path)
    store.commit([Put("hub", "t", "k", {"n": 1}), Put("a", "t", "k", {"x": "x" * 5000})])
    archive = b"".join(snapshot(store))
    store.close()
    assert not is_whole(archive[:cut])
    with pytest.raises(StoreError, match="backup"):
        restore(io.BytesIO(archive[:cut]), tmp_path / "store", lambda at: opened(tmp_path, at), 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keys", "store"]
    store = opened(tmp_path)
    assert store.get("hub", "t", "k") == {"n": 1}
    store.close()


def test_a_name_that_leaves_the_folder_is_refused(tmp_path: Path):
    for name in ("../evil", "/tmp/evil", "vaults/0/../../evil.json", "keys"):
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as members:
            members.addfile(tarfile.TarInfo(name))
        archive.seek(0)
        with pytest.raises(StoreError, match="it holds"):
            unpack(archive, tmp_path / "new")
    assert not list(tmp_path.rglob("evil*"))


def at_home(root: Path) -> tuple[Hub, str, str]:
    hub = Hub(opened(root))
    hub.lamp()
    ana, ben = (hub.profiles.welcome(name, f"{name}@example.org") for name in ("Ana", "Ben"))
    hub.profiles.link(ana, "lamp-1")
    hub.profiles.link(ben, "lamp-1")
    return hub, ana, ben


def test_who_was_erased_after_a_backup_stays_erased_when_it_is_restored(tmp_path: Path):
    hub, ana, ben = at_home(tmp_path)
    archive = b"".join(snapshot(hub.store))
    kept = hub.store.get(f"customer/{ben}", "profile", "about")
    secret = hub.store.get(f"customer/{ana}", "profile", "about")["master"]
    hub.profiles.forget(ana)
    hub.store.close()
    restore(io.BytesIO(archive), tmp_path / "store", lambda at: opened(tmp_path, at), NOON_MS)
    hub = Hub(opened(tmp_path))
    hub.profiles.finish()
    assert [row["name"] for row in hub.profiles.search()] == ["Ben"]
    assert hub.store.vaults("customer/") == [f"customer/{ben}"]
    assert hub.store.get(f"customer/{ben}", "profile", "about") == kept
    assert [one["name"] for one in hub.profiles.device("lamp-1")["people"]] == ["Ben"]
    due = hub.store.all("device/lamp-1", "outbox").values()
    assert len([row for row in due if "forget" in row]) == 1
    hub.store.close()
    for path in tmp_path.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not [word for word in (secret.encode(), b"Ana", b"ana@") if word in content]
    assert not list((tmp_path / "store").rglob(f"*{ana}*"))


def test_a_restore_cut_off_before_its_last_step_is_finished_at_the_next_start(tmp_path: Path):
    opened(tmp_path).close()
    (tmp_path / "store").rename(tmp_path / "store.ready")
    finish_restore(tmp_path / "store")
    assert [path.name for path in tmp_path.iterdir() if "store" in path.name] == ["store"]
    shutil.copytree(tmp_path / "store", tmp_path / "store.ready")
    finish_restore(tmp_path / "store")  # not acknowledged: the store that is there stays
    assert (tmp_path / "store.ready").exists()


def test_a_backup_of_other_keys_is_refused(tmp_path: Path):
    here, there = tmp_path / "here", tmp_path / "there"
    for root in (here, there):
        store = opened(root)
        store.commit([Put("hub", "t", "k", {"at": root.name})])
        if root is there:
            archive = b"".join(snapshot(store))
        store.close()
    with pytest.raises(StoreError, match="is not the folder of its keys"):
        restore(io.BytesIO(archive), here / "store", lambda at: opened(here, at), 0)
    store = opened(here)
    assert store.get("hub", "t", "k") == {"at": "here"}
    store.close()


# As it is used: the commands, with a hub that runs and without.


@contextlib.contextmanager
def running(settings: Settings):
    """The hub of these settings on its port, in a thread."""
    (settings.data).mkdir()
    (settings.data / "staff.key").write_text(KEY)
    server = uvicorn.Server(uvicorn.Config("", settings.host, settings.port, log_level="warning"))
    made: list[Parts] = []

    def serve() -> None:
        store = TinyStore(settings.data / "store", settings.data / "keys")
        access = Access(KEY, lambda: NOON_MS, os.urandom)
        parts = Parts(store, MemoryLink(), {"lamp": LAMP}, lambda: NOON_MS, Dice(), access)
        server.config.app = create_app(parts)
        made.append(parts)
        server.run()

    thread = threading.Thread(target=serve)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the hub does not start"
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def test_a_hub_that_runs_is_backed_up_over_http_and_restored_when_it_is_stopped(tmp_path: Path):
    settings = Settings(data=tmp_path / "data", port=free_port())
    out = Console(file=io.StringIO())
    with running(settings):
        answer = httpx2.post(
            f"http://127.0.0.1:{settings.port}/api/customers",
            json={"name": "Ana"},
            headers={"Authorization": f"Bearer {KEY}"},
        )
        ana = answer.json()["id"]
        made = back_up(tmp_path, settings, out)
        assert made.parent == tmp_path
        with pytest.raises(BackupError, match="is there already"):
            back_up(made, settings, out)
        with open(made, "rb") as archive, pytest.raises(StoreError, match="in use"):
            restore(archive, settings.data / "store", lambda at: opened(tmp_path, at), 0)
    again = back_up(tmp_path / "stopped.tar", settings, out)  # the store itself
    for source in (made, again):
        shutil.rmtree(settings.data / "store")
        bring_back(source, settings, out)
        store = TinyStore(settings.data / "store", settings.data / "keys")
        assert store.vaults("customer/") == [f"customer/{ana}"]
        store.close()
    assert not list(tmp_path.glob("*.new"))


def test_a_hub_without_a_disk_has_nothing_to_back_up(tmp_path: Path):
    access = Access(KEY, lambda: NOON_MS, os.urandom)
    parts = Parts(MemoryStore(), MemoryLink(), {}, lambda: NOON_MS, Dice(), access)
    with TestClient(create_app(parts)) as client:
        answer = client.get("/api/backup", headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 409
    with pytest.raises(BackupError, match="there is no store"):
        back_up(tmp_path / "b.tar", Settings(data=tmp_path), Console(file=io.StringIO()))
