"""One vault: a TinyDB database whose documents have text for keys and whose file is replaced whole.

TinyDB as it comes reads and overwrites its file at every change: a power cut leaves half a file,
and the cost grows with the square of what is kept. Here changes stay in memory, where the log in
front has made them durable already, and reach the file, sealed, when the store settles it.
"""

import zlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import orjson
from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from hub import durable
from hub.store import Document, StoreError
from hub.store.keyring import Keyring
from hub.store.sealed import owner, seal, unseal
from hub.store.spares import Spares

Tables = dict[str, dict[str, Document]]


class KeyedTable(Table):
    """A TinyDB table with text for document ids."""

    document_id_class = str  # type: ignore[assignment]

    def put(self, key: str, document: Document | None) -> None:
        """Keep `document` at `key` in place of what is there; None removes it.

        TinyDB's own upsert would merge the two, and copies the whole table twice.
        """
        tables = self.storage.read() or {}
        table = tables.setdefault(self.name, {})
        if document is None:
            table.pop(key, None)
        else:
            table[key] = document
        if not table:
            del tables[self.name]
        self.storage.write(tables)
        self.clear_cache()


class InMemory(Storage):
    """TinyDB's storage port over what the file held when it was opened."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def read(self) -> dict[str, dict[str, Any]] | None:
        """What is there itself, not a copy."""
        return self._tables

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        self._tables = data


class Vault(TinyDB):
    """The database `name` in the file at `path`, empty when there is none.

    plain: a file that is not sealed is one too, as the stores of format 1 had them. Raises
    StoreError when the file is damaged or its key is not there.
    """

    table_class = KeyedTable

    def __init__(self, path: Path, name: str, keyring: Keyring, plain: bool = False) -> None:
        self.path, self._name, self._keyring = path, name, keyring
        super().__init__(self._read(plain), storage=InMemory)

    def __bool__(self) -> bool:
        """Always true: TinyDB would say false for a database without a default table."""
        return True

    def put(self, table: str, key: str, document: Document | None) -> None:
        """Keep `document` at table/key, or remove what is there."""
        cast(KeyedTable, self.table(table)).put(key, document)

    def content(self) -> bytes:
        """The database as its file will have it."""
        parts: dict[str, Tables] = defaultdict(lambda: defaultdict(dict))
        for table, documents in (self.storage.read() or {}).items():
            for key, document in documents.items():
                parts[owner(self._name, table, key)][table][key] = document
        plain = {
            name: orjson.dumps(tables) for name, tables in parts.items() if self._keyring.has(name)
        }  # who was erased since is not written again
        return seal(self._keyring, plain, self._name.encode())

    def _read(self, plain: bool) -> Tables:
        tables: Tables = {}
        try:
            with open(self.path, "rb", buffering=0) as file:
                content = file.readall()
            if plain and content.startswith(b"{"):
                return orjson.loads(content)
            for part in unseal(self._keyring, content, self._name.encode()):
                for table, documents in orjson.loads(part).items():
                    tables.setdefault(table, {}).update(documents)
        except FileNotFoundError:
            pass
        except (OSError, StoreError, orjson.JSONDecodeError) as error:
            raise StoreError(f"cannot read {self.path}: {error}") from error
        return tables


def path_of(files: Path, name: str) -> Path:
    """Where the vault `name` lies in the folder `files`."""
    shard = f"{zlib.crc32(name.encode()) & 0xF:x}"  # few: each is synced when a file changes
    return files / shard / (name.replace("/", "=") + ".json")


def write(vaults: Sequence[Vault], spares: Spares) -> None:
    """Replace the files of these vaults; a vault with nothing in it has none.

    Durable after a `sync` of the spares. Raises OSError.
    """
    for folder in {vault.path.parent for vault in vaults}:
        durable.make_folder(folder)
    spares.replace_all([(vault.path, vault.content()) for vault in vaults if vault.storage.read()])
    for vault in vaults:
        if not vault.storage.read():
            durable.remove(vault.path)
