"""The embedded default: one TinyDB database a vault, all behind one write-ahead log, all sealed.

    store = TinyStore(Path("rapport-data/store"), Path("rapport-data/keys"))

A commit is one synced append to the log, however many vaults there are. The vaults it touches
change in memory. When the log has grown long, it becomes the old log and a new one begins; the
commits from then on settle some of the vaults of the old log in their files, and when all are, the
old log goes. So no commit waits for all of them. A commit replayed over a file that has it already
changes nothing: what a power cut leaves, wherever it falls, is made good by replaying both logs.

    format                            of this folder: see hub/store/format.py
    log, log.old                      commits that not all files have yet
    inbox, inbox.old                  what devices said, not folded yet: see hub/store/inbox.py
    vaults/3/customer=c-7f3a.json     one TinyDB database: its documents, one a line
    settling                          what such files will hold: see hub/store/settling.py

Whatever is in log and vaults is sealed by the keys of those whom it is about (hub/store/sealed.py).
"""

import contextlib
import logging
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from hub import durable
from hub.store import Act, Document, Put, Seen, StoreError, Watchers, check_vault, decode, text
from hub.store.format import FORMAT, SEALED, migrate, read_format, write_format
from hub.store.inbox import Inbox
from hub.store.keyring import Keyring
from hub.store.lock import FolderLock
from hub.store.master import master_key
from hub.store.sealed import HUB, PREFIX, owner, seal, unseal
from hub.store.settling import Settling
from hub.store.text import Written, written
from hub.store.vaults import Vaults
from hub.store.wal import Log

_logger = logging.getLogger(__name__)

_SETTLED_EACH = 2  # for each vault changed: all are settled well before the log turns again
_TOGETHER = 128  # vaults settled at once: together they cost a third, and none waits for long
_LOG = b"log"  # as what its frames are sealed


class TinyStore:
    """Implements hub.store.Store in `folder`. Good for 100,000s of customers, one process.

    `keys` is the folder of the data keys, by default beside it; `master` (64 hex digits) wraps
    them, by default that in the file `master` there. At most `most_open` vaults that are as their
    files stay in memory, the least recently used goes first; those changed stay until they are
    settled. The log turns when it passes `log_bytes`, or when so many have changed. Below
    `spare_bytes` of free disk nothing is committed but removals.

    Raises StoreError when the folder is in use, damaged, of a later version or on a full disk.
    """

    def __init__(
        self,
        folder: Path,
        keys: Path | None = None,
        *,
        master: str | None = None,
        most_open: int = 256,
        log_bytes: int = 4 << 20,
        spare_bytes: int = 64 << 20,
    ) -> None:
        self.folder, self._files = folder, folder / "vaults"
        self.keys = keys or folder.with_name(folder.name + ".keys")
        self._log_bytes, self._spare_bytes = log_bytes, spare_bytes
        self._most_open, self._owed = most_open, 0
        self._held, self._watchers = False, Watchers()
        self._inbox: Inbox | None = None
        try:
            self._start(master)
        except OSError as error:
            raise StoreError(f"cannot open {folder}: {error}") from error

    def get(self, vault: str, table: str, key: str) -> Document | None:
        check_vault(vault)
        if vault not in self._vaults.names:
            return None
        found = self._vaults.get(vault).table(table).get(doc_id=key)  # type: ignore[arg-type]
        return None if found is None else dict(found)

    def all(self, vault: str, table: str) -> dict[str, Document]:
        check_vault(vault)
        if vault not in self._vaults.names:
            return {}
        rows = self._vaults.get(vault).table(table)
        return dict(sorted((str(row.doc_id), dict(row)) for row in rows))

    def vaults(self, prefix: str = "") -> list[str]:
        return sorted(name for name in self._vaults.names if name.startswith(prefix))

    def commit(self, puts: Sequence[Put]) -> None:
        if not puts:
            return
        self.ahead(put.vault for put in puts)
        parts = self._parts(written(puts))
        if any(put.document is not None for put in puts):  # a full disk never stops an erasure
            self._check_space()
        vaults = self._vaults.of(puts)  # before the log: what cannot be read fails now
        self._keyring.ensure(parts)
        sealed = {name: text.encode(some) for name, some in parts.items()}
        self._log.append(seal(self._keyring, sealed, _LOG))
        done = [one for some in parts.values() for one in some]
        self._tell(done, self._vaults.apply(done, vaults))
        self._owed += _SETTLED_EACH * len(vaults)
        self._tidy()

    def act(self) -> Act:
        return self

    def ahead(self, vaults: Iterable[str]) -> None:
        """The disk begins to read them, all at once."""
        self._vaults.read_ahead(vaults)

    def drop(self, vault: str) -> None:
        """As the port says; and no file of the store has a byte of the vault left in it.

        Of a customer's, what is left cannot be read, nor in any copy: its key is destroyed.
        """
        check_vault(vault)
        if vault.startswith(PREFIX):
            self._erase(vault)
        elif vault in self._vaults.names:
            tables = self._vaults.get(vault).storage.read() or {}
            self.commit([Put(vault, table, key, None) for table in tables for key in tables[table]])
            self._settle_all()

    def inbox(self) -> Inbox:
        """For what was said and is not folded yet; it closes with the store."""
        if self._inbox is None:
            self._inbox = Inbox(self.folder, self._keyring, self._check_space)
        return self._inbox

    def watch(self, prefix: str, seen: Seen) -> None:
        self._watchers.add(prefix, seen)

    def erased(self) -> set[str]:
        """The customers' vaults that were dropped for good, in whatever backup they still are."""
        return self._keyring.erased()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Until the end no vault's file changes and the logs only grow: for one backup at a time.

        A customer's vault that is dropped meanwhile goes all the same; the file of any other goes
        when the log turns next.
        """
        if self._held:
            raise StoreError("a backup is being made already: wait for its end")
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def close(self) -> None:
        """Settle all, so that the next start is quick. Raises StoreError; nothing is lost then."""
        self._held = False
        try:
            self._settle_all()
        finally:
            self._log.close()
            self._settling.close()
            if self._inbox:
                self._inbox.close()
            self._keyring.close()
            self._lock.release()

    def _start(self, master: str | None) -> None:
        durable.make_folder(self._files)
        self._check_space()
        with contextlib.ExitStack() as undo:
            self._lock = FolderLock(self.folder)
            undo.callback(self._lock.release)
            self._keyring = self._open_keys(master)
            undo.callback(self._keyring.close)
            self._settling = Settling(self.folder / "settling", self._files)
            undo.callback(self._settling.close)
            self._vaults = Vaults(self._files, self._keyring, self._settling, self._most_open)
            self._log = Log(self.folder / "log")
            undo.callback(self._log.close)
            self._replay()
            undo.pop_all()

    def _open_keys(self, master: str | None) -> Keyring:
        found = read_format(self.folder)
        if found in SEALED and not (self.keys / "log").exists():
            raise StoreError(
                f"the keys of {self.folder} are missing: put the folder {self.keys} back"
            )
        keyring = Keyring(self.keys, master_key(self.keys, master))
        try:
            if found is None:
                write_format(self.folder)
            elif found < FORMAT:
                migrate(self.folder, keyring)
        except (OSError, StoreError):
            keyring.close()
            raise
        return keyring

    def _replay(self) -> None:
        for frame in self._log.bodies():
            for part in unseal(self._keyring, frame, _LOG):
                puts = written(decode(part))
                self._vaults.apply(puts, self._vaults.of(puts))
        if self._log.has_old:
            self._vaults.turn()
            self._settle(self._vaults.waiting)

    def _check_space(self) -> None:
        free_bytes = shutil.disk_usage(self.folder).free
        if free_bytes < self._spare_bytes:
            raise StoreError(
                f"only {free_bytes >> 20} MB are free below {self.folder},"
                f" {self._spare_bytes >> 20} MB are needed"
            )

    def _erase(self, name: str) -> None:
        try:
            self._keyring.destroy(name)
        finally:
            if not self._keyring.has(name):
                self._forget(name)

    def _forget(self, name: str) -> None:
        try:
            self._vaults.erase(name)
        except OSError as error:
            raise StoreError(f"cannot remove the file of {name}: {error}") from error

    def _tell(self, done: list[Written], before: list[bytes | None]) -> None:
        """Tell the watchers; nothing is parsed that nobody watches."""
        seen = [
            (text.put(one), text.document(was))
            for one, was in zip(done, before, strict=True)
            if self._watchers.want(one.vault)
        ]
        self._watchers.tell([put for put, _ in seen], [was for _, was in seen])

    def _parts(self, puts: list[Written]) -> dict[str, list[Written]]:
        """{owner: the puts that their key seals}; order matters within one owner's only.

        For whom there is no key and no document either, none is made.
        """
        owners = [owner(put.vault, put.table, put.key) for put in puts]
        known = {name for name, put in zip(owners, puts, strict=True) if put.text is not None}
        parts: dict[str, list[Written]] = defaultdict(list)
        for name, put in zip(owners, puts, strict=True):
            parts[name if name in known or self._keyring.has(name) else HUB].append(put)
        return parts

    def _tidy(self) -> None:
        """Settle what is owed, and turn the log when it is long or ahead of many vaults.

        The commit before is safe in the log already: a failure here is not the caller's, and the
        next commit tries again.
        """
        try:
            if self._owed >= _TOGETHER:
                self._settle(self._owed)
                self._owed = 0
            if self._log.size > self._log_bytes or self._vaults.changed > self._most_open:
                self._turn()
        except StoreError:
            _logger.exception("the log of %s grows on", self.folder)

    def _settle_all(self) -> None:
        self._turn()
        self._settle(self._vaults.waiting)

    def _turn(self) -> None:
        if self._held:
            return
        self._settle(self._vaults.waiting)
        if not self._log.size:
            return
        try:
            self._log.turn()
        except OSError as error:
            raise StoreError(f"cannot turn the log of {self.folder}: {error}") from error
        finally:
            if self._log.has_old:
                self._vaults.turn()

    def _settle(self, most: int) -> None:
        """Write `most` of the vaults that wait for it; with the last of them the old log goes."""
        if self._held:
            return
        try:
            self._vaults.settle(most)
            if not self._vaults.waiting:
                self._log.forget_old()
        except (OSError, StoreError) as error:
            raise StoreError(f"cannot settle {self.folder}: {error}") from error
