"""The master key, which wraps all others: from the environment, or from a file of its own."""

import os
import stat
from pathlib import Path

from hub import durable
from hub.store import StoreError
from hub.store.keyring import KEY_BYTES


def master_key(keys: Path, given: str | None = None) -> bytes:
    """The key in `given` (64 hex digits), else that in the file `master` of the folder `keys`.

    The file is made where there are no keys yet. Raises StoreError for what is no key, for a file
    that others can read, and for one that is missing.
    """
    if given is not None:
        return _parse(given, "RAPPORT_MASTER_KEY")
    path = keys / "master"
    try:
        if not path.exists():
            _make(path)
        _check_closed(path)
        return _parse(path.read_text(), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"cannot read the master key: {error}") from error


def _make(path: Path) -> None:
    if (path.parent / "slots").exists():
        raise StoreError(
            f"{path} is missing: put it back, or set RAPPORT_MASTER_KEY to what it was"
        )
    durable.make_folder(path.parent)
    durable.replace(path, os.urandom(KEY_BYTES).hex().encode())


def _check_closed(path: Path) -> None:
    if os.name != "nt" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise StoreError(f"{path} can be read by others: chmod 600 {path}")


def _parse(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise StoreError(f"{where} is no key of {2 * KEY_BYTES} hex digits")
    return key
