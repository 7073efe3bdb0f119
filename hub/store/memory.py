"""The forgetful store: for tests, and for a hub that is only looked at."""

import copy
from collections.abc import Iterable, Sequence

from hub.store import Act, Document, Put, Seen, Watchers, check_vault, decode, encode


class MemoryStore:
    """Keeps everything until it is closed, and nothing after. Implements hub.store.Store."""

    def __init__(self) -> None:
        self._vaults: dict[str, dict[str, dict[str, Document]]] = {}
        self._watchers = Watchers()

    def get(self, vault: str, table: str, key: str) -> Document | None:
        check_vault(vault)
        return copy.deepcopy(self._table(vault, table).get(key))

    def all(self, vault: str, table: str) -> dict[str, Document]:
        check_vault(vault)
        return copy.deepcopy(dict(sorted(self._table(vault, table).items())))

    def vaults(self, prefix: str = "") -> list[str]:
        return sorted(name for name in self._vaults if name.startswith(prefix))

    def commit(self, puts: Sequence[Put]) -> None:
        done, before = decode(encode(puts)), []
        for put in done:
            before.append(self._table(put.vault, put.table).get(put.key))
            self._apply(put)
        self._watchers.tell(done, before)

    def act(self) -> Act:
        return self

    def ahead(self, vaults: Iterable[str]) -> None:
        """They are here."""

    def drop(self, vault: str) -> None:
        check_vault(vault)
        self._vaults.pop(vault, None)

    def watch(self, prefix: str, seen: Seen) -> None:
        self._watchers.add(prefix, seen)

    def close(self) -> None:
        self._vaults.clear()

    def _table(self, vault: str, table: str) -> dict[str, Document]:
        return self._vaults.get(vault, {}).get(table, {})

    def _apply(self, put: Put) -> None:
        if put.document is not None:
            tables = self._vaults.setdefault(put.vault, {})
            tables.setdefault(put.table, {})[put.key] = put.document
            return
        tables = self._vaults.get(put.vault, {})
        tables.get(put.table, {}).pop(put.key, None)
        if not any(tables.values()):
            self._vaults.pop(put.vault, None)
