"""A vault as a worker has it in memory: its documents, each unsealed when it is first wanted."""

from collections.abc import Callable

Open = Callable[[str, str, bytes], bytes | None]
"""open(table, key, sealed): the document as JSON, None for one whose key was destroyed."""


class Sealed(bytes):
    """A document as it lies in the database."""


class Vault:
    """version: of what is in it, 0 while nothing is."""

    def __init__(self, version: int, opened: Open) -> None:
        self.version = version
        self._opened = opened
        self._tables: dict[str, dict[str, bytes | None]] = {}

    def get(self, table: str, key: str) -> bytes | None:
        found = self._tables.get(table, {}).get(key)
        if isinstance(found, Sealed):
            found = self._tables[table][key] = self._opened(table, key, found)
        return found

    def all(self, table: str) -> dict[str, bytes]:
        """In the order of the keys."""
        keys = sorted(self._tables.get(table, {}))
        return {key: plain for key in keys if (plain := self.get(table, key)) is not None}

    def put(self, table: str, key: str, document: bytes | None) -> None:
        """As JSON or Sealed; None removes."""
        if document is not None:
            self._tables.setdefault(table, {})[key] = document
            return
        self._tables.get(table, {}).pop(key, None)
