"""The store of a hub of several workers: documents as sealed rows in PostgreSQL.

    store = PostgresStore("postgresql://hub@db/rapport", master)

Each worker keeps the vaults that it read lately, and asks at each reading whether they are as they
were. A commit is one transaction that fails with StaleError when another worker has changed a vault
that its act had read: so nothing is ever decided on what no longer stands, and of two workers that
fold the same customer at the same time one begins again.
"""

import contextlib
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

import orjson
import psycopg

from hub.store import Act, Document, Put, Seen, Watchers, check, check_vault
from hub.store.keyring import ErasedError
from hub.store.postgres import orders
from hub.store.postgres.connection import Connection, Rows, Together
from hub.store.postgres.keys import PostgresKeys
from hub.store.postgres.news import WATCHED, Change, News
from hub.store.postgres.schema import migrate
from hub.store.postgres.vault import Sealed, Vault
from hub.store.postgres.writing import Place, lock, write
from hub.store.sealed import PREFIX, owner

_Pins = Mapping[str, tuple[Vault, int]]  # what an act has read, and as of which version


class PostgresStore:
    """Implements hub.store.Store at `url`, with any number of others in other processes.

    master: the key that wraps all others (32 bytes). keys: the database of the data keys, by
    default the same. At most `most_open` vaults stay in memory, the least recently used goes first.

    Those who watch `directory/` also hear what other workers have committed, at the next reading.

    Raises StoreError when PostgreSQL is not there, or of a later version; from then on it comes
    back by itself.
    """

    def __init__(
        self, url: str, master: bytes, *, keys: str | None = None, most_open: int = 2048
    ) -> None:
        self._most_open, self._open = most_open, OrderedDict[str, Vault]()
        self._watchers, self._news = Watchers(), News()
        self._keys = PostgresKeys(keys or url, master)
        try:
            self._base = Connection(url, self._begun)
        except BaseException:
            self._keys.close()
            raise

    def act(self) -> Act:
        return _Act(self)

    def get(self, vault: str, table: str, key: str) -> Document | None:
        return self.act().get(vault, table, key)

    def all(self, vault: str, table: str) -> dict[str, Document]:
        return self.act().all(vault, table)

    def vaults(self, prefix: str = "") -> list[str]:
        return [name for (name,) in self._base.ask(orders.LIST, [prefix])]

    def ahead(self, vaults: Iterable[str]) -> None:
        """Nothing is read by two calls at once: see act()."""

    def commit(self, puts: Sequence[Put]) -> None:
        self.keep(puts, {})

    def drop(self, vault: str) -> None:
        check_vault(vault)
        if vault.startswith(PREFIX):
            self._keys.destroy(vault)
        with self._base.transaction() as together:
            # the vault first: whoever is writing into it ends before, and what they wrote goes too
            together.ask((orders.DROP_VAULT, [vault]), (orders.DROP, [vault]))
        self._open.pop(vault, None)

    def watch(self, prefix: str, seen: Seen) -> None:
        self._watchers.add(prefix, seen)

    def erased(self) -> set[str]:
        """The customers' vaults that were dropped for good."""
        return self._keys.erased()

    def close(self) -> None:
        self._base.close()
        self._keys.close()

    # For acts

    def look(self, names: Iterable[str]) -> dict[str, Vault]:
        """These vaults as they are in the database now."""
        wanted = list(dict.fromkeys(names))
        for name in wanted:
            check_vault(name)
        versions = [self._open[name].version if name in self._open else 0 for name in wanted]
        rows = self._base.ask(orders.READ, [wanted, versions])
        self._news.hear(self._base, self._heard)
        found = self._read(rows)
        for name in wanted:
            if name not in found:
                found[name] = self._vault(name, 0)
            self._open[name] = found[name]
            self._open.move_to_end(name)
        while len(self._open) > max(self._most_open, len(wanted)):
            self._open.popitem(last=False)
        return found

    def keep(self, puts: Sequence[Put], pins: _Pins) -> int:
        """Commit, if all that is pinned still is of its version; the version of what it wrote."""
        check(puts)
        plain = [None if put.document is None else orjson.dumps(put.document) for put in puts]
        last: dict[Place, bytes | None] = {
            (put.vault, put.table, put.key): one for put, one in zip(puts, plain, strict=True)
        }
        if not last:
            return 0
        self._keys.ensure({owner(*place) for place, one in last.items() if one is not None})
        written, version = sorted({place[0] for place in last}), 1 + secrets.randbits(62)
        with self._base.transaction() as together:
            was = lock(together, written, {name: pin[1] for name, pin in pins.items()})
            before = self._before(together, last, was)
            sealed = {at: None if one is None else self._seal(at, one) for at, one in last.items()}
            write(together, sealed, version, [name for name in pins if not pins[name][1]])
            self._news.tell(together, self._changes(last, before))
        self._take_in(last, was, version)
        self._tell(puts, plain, before)
        return version

    # Below: how

    def _begun(self, base: psycopg.Connection) -> None:
        migrate(base, "rapport")
        self._news.begun(base)

    def _read(self, rows: Rows) -> dict[str, Vault]:
        """What orders.READ answered; what is as we have it, as we have it."""
        found: dict[str, Vault] = {}
        for name, version, *_ in rows:
            known = self._open.get(name)
            if name not in found:
                same = known if known and known.version == version else None
                found[name] = same or self._vault(name, version)
        places = [(row[0], row[2].decode(), row[3].decode()) for row in rows if row[2] is not None]
        self._keys.look_up(owner(*place) for place in places)
        sealed = (row[4] for row in rows if row[2] is not None)
        for (name, table, key), one in zip(places, sealed, strict=True):
            found[name].put(table, key, Sealed(one))
        return found

    def _vault(self, name: str, version: int) -> Vault:
        return Vault(version, lambda table, key, one: self._unseal((name, table, key), one))

    def _before(
        self, together: Together, last: Mapping[Place, bytes | None], was: Mapping[str, int]
    ) -> dict[Place, bytes | None]:
        """What is there, of the documents that somebody watches."""
        found: dict[Place, bytes | None] = {}
        for place in last:
            name, table, key = place
            if self._watchers.want(name) or name.startswith(WATCHED):
                vault = self._open.get(name)
                if vault is None or vault.version != was.get(name, 0):
                    self._open.pop(name, None)
                    (rows,) = together.ask((orders.READ, [[name], [0]]))
                    read = self._read(rows)
                    vault = self._open[name] = read[name] if read else self._vault(name, 0)
                found[place] = vault.get(table, key)
        return found

    def _changes(
        self, last: Mapping[Place, bytes | None], before: Mapping[Place, bytes | None]
    ) -> list[Change]:
        changed = [place for place in before if place[0].startswith(WATCHED)]
        return [
            Change(*place, self._sealed(place, before[place]), self._sealed(place, last[place]))
            for place in changed
            if before[place] != last[place]
        ]

    def _take_in(
        self, last: Mapping[Place, bytes | None], was: Mapping[str, int], version: int
    ) -> None:
        """The vaults in memory are as the transaction left them."""
        for name in {place[0] for place in last}:
            vault = self._open.get(name)
            if vault is not None and vault.version == was.get(name, 0):
                vault.version = version
            else:
                self._open.pop(name, None)
        for (name, table, key), one in last.items():
            if name in self._open:
                self._open[name].put(table, key, one)

    def _tell(
        self,
        puts: Sequence[Put],
        plain: Sequence[bytes | None],
        before: dict[Place, bytes | None],
    ) -> None:
        for put, one in zip(puts, plain, strict=True):
            place = (put.vault, put.table, put.key)
            if place in before:
                done = Put(*place, _document(one))
                self._watchers.tell([done], [_document(before[place])])
                before[place] = one

    def _heard(self, change: Change) -> None:
        place = change[:3]
        after, before = (
            None if one is None else _document(self._unseal(place, one))
            for one in (change.after, change.before)
        )
        self._watchers.tell([Put(*place, after)], [before])

    def _sealed(self, place: Place, one: bytes | None) -> bytes | None:
        if one is None or not self._keys.has(owner(*place)):
            return None
        return self._seal(place, one)

    def _seal(self, place: Place, one: bytes) -> bytes:
        return self._keys.seal(owner(*place), one, orjson.dumps(place))

    def _unseal(self, place: Place, sealed: bytes) -> bytes | None:
        with contextlib.suppress(ErasedError):
            return self._keys.unseal(owner(*place), sealed, orjson.dumps(place))
        return None


class _Act:
    """Pins each vault as it is when it is read first."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._pins: dict[str, tuple[Vault, int]] = {}

    def ahead(self, vaults: Iterable[str]) -> None:
        wanted = {name for name in vaults if name not in self._pins}
        if wanted:
            found = self._store.look(wanted)
            self._pins |= {name: (vault, vault.version) for name, vault in found.items()}

    def get(self, vault: str, table: str, key: str) -> Document | None:
        return _document(self._vault(vault).get(table, key))

    def all(self, vault: str, table: str) -> dict[str, Document]:
        return {key: orjson.loads(one) for key, one in self._vault(vault).all(table).items()}

    def commit(self, puts: Sequence[Put]) -> None:
        version = self._store.keep(puts, self._pins)
        for name in {put.vault for put in puts} & self._pins.keys():
            self._pins[name] = (self._pins[name][0], version)

    def _vault(self, name: str) -> Vault:
        self.ahead([name])
        return self._pins[name][0]


def _document(one: bytes | None) -> Document | None:
    return None if one is None else orjson.loads(one)
