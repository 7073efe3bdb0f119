"""The embedded default: one TinyDB database a vault, all behind one write-ahead log.

    store = TinyStore(Path("rapport-data/store"))

A commit is one synced append to the log, however many vaults there are. The vaults it touches
change in memory. When the log has grown long, it becomes the old log and a new one begins; each
commit from then on settles a few of the vaults of the old log in their files, and when all are, the
old log goes. So no commit waits for all of them. A commit replayed over a file that has it already
changes nothing: what a power cut leaves, wherever it falls, is made good by replaying both logs.

    log, log.old                      commits that not all files have yet
    vaults/3/customer=c-7f3a.json     {"table": {"key": document}}, one TinyDB database
"""

import contextlib
import itertools
import logging
import shutil
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import orjson

from hub import durable
from hub.store import Document, Put, StoreError, check_vault, decode, encode
from hub.store.lock import FolderLock
from hub.store.vault import Vault
from hub.store.wal import Log

_logger = logging.getLogger(__name__)

_FORMAT = b"1\n"
_TOGETHER = 200  # vaults written between two syncs: bounds memory
_SETTLED_A_PUT = 2  # a log's vaults are settled well before the next one is as long


class TinyStore:
    """Implements hub.store.Store in `folder`. Good for tens of thousands of customers, one process.

    At most `most_open` vaults that are as their files stay in memory, the least recently used goes
    first; those changed stay until they are settled. The log turns when it passes `log_bytes`.
    Below `spare_bytes` of free disk nothing is committed but removals.

    Raises StoreError when the folder is in use, damaged, of a later version or on a full disk.
    """

    def __init__(
        self,
        folder: Path,
        *,
        most_open: int = 1000,
        log_bytes: int = 4 << 20,
        spare_bytes: int = 64 << 20,
    ) -> None:
        self._folder, self._files = folder, folder / "vaults"
        self._most_open, self._log_bytes, self._spare_bytes = most_open, log_bytes, spare_bytes
        self._changed: dict[str, Vault] = {}  # by commits in the log
        self._settling: dict[str, Vault] = {}  # by commits in the old log
        self._unchanged: OrderedDict[str, Vault] = OrderedDict()
        try:
            self._start()
        except OSError as error:
            raise StoreError(f"cannot open {folder}: {error}") from error

    def get(self, vault: str, table: str, key: str) -> Document | None:
        check_vault(vault)
        if vault not in self._names:
            return None
        found = self._vault(vault).table(table).get(doc_id=key)  # type: ignore[arg-type]
        return None if found is None else orjson.loads(orjson.dumps(found))

    def all(self, vault: str, table: str) -> dict[str, Document]:
        check_vault(vault)
        if vault not in self._names:
            return {}
        documents = {str(document.doc_id): document for document in self._vault(vault).table(table)}
        return orjson.loads(orjson.dumps(dict(sorted(documents.items()))))

    def vaults(self, prefix: str = "") -> list[str]:
        return sorted(name for name in self._names if name.startswith(prefix))

    def commit(self, puts: Sequence[Put]) -> None:
        if not puts:
            return
        commit = encode(puts)
        if any(put.document is not None for put in puts):  # a full disk never stops an erasure
            self._check_space()
        vaults = self._vaults_of(puts)  # before the log: what cannot be read fails now
        self._log.append(commit)
        self._apply(decode(commit), vaults)
        self._tidy(_SETTLED_A_PUT * len(puts))

    def drop(self, vault: str) -> None:
        """As the port says; and no file of the store has a byte of the vault left in it."""
        check_vault(vault)
        if vault not in self._names:
            return
        tables = self._vault(vault).storage.read() or {}
        self.commit([Put(vault, table, key, None) for table in tables for key in tables[table]])
        self._settle_all()

    def close(self) -> None:
        """Settle all, so that the next start is quick. Raises StoreError; nothing is lost then."""
        try:
            self._settle_all()
        finally:
            self._log.close()
            self._lock.release()

    def _start(self) -> None:
        durable.make_folder(self._files)
        self._check_space()
        with contextlib.ExitStack() as undo:
            self._lock = FolderLock(self._folder)
            undo.callback(self._lock.release)
            self._check_format()
            self._names = self._find_names()
            self._log = Log(self._folder / "log")
            undo.callback(self._log.close)
            self._replay()
            undo.pop_all()

    def _replay(self) -> None:
        for commit in self._log.bodies():
            puts = decode(commit)
            self._apply(puts, self._vaults_of(puts))
        if self._log.has_old:
            self._settling, self._changed = self._changed, {}
            self._settle(len(self._settling))

    def _check_space(self) -> None:
        free_bytes = shutil.disk_usage(self._folder).free
        if free_bytes < self._spare_bytes:
            raise StoreError(
                f"only {free_bytes >> 20} MB are free below {self._folder},"
                f" {self._spare_bytes >> 20} MB are needed"
            )

    def _check_format(self) -> None:
        path = self._folder / "format"
        if not path.exists():
            durable.replace(path, _FORMAT)
        if path.read_bytes() != _FORMAT:
            raise StoreError(f"{self._folder} was written by another version of Rapport")

    def _find_names(self) -> set[str]:
        for unfinished in self._files.glob("*/*.new"):
            unfinished.unlink()  # begun when the power was cut
        return {path.stem.replace("=", "/") for path in self._files.glob("*/*.json")}

    def _vaults_of(self, puts: Sequence[Put]) -> dict[str, Vault]:
        return {name: self._vault(name) for name in {put.vault for put in puts}}

    def _apply(self, puts: list[Put], vaults: dict[str, Vault]) -> None:
        for put in puts:
            vault = vaults[put.vault]
            vault.put(put.table, put.key, put.document)
            if vault.storage.read():
                self._names.add(put.vault)
            else:
                self._names.discard(put.vault)
        self._changed.update(vaults)
        for name in vaults:
            self._unchanged.pop(name, None)

    def _vault(self, name: str) -> Vault:
        if vault := self._changed.get(name) or self._settling.get(name):
            return vault
        vault = self._unchanged.pop(name, None)
        if vault is None:
            vault = Vault(self._path(name))
        self._unchanged[name] = vault  # the most recently used is the last
        self._forget_least_used()
        return vault

    def _forget_least_used(self) -> None:
        while len(self._unchanged) > self._most_open:
            self._unchanged.popitem(last=False)

    def _tidy(self, most: int) -> None:
        """Settle up to `most` vaults and turn the log when it is long.

        The commit before is safe in the log already: a failure here is not the caller's, and the
        next commit tries again.
        """
        try:
            self._settle(most)
            if self._log.size > self._log_bytes:
                self._turn()
        except StoreError:
            _logger.exception("the log of %s grows on", self._folder)

    def _settle_all(self) -> None:
        self._turn()
        self._settle(len(self._settling))

    def _turn(self) -> None:
        self._settle(len(self._settling))
        if not self._log.size:
            return
        self._settling, self._changed = self._changed, {}
        try:
            self._log.turn()
        except OSError as error:
            raise StoreError(f"cannot turn the log of {self._folder}: {error}") from error

    def _settle(self, most: int) -> None:
        """Write `most` of the vaults that wait for it; with the last of them the old log goes."""
        names = list(itertools.islice(self._settling, most))
        try:
            for first in range(0, len(names), _TOGETHER):
                self._settle_together(names[first : first + _TOGETHER])
            if not self._settling:
                self._log.forget_old()
        except OSError as error:
            raise StoreError(f"cannot settle {self._folder}: {error}") from error
        self._forget_least_used()

    def _settle_together(self, names: list[str]) -> None:
        _write([self._settling[name] for name in names])
        for name in names:
            vault = self._settling.pop(name)
            if name not in self._changed:
                self._unchanged[name] = vault

    def _path(self, name: str) -> Path:
        shard = f"{zlib.crc32(name.encode()) & 0xF:x}"  # few: each is synced when a file changes
        return self._files / shard / (name.replace("/", "=") + ".json")


def _write(vaults: list[Vault]) -> None:
    """Replace the files of these vaults; a vault with nothing in it has none."""
    for folder in {vault.path.parent for vault in vaults}:
        durable.make_folder(folder)
    durable.replace_all([(vault.path, vault.content()) for vault in vaults if vault.storage.read()])
    for vault in vaults:
        if not vault.storage.read():
            durable.remove(vault.path)
