"""One vault: a TinyDB database whose documents have text for keys and whose file is replaced whole.

TinyDB as it comes reads and overwrites its file at every change: a power cut leaves half a file,
and the cost grows with the square of what is kept. Here changes stay in memory, where the log in
front has made them durable already, and reach the file when the store settles it.
"""

from pathlib import Path
from typing import Any, cast

import orjson
from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from hub.store import Document, StoreError

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


class VaultFile(Storage):
    """TinyDB's storage port over one file, read once. Raises StoreError when it is damaged."""

    def __init__(self, path: Path) -> None:
        self._tables: Tables = _read(path)

    def read(self) -> dict[str, dict[str, Any]] | None:
        """What is there itself, not a copy."""
        return self._tables

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        self._tables = data


class Vault(TinyDB):
    """The database in the file at `path`, empty when there is none."""

    table_class = KeyedTable

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(path, storage=VaultFile)

    def __bool__(self) -> bool:
        """Always true: TinyDB would say false for a database without a default table."""
        return True

    def put(self, table: str, key: str, document: Document | None) -> None:
        """Keep `document` at table/key, or remove what is there."""
        cast(KeyedTable, self.table(table)).put(key, document)

    def content(self) -> bytes:
        """The database as its file will have it."""
        return orjson.dumps(self.storage.read())


def _read(path: Path) -> Tables:
    try:
        return orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, orjson.JSONDecodeError) as error:
        raise StoreError(f"cannot read {path}: {error}") from error
