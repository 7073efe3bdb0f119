"""The store's keys by themselves, and what sealing by them promises."""

import os
import shutil
from pathlib import Path

import pytest

from hub.store import Put, StoreError
from hub.store.keyring import ErasedError, Keyring
from hub.store.master import master_key
from hub.store.tiny import TinyStore
from hub.store.wal import Log, rewrite

MASTER, OTHER = bytes(range(32)), bytes(32)


def reopened(keyring: Keyring, folder: Path, master: bytes = MASTER) -> Keyring:
    keyring.close()
    return Keyring(folder, master)


def test_what_was_sealed_is_unsealed_after_a_restart_as_the_same_thing_only(tmp_path: Path):
    keyring = Keyring(tmp_path, MASTER)
    keyring.ensure(["customer/a", "hub", "customer/a"])
    sealed = keyring.seal("customer/a", b"warm", b"what")
    keyring = reopened(keyring, tmp_path)
    assert keyring.has("customer/a") and not keyring.has("customer/b")
    assert keyring.unseal(sealed, b"what") == b"warm"
    with pytest.raises(StoreError, match="tampered"):
        keyring.unseal(sealed, b"something else")
    with pytest.raises(StoreError, match="tampered"):
        keyring.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), b"what")
    keyring.close()


def test_a_destroyed_key_is_gone_from_the_disk_and_a_new_one_of_that_name_is_another(
    tmp_path: Path,
):
    keyring = Keyring(tmp_path, MASTER)
    keyring.ensure(["customer/a", "customer/b"])
    sealed = keyring.seal("customer/a", b"warm", b"")
    kept = keyring.seal("customer/b", b"cold", b"")
    before = (tmp_path / "slots").read_bytes()
    keyring.destroy("customer/a")
    keyring.destroy("customer/a")
    after = (tmp_path / "slots").read_bytes()
    assert after == bytes(64) + before[64:]
    assert keyring.erased() == {"customer/a"}
    for _ in range(2):
        with pytest.raises(ErasedError):
            keyring.unseal(sealed, b"")
        assert keyring.unseal(kept, b"") == b"cold"
        keyring = reopened(keyring, tmp_path)
    keyring.ensure(["customer/a"])
    assert keyring.erased() == set()
    with pytest.raises(ErasedError):
        keyring.unseal(sealed, b"")
    keyring.close()


def test_an_erasure_that_was_cut_off_is_finished_at_the_next_start(tmp_path: Path):
    keyring = Keyring(tmp_path, MASTER)
    keyring.ensure(["customer/a"])
    slots = (tmp_path / "slots").read_bytes()
    keyring.destroy("customer/a")
    keyring.close()
    (tmp_path / "slots").write_bytes(slots)  # the power went before it was overwritten
    Keyring(tmp_path, MASTER).close()
    assert not any((tmp_path / "slots").read_bytes())


def test_the_keys_do_not_lie_open_in_their_folder(tmp_path: Path):
    made: list[bytes] = []
    keyring = Keyring(tmp_path, MASTER)
    draw, os.urandom = os.urandom, lambda size: made.append(draw(size)) or made[-1]
    try:
        keyring.ensure(["customer/a"])
    finally:
        os.urandom = draw
    keyring.close()
    key = next(drawn for drawn in made if len(drawn) == 32)
    assert not [path for path in tmp_path.iterdir() if key in path.read_bytes()]


def test_another_master_key_is_told_apart_from_damage(tmp_path: Path):
    keyring = Keyring(tmp_path, MASTER)
    with pytest.raises(StoreError, match="put back the file `master`"):
        reopened(keyring, tmp_path, OTHER)


def test_what_foreign_keys_sealed_is_not_taken_for_erased(tmp_path: Path):
    keyring, foreign = Keyring(tmp_path / "a", MASTER), Keyring(tmp_path / "b", MASTER)
    for one in (keyring, foreign):
        one.ensure(["hub", "customer/a"])
    keyring.destroy("customer/a")
    with pytest.raises(StoreError, match="is not the folder of its keys"):
        keyring.unseal(foreign.seal("customer/a", b"", b""), b"")
    keyring.close()
    foreign.close()


def test_a_rotten_key_is_named_and_the_others_work(tmp_path: Path):
    keyring = Keyring(tmp_path, MASTER)
    keyring.ensure(["customer/a", "customer/b"])
    sealed = {name: keyring.seal(name, b"warm", b"") for name in ("customer/a", "customer/b")}
    keyring.close()
    slots = bytearray((tmp_path / "slots").read_bytes())
    slots[20] ^= 1
    (tmp_path / "slots").write_bytes(slots)
    keyring = Keyring(tmp_path, MASTER)
    with pytest.raises(StoreError, match=r"key 0 in .* is damaged: put back a copy"):
        keyring.unseal(sealed["customer/a"], b"")
    assert keyring.unseal(sealed["customer/b"], b"") == b"warm"
    keyring.close()


def test_the_master_key_is_made_once_and_for_its_owner_only(tmp_path: Path):
    key = master_key(tmp_path)
    assert master_key(tmp_path) == key == master_key(tmp_path, key.hex())
    assert (tmp_path / "master").stat().st_mode & 0o777 == 0o600
    (tmp_path / "master").chmod(0o640)
    with pytest.raises(StoreError, match="chmod 600"):
        master_key(tmp_path)


@pytest.mark.parametrize("given", ["", "00", "x" * 64, "00" * 33])
def test_what_is_no_master_key_is_said_to_be_none(tmp_path: Path, given: str):
    with pytest.raises(StoreError, match="RAPPORT_MASTER_KEY is no key of 64 hex digits"):
        master_key(tmp_path, given)


# The store that lives by them.


def filled(folder: Path) -> TinyStore:
    store = TinyStore(folder)
    store.commit(
        [
            Put("customer/c-ana", "profile", "about", {"name": "Ana Secret"}),
            Put("customer/c-ben", "profile", "about", {"name": "Ben Secret"}),
            Put("directory/001", "customer", "c-ana", {"name": "Ana Secret"}),
            Put("directory/001", "customer", "c-ben", {"name": "Ben Secret"}),
            Put("device/lamp-1", "state", "sync", {"name": "Lamp Secret"}),
        ]
    )
    return store


def test_nothing_can_be_read_in_files_and_log(tmp_path: Path):
    store = filled(tmp_path)
    for _ in range(2):
        for path in tmp_path.rglob("*"):
            assert not path.is_file() or b"Secret" not in path.read_bytes()
        store._settle_all()
    store.close()


def test_a_dropped_customer_cannot_be_read_in_old_copies_and_the_others_can(tmp_path: Path):
    folder, copies = tmp_path / "store", [tmp_path / "log only", tmp_path / "settled"]
    store = filled(folder)
    shutil.copytree(folder, copies[0])
    store.close()
    store = TinyStore(folder)
    shutil.copytree(folder, copies[1])
    store.drop("customer/c-ana")
    assert store.erased() == {"customer/c-ana"}
    assert not list(folder.rglob("*c-ana*"))
    store.close()
    for copy in (*copies, folder):
        store = TinyStore(copy, folder.with_name("store.keys"))
        assert store.vaults("customer/") == ["customer/c-ben"]
        assert list(store.all("directory/001", "customer")) == ["c-ben"]
        assert store.get("device/lamp-1", "state", "sync") == {"name": "Lamp Secret"}
        store.close()


def test_without_its_keys_a_store_does_not_open_and_says_what_to_put_back(tmp_path: Path):
    filled(tmp_path / "store").close()
    (tmp_path / "store.keys").rename(tmp_path / "away")
    with pytest.raises(StoreError, match=r"put the folder .*store\.keys back"):
        TinyStore(tmp_path / "store")
    assert not (tmp_path / "store.keys").exists()
    (tmp_path / "away").rename(tmp_path / "store.keys")
    (tmp_path / "store.keys/master").unlink()
    with pytest.raises(StoreError, match="master is missing: put it back"):
        TinyStore(tmp_path / "store")


def test_a_vault_in_the_place_of_another_is_not_taken_for_it(tmp_path: Path):
    filled(tmp_path / "store").close()
    ana, ben = (next((tmp_path / "store").rglob(f"*c-{name}.json")) for name in ("ana", "ben"))
    ben.write_bytes(ana.read_bytes())
    store = TinyStore(tmp_path / "store")
    with pytest.raises(StoreError, match=r"c-ben\.json: it is damaged, or was tampered with"):
        store.get("customer/c-ben", "profile", "about")
    store.close()


def test_the_log_of_an_earlier_version_is_read_and_its_names_are_sealed_from_then_on(
    tmp_path: Path,
):
    keyring = Keyring(tmp_path, MASTER)
    keyring.ensure(["customer/a", "customer/b"])
    sealed = keyring.seal("customer/b", b"cold", b"")
    keyring.close()
    begun = next(Log(tmp_path / "log").bodies())
    rewrite(tmp_path / "log", [begun, b"Kcustomer/a\ncustomer/b", b"Dcustomer/a"])
    for _ in range(2):
        keyring = Keyring(tmp_path, MASTER)
        assert (keyring.erased(), keyring.has("customer/b")) == ({"customer/a"}, True)
        assert keyring.unseal(sealed, b"") == b"cold"
        keyring.close()
        assert b"customer" not in (tmp_path / "log").read_bytes()
