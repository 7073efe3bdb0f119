"""Of which format a store's folder is, and how one of an earlier format becomes one of this.

1    as 2, but nothing is sealed
2    log frames and vaults are sealed
3    a vault that is written has a line for each document; those that are not stay as they are
"""

import contextlib
import logging
from pathlib import Path

from hub import durable
from hub.store import StoreError, decode
from hub.store.keyring import Keyring
from hub.store.sealed import owner
from hub.store.settling import Settling
from hub.store.text import written
from hub.store.vault import Vault, settle
from hub.store.wal import Log

FORMAT = 3
SEALED = (2, 3)  # these have keys

_logger = logging.getLogger(__name__)
_TOGETHER = 200  # vaults written between two syncs: bounds memory


def read_format(folder: Path) -> int | None:
    """The format of the store there; None where none has begun. Raises StoreError, OSError."""
    try:
        found = (folder / "format").read_bytes()
    except FileNotFoundError:
        return None
    if not found.strip().isdigit():
        raise StoreError(f"{folder / 'format'} is damaged: restore a backup")
    if int(found) > FORMAT:
        raise StoreError(
            f"{folder} was written by a later version of Rapport, in format {int(found)}; this one"
            f" knows {FORMAT}: update Rapport"
        )
    return int(found)


def write_format(folder: Path) -> None:
    durable.replace(folder / "format", b"%d\n" % FORMAT)


def migrate(folder: Path, keyring: Keyring) -> None:
    """From 1 or 2 to 3. Interrupted, it can be done again. Raises StoreError, OSError."""
    if read_format(folder) == 1:
        _logger.warning("%s is sealed; this is done once", folder)
        _seal_all(folder, keyring)
    write_format(folder)


def _seal_all(folder: Path, keyring: Keyring) -> None:
    with contextlib.ExitStack() as opened:
        log = Log(folder / "log")
        opened.callback(log.close)
        settling = Settling(folder / "settling", folder / "vaults")
        opened.callback(settling.close)
        _seal(folder / "vaults", keyring, log, settling)
        log.forget_old()
    durable.remove(folder / "log")  # all it says is in the files


def _seal(files: Path, keyring: Keyring, log: Log, settling: Settling) -> None:
    changed: dict[str, Vault] = {}

    def vault(name: str) -> Vault:
        return changed.get(name) or Vault(files, name, keyring, plain=True)

    for body in log.bodies():
        for put in written(decode(body)):
            changed[put.vault] = vault(put.vault)
            changed[put.vault].put(put.table, put.key, put.text)
    names = {path.stem.replace("=", "/") for path in files.glob("*/*.json")} | set(changed)
    for some in _in_groups(sorted(names)):
        vaults = [vault(name) for name in some]
        keyring.ensure(owner(name, "", "") for name in some)
        settle(files, vaults, settling)
    settling.sync()


def _in_groups(names: list[str]) -> list[list[str]]:
    return [names[first : first + _TOGETHER] for first in range(0, len(names), _TOGETHER)]
