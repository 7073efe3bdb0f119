"""What one act reads and changes, kept by one commit or not at all.

    draft = Draft(store)
    profile = draft.get("customer/c-7f3a", "profile", "about")
    profile["name"] = "Ana"
    draft.put("customer/c-7f3a", "profile", "about", profile)
    draft.commit()

A document that was read belongs to the draft: change it, then put it. Only what was put is kept.
"""

from collections.abc import Iterable

from hub.store import Document, Put, Store

Place = tuple[str, str, str]  # vault, table, key


class Draft:
    def __init__(self, store: Store) -> None:
        self._act = store.act()
        self._read: dict[Place, Document | None] = {}
        self._put: dict[Place, Document | None] = {}

    def ahead(self, vaults: Iterable[str]) -> None:
        """All of these will be read."""
        self._act.ahead(vaults)

    def get(self, vault: str, table: str, key: str) -> Document | None:
        place = (vault, table, key)
        if place in self._put:
            return self._put[place]
        if place not in self._read:
            self._read[place] = self._act.get(vault, table, key)
        return self._read[place]

    def all(self, vault: str, table: str) -> dict[str, Document]:
        """Every document of a table by key, in the order of the keys."""
        found = self._act.all(vault, table)
        for (at_vault, at_table, key), document in self._put.items():
            if (at_vault, at_table) != (vault, table):
                continue
            if document is None:
                found.pop(key, None)
            else:
                found[key] = document
        return dict(sorted(found.items()))

    def put(self, vault: str, table: str, key: str, document: Document) -> None:
        self._put[vault, table, key] = document

    def remove(self, vault: str, table: str, key: str) -> None:
        self._put[vault, table, key] = None

    def commit(self) -> None:
        """Make everything durable in one step, or raise StoreError with nothing changed.

        StaleError when another hub worker has changed what was read: then begin with a new draft.
        """
        if self._put:
            self._act.commit([Put(*place, document) for place, document in self._put.items()])
