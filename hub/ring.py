"""The newest documents of a table, numbered from 1: for each one too many the oldest goes."""

from hub.draft import Draft
from hub.store import Document

_ONE_BY_ONE = 100  # documents; beyond that it is quicker to read all of the table
_COUNTS = "rings"  # the table that says how far each ring of a vault is


class Ring:
    """`most` documents at vault/table, as seen by a draft. Adding costs the same however many."""

    def __init__(self, draft: Draft, vault: str, table: str, most: int) -> None:
        self._draft, self._vault, self._table, self._most = draft, vault, table, most

    @property
    def count(self) -> int:
        """How many were ever added: the number of the newest."""
        document = self._draft.get(self._vault, _COUNTS, self._table)
        return document["count"] if document else 0

    def add(self, document: Document) -> int:
        """The number under which it is found."""
        number = self.count + 1
        self._draft.put(self._vault, _COUNTS, self._table, {"count": number})
        self.put(number, document)
        if number > self._most:
            self._draft.remove(self._vault, self._table, _key(number - self._most))
        return number

    def fill(self, count: int, documents: dict[int, Document]) -> None:
        """What another such ring held that was as far as `count`; this one is empty."""
        self._draft.put(self._vault, _COUNTS, self._table, {"count": count})
        for number, document in documents.items():
            self.put(number, document)

    def get(self, number: int) -> Document | None:
        return self._draft.get(self._vault, self._table, _key(number))

    def put(self, number: int, document: Document) -> None:
        self._draft.put(self._vault, self._table, _key(number), document)

    def remove(self, number: int) -> None:
        self._draft.remove(self._vault, self._table, _key(number))

    def newest(self, limit: int, before: int | None = None) -> list[tuple[int, Document]]:
        """Up to `limit` of (number, document), newest first, all with a number below `before`."""
        count = self.count
        newest = count if before is None else min(count, before - 1)
        oldest = max(count - self._most, newest - limit, 0)
        if newest - oldest > _ONE_BY_ONE:
            every = self._draft.all(self._vault, self._table)
            found = [(number, every.get(_key(number))) for number in range(newest, oldest, -1)]
        else:
            found = [(number, self.get(number)) for number in range(newest, oldest, -1)]
        return [(number, document) for number, document in found if document is not None]


def _key(number: int) -> str:
    return f"{number:010d}"
