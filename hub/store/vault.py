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
from tinydb.table import Document as Row
from tinydb.table import Table

from hub import durable
from hub.store import StoreError
from hub.store.keyring import Keyring
from hub.store.sealed import owner, seal, unseal
from hub.store.settling import Settling
from hub.store.text import Tables, lines, tables


class Parsed(Row):
    """A document of a table, read from its text."""

    def __init__(self, text: bytes, key: str) -> None:
        super().__init__(orjson.loads(text), key)  # type: ignore[arg-type]


class KeyedTable(Table):
    """A TinyDB table with text for document ids, and for documents until one is read."""

    document_class = Parsed  # type: ignore[assignment]
    document_id_class = str  # type: ignore[assignment]

    def put(self, key: str, text: bytes | None) -> None:
        """Keep the document `text` at `key` in place of what is there; None removes it.

        TinyDB's own upsert would merge the two, and copies the whole table twice.
        """
        tables = self.storage.read() or {}
        table = tables.setdefault(self.name, {})
        if text is None:
            table.pop(key, None)
        else:
            table[key] = text
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
    """The database `name` in its file below `files`, empty when there is none.

    plain: a file that is not sealed is one too, as the stores of format 1 had them. Raises
    StoreError when the file is damaged or its key is not there.
    """

    table_class = KeyedTable

    def __init__(self, files: Path, name: str, keyring: Keyring, plain: bool = False) -> None:
        self.place, self._files = place_of(name), files
        self._name, self._keyring = name, keyring
        super().__init__(self._read(plain), storage=InMemory)

    def __bool__(self) -> bool:
        """Always true: TinyDB would say false for a database without a default table."""
        return True

    def put(self, table: str, key: str, text: bytes | None) -> None:
        """Keep the document `text` at table/key, or remove what is there."""
        cast(KeyedTable, self.table(table)).put(key, text)

    def content(self) -> bytes:
        """The database as its file will have it."""
        parts: dict[str, Tables] = defaultdict(lambda: defaultdict(dict))
        for table, texts in (self.storage.read() or {}).items():
            for key, text in texts.items():
                parts[owner(self._name, table, key)][table][key] = text
        plain = {
            name: lines(part) for name, part in parts.items() if self._keyring.has(name)
        }  # who was erased since is not written again
        return seal(self._keyring, plain, self._name.encode())

    def _read(self, plain: bool) -> Tables:
        found: Tables = {}
        try:
            with open(f"{self._files}/{self.place}", "rb", buffering=0) as file:
                content = file.readall()
            sealed = not (plain and content.startswith(b"{"))
            parts = unseal(self._keyring, content, self._name.encode()) if sealed else [content]
            for part in parts:
                for table, texts in tables(part).items():
                    found.setdefault(table, {}).update(texts)
        except FileNotFoundError:
            pass
        except (OSError, StoreError, orjson.JSONDecodeError) as error:
            raise StoreError(f"cannot read {self._files / self.place}: {error}") from error
        return found


def place_of(name: str) -> str:
    """Where the vault `name` lies in the folder of all."""
    shard = zlib.crc32(name.encode()) & 0xF  # few: each is synced when a file is new
    return f"{shard:x}/{name.replace('/', '=')}.json"


def settle(files: Path, vaults: Sequence[Vault], settling: Settling) -> None:
    """Bring the files of these vaults to what is in memory; one with nothing in it has none.

    Raises StoreError, OSError.
    """
    for shard in {vault.place.partition("/")[0] for vault in vaults}:
        durable.make_folder(files / shard)
    settling.write([(vault.place, vault.content()) for vault in vaults if vault.storage.read()])
    for vault in vaults:
        if not vault.storage.read():
            durable.remove(files / vault.place)
