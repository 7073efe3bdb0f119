"""The vaults of a store in memory: those the logs are ahead of, and some others lately used."""

import contextlib
import itertools
import os
import sys
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

from hub import durable
from hub.store import Put
from hub.store.keyring import Keyring
from hub.store.settling import Settling
from hub.store.text import Written
from hub.store.vault import Vault, place_of, settle

_TOGETHER = 1000  # vaults written between two syncs: bounds memory


class Vaults:
    """At most `most_open` vaults that are as their files stay, the least recently used goes first.

    Those changed stay until they are settled. `names` are those with something in them. What reads
    or writes files raises StoreError or OSError.
    """

    def __init__(self, files: Path, keyring: Keyring, disk: Settling, most_open: int) -> None:
        self._files, self._keyring, self._disk, self._most_open = files, keyring, disk, most_open
        self._changed: dict[str, Vault] = {}  # by commits in the log
        self._settling: dict[str, Vault] = {}  # by commits in the old log
        self._unchanged: OrderedDict[str, Vault] = OrderedDict()
        self.names = self._find_names()

    @property
    def waiting(self) -> int:
        """How many are to be settled before the old log can go."""
        return len(self._settling)

    @property
    def changed(self) -> int:
        """How many the log is ahead of, and the old log is not."""
        return len(self._changed)

    @property
    def open(self) -> int:
        return len(self._changed.keys() | self._settling.keys() | self._unchanged.keys())

    def get(self, name: str) -> Vault:
        if vault := self._changed.get(name) or self._settling.get(name):
            return vault
        vault = self._unchanged.pop(name, None)
        if vault is None:
            vault = Vault(self._files, name, self._keyring)
        self._unchanged[name] = vault  # the most recently used is the last
        self._forget_least_used()
        return vault

    def read_ahead(self, names: Iterable[str]) -> None:
        """Let the disk begin to read these vaults, all at once, as far as it must.

        One alone is read as soon by whoever wants it.
        """
        cold = [
            name
            for name in self.names.intersection(names)
            if not (name in self._changed or name in self._settling or name in self._unchanged)
        ]
        for name in cold if len(cold) > 1 else ():
            with contextlib.suppress(OSError):  # who reads it will say so
                durable.read_ahead(f"{self._files}/{place_of(name)}")

    def of(self, puts: Iterable[Put | Written]) -> dict[str, Vault]:
        return {name: self.get(name) for name in {put.vault for put in puts}}

    def apply(self, puts: Iterable[Written], vaults: dict[str, Vault]) -> list[bytes | None]:
        """Change these vaults as the log has it now; what was there before each put."""
        before: list[bytes | None] = []
        for put in puts:
            vault = vaults[put.vault]
            tables = vault.storage.read() or {}
            before.append(tables.get(put.table, {}).get(put.key))
            vault.put(put.table, put.key, put.text)
            if vault.storage.read():
                self.names.add(sys.intern(put.vault))
            else:
                self.names.discard(put.vault)
        for name, vault in vaults.items():
            self._changed[name] = vault
            self._unchanged.pop(name, None)
        return before

    def turn(self) -> None:
        """The log has become the old log."""
        self._settling, self._changed = self._changed, {}

    def settle(self, most: int) -> None:
        """Bring the files of up to `most` vaults to where the old log is, or beyond.

        With the last of those that wait all files are durable.
        """
        names = list(itertools.islice(self._settling, most))
        for first in range(0, len(names), _TOGETHER):
            self._settle_together(names[first : first + _TOGETHER])
        if not self._settling:
            self._disk.sync()
        self._forget_least_used()

    def erase(self, name: str) -> None:
        """Take a vault out of memory and names, then remove its file."""
        self.names.discard(name)
        for vaults in (self._changed, self._settling, self._unchanged):
            vaults.pop(name, None)
        durable.remove(self._files / place_of(name))

    def _settle_together(self, names: list[str]) -> None:
        settle(self._files, [self._settling[name] for name in names], self._disk)
        for name in names:
            vault = self._settling.pop(name)
            if name not in self._changed:
                self._unchanged[name] = vault

    def _forget_least_used(self) -> None:
        while len(self._unchanged) > self._most_open:
            self._unchanged.popitem(last=False)

    def _find_names(self) -> set[str]:
        """The vaults that have files. What was begun or erased when the power was cut, goes."""
        names, erased = set(), self._keyring.erased()
        for shard in os.scandir(self._files):
            gone = False
            for file in os.scandir(shard):
                stem, _, end = file.name.rpartition(".")
                name = stem.replace("=", "/")
                if end != "json" or name in erased:
                    os.unlink(file.path)
                    gone = True
                else:
                    names.add(sys.intern(name))
            if gone:
                durable.sync_folder(Path(shard.path))
        return names
