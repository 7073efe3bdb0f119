from pathlib import Path

import pytest

from hub.store import StoreError
from hub.store.inbox import Inbox
from hub.store.keyring import Keyring
from hub.store.master import master_key
from hub.store.tiny import TinyStore


def said(number: int, size: int = 10) -> tuple[str, str, bytes]:
    return f"lamp-{number}", "events", number.to_bytes(4, "big") * size


def opened(folder: Path, folded: int = 0) -> tuple[TinyStore, Inbox, list]:
    store = TinyStore(folder / "store")
    inbox = store.inbox()
    return store, inbox, inbox.begin(folded)


def test_what_was_not_folded_is_there_after_a_restart(tmp_path: Path):
    store, inbox, left = opened(tmp_path)
    assert left == []
    assert inbox.add([said(1), said(2)]) == 1
    assert inbox.add([said(3)]) == 3
    store.close()
    store, inbox, left = opened(tmp_path, folded=1)
    assert left == [(2, said(2)), (3, said(3))]
    assert inbox.add([said(4)]) == 4
    store.close()


def test_nothing_is_left_on_the_disk_of_what_is_folded(tmp_path: Path):
    store, inbox, _ = opened(tmp_path)
    inbox.add([said(1), said(2)])
    inbox.done(1)
    assert (tmp_path / "store" / "inbox").stat().st_size > 0
    inbox.done(2)
    assert not (tmp_path / "store" / "inbox").stat().st_size
    assert not (tmp_path / "store" / "inbox.old").exists()
    assert inbox.add([said(3)]) == 3
    store.close()
    store, _, left = opened(tmp_path, folded=2)
    assert left == [(3, said(3))]
    store.close()


def test_while_more_always_comes_what_is_folded_goes_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("hub.store.inbox._TURN_BYTES", 2_000)
    store, inbox, _ = opened(tmp_path)
    most = 0
    for number in range(1, 300):
        inbox.add([said(number)])
        inbox.done(number - 5)
        files = (tmp_path / "store").glob("inbox*")
        most = max(most, sum(path.stat().st_size for path in files))
    assert most < 8_000
    store.close()
    store, _, left = opened(tmp_path, folded=294)
    assert left == [(number, said(number)) for number in range(295, 300)]
    store.close()


def test_what_was_being_written_when_the_power_went_is_not_there(tmp_path: Path):
    store, inbox, _ = opened(tmp_path)
    inbox.add([said(1)])
    inbox.add([said(2)])
    store.close()
    path = tmp_path / "store" / "inbox"
    path.write_bytes(path.read_bytes()[:-1])
    store, _, left = opened(tmp_path)
    assert left == [(1, said(1))]
    store.close()


def test_nobody_reads_in_it_who_has_not_the_keys(tmp_path: Path):
    store, inbox, _ = opened(tmp_path)
    inbox.add([said(1)])
    store.close()
    assert b"lamp-1" not in (tmp_path / "store" / "inbox").read_bytes()
    (tmp_path / "others").mkdir()
    keyring = Keyring(tmp_path / "others", master_key(tmp_path / "others", None))
    stranger = Inbox(tmp_path / "store", keyring, lambda: None)
    with pytest.raises(StoreError, match="keys"):
        stranger.begin(0)
    stranger.close()
    keyring.close()


def test_on_a_full_disk_nothing_is_taken(tmp_path: Path):
    store = TinyStore(tmp_path / "store")
    inbox = store.inbox()
    inbox.begin(0)
    store._spare_bytes = 1 << 60
    with pytest.raises(StoreError, match="MB are"):
        inbox.add([said(1)])
    store.close()
