"""Of which format a store's folder is, and how one of an earlier format becomes one of this.

1    as 2, but nothing is sealed
2    log frames and vaults are sealed
"""

import logging
from pathlib import Path

from hub import durable
from hub.store import StoreError, decode
from hub.store.keyring import Keyring
from hub.store.sealed import owner
from hub.store.spares import Spares
from hub.store.vault import Vault, path_of, write
from hub.store.wal import Log

FORMAT = 2

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
    """From 1 to 2. Whenever it is interrupted, it can be done again. Raises StoreError, OSError."""
    _logger.warning("%s is sealed; this is done once", folder)
    log = Log(folder / "log")
    try:
        _seal(folder / "vaults", keyring, log)
        log.forget_old()
    finally:
        log.close()
    durable.remove(folder / "log")  # all it says is in the files
    write_format(folder)


def _seal(files: Path, keyring: Keyring, log: Log) -> None:
    changed: dict[str, Vault] = {}

    def vault(name: str) -> Vault:
        return changed.get(name) or Vault(path_of(files, name), name, keyring, plain=True)

    for body in log.bodies():
        for put in decode(body):
            changed[put.vault] = vault(put.vault)
            changed[put.vault].put(put.table, put.key, put.document)
    spares = Spares()
    names = {path.stem.replace("=", "/") for path in files.glob("*/*.json")} | set(changed)
    for some in _in_groups(sorted(names)):
        vaults = [vault(name) for name in some]
        keyring.ensure(owner(name, "", "") for name in some)
        write(vaults, spares)
    spares.sync()


def _in_groups(names: list[str]) -> list[list[str]]:
    return [names[first : first + _TOGETHER] for first in range(0, len(names), _TOGETHER)]
