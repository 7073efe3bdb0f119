"""A backup put in the place of the store, with every erasure since then done again.

Who was erased is known from the keyring, which is in no backup: their key is destroyed, so what
the backup holds of them cannot be read. What devices know of them is not sealed by it: they are
told again to forget.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO

from hub import durable
from hub.devices.device import Device
from hub.devices.outbox import Outbox
from hub.draft import Draft
from hub.people.directory import FORGOTTEN, move_in, place
from hub.privacy.traces import sweep, sweep_device
from hub.store import Store
from hub.store.backup import unpack
from hub.store.lock import FolderLock
from hub.store.tiny import TinyStore

_GENERATION = 1


def restore(
    archive: IO[bytes],
    folder: Path,
    opened: Callable[[Path], TinyStore],
    now_ms: int,
    seen: Callable[[], None] = lambda: None,
) -> None:
    """Put a backup in the place of the store in `folder`, which stays beside it as FOLDER.before.

    opened(folder) opens a store with the keys; seen() is called for each file. Raises StoreError
    or OSError with the store as it was: when it is in use, or the backup is not whole or not of
    these keys.
    """
    new, before = _beside(folder, "new"), _beside(folder, "before")
    finish_restore(folder)
    if folder.exists():
        FolderLock(folder).release()
    for left in (new, _beside(folder, "ready")):
        shutil.rmtree(left, ignore_errors=True)
    try:
        unpack(archive, new, seen)
        _check(opened(new), now_ms, seen)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    shutil.rmtree(before, ignore_errors=True)
    new.rename(_beside(folder, "ready"))
    durable.sync_folder(folder.parent)  # from here on it will be done, if need be at the next start
    if folder.exists():
        folder.rename(before)
    finish_restore(folder)


def finish_restore(folder: Path) -> None:
    """Take a restore to its end that was cut off when all but the last name was in place."""
    ready = _beside(folder, "ready")
    if ready.exists() and not folder.exists():
        ready.rename(folder)
        durable.sync_folder(folder.parent)


def _beside(folder: Path, what: str) -> Path:
    return folder.with_name(f"{folder.name}.{what}")


def forget_again(store: Store, erased: set[str], now_ms: int) -> None:
    """Tell devices to forget the customers of these vaults, as far as they know them."""
    customers = {name.removeprefix("customer/") for name in erased}
    draft, devices = Draft(store), store.vaults("device/")
    sweep(draft, store, customers, [])
    draft.commit()
    for vault in devices:
        draft = Draft(store)
        device = Device(draft, vault.removeprefix("device/"))
        sweep_device(draft, customers, device.id)
        for subject, customer in device.people().items():
            if customer in customers:
                device.forget(subject, now_ms)
                Outbox(draft, device).forget(subject, _GENERATION)
                draft.put(*place(FORGOTTEN, customer), {"at_ms": now_ms})
        draft.commit()


def _check(store: TinyStore, now_ms: int, seen: Callable[[], None]) -> None:
    """Read all of a store, so that what is damaged is known before it takes the other's place."""
    try:
        for vault in store.vaults():
            store.all(vault, "")
            seen()
        move_in(store)
        forget_again(store, store.erased(), now_ms)
    finally:
        store.close()
