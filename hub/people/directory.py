"""Who and what there is: small rows by which customers and devices are listed and found.

    draft.put(*place(CUSTOMER, "c-7f3a"), {"name": "Ana", ...})
    Directory(store).customers("ana")          # ["c-7f3a"]

The rows lie in 4,096 vaults, so that the cost of a change does not grow with their number. The row
of a customer goes with their key when they are forgotten: see hub/store/sealed.py.
"""

import zlib
from collections.abc import Callable
from itertools import islice

from hub.draft import Place
from hub.people.listing import Listing
from hub.store import Document, Put, Store

CUSTOMER, DEVICE, FORGOTTEN = "customer", "device", "forgotten"

_VAULTS = "directory/"
_SHARDS = 1 << 12
_BETWEEN = "\n"
_MOVED_AT_ONCE = 200
_MOST_ALIKE = 50  # lines that have an id somewhere in them

_Line = Callable[[str, Document], str]


class Directory:
    """Finds by part of a name, in memory; follows whatever is committed to the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listings: dict[str, Listing] = {}
        self._forgotten: set[str] = set()
        store.watch(_VAULTS, self._follow)

    def customers(self, text: str = "", most: int = 50) -> list[str]:
        """Ids, in the order of names, by part of a name, e-mail, id or device."""
        return [line.split(_BETWEEN)[1] for line in self._find(CUSTOMER, text, most)]

    def devices(self, text: str = "", most: int = 50) -> list[str]:
        """Names in order, by part of a name, title or product."""
        return [line.split(_BETWEEN)[0] for line in self._find(DEVICE, text, most)]

    def all_devices(self, most: int | None = None) -> list[str]:
        return [line.split(_BETWEEN)[0] for line in islice(self._listing(DEVICE), most)]

    def forgotten(self) -> list[str]:
        """The ids of those who were forgotten and of whom something may be left, in order."""
        if not self._listings:
            self._load()
        return sorted(self._forgotten)

    def _find(self, kind: str, text: str, most: int) -> list[str]:
        wanted = text.strip().lower().replace(_BETWEEN, " ")
        return self._listing(kind).find(wanted, most)

    def _listing(self, kind: str) -> Listing:
        if not self._listings:
            self._load()
        return self._listings[kind]

    def _load(self) -> None:
        lines: dict[str, list[str]] = {kind: [] for kind in _LINES}
        for vault in self._store.vaults(_VAULTS):
            for kind, line in _LINES.items():
                rows = self._store.all(vault, kind)
                lines[kind] += [line(name, row) for name, row in rows.items()]
            self._forgotten.update(self._store.all(vault, FORGOTTEN))
        self._listings = {kind: Listing(some) for kind, some in lines.items()}

    def _follow(self, put: Put, before: Document | None) -> None:
        if put.table == FORGOTTEN:
            keep = self._forgotten.discard if put.document is None else self._forgotten.add
            return keep(put.key)
        line, listing = _LINES.get(put.table), self._listings.get(put.table)
        if line is None or listing is None:
            return
        if before is not None:
            listing.remove(line(put.key, before))
        elif put.document is None:  # of one who was erased meanwhile, by another hub worker
            for gone in listing.find(put.key, _MOST_ALIKE):
                if put.key in gone.split(_BETWEEN):
                    listing.remove(gone)
        if put.document is not None:
            listing.add(line(put.key, put.document))


def place(kind: str, name: str) -> Place:
    """Where the row of a customer or device lies."""
    shard = zlib.crc32(name.encode()) % _SHARDS
    return f"{_VAULTS}{shard:03x}", kind, name


def move_in(store: Store) -> None:
    """Take over the rows that all lay in the vault `hub`. Whenever it is cut off, it goes on."""
    old = {CUSTOMER: "directory", DEVICE: "devices", FORGOTTEN: "forgotten"}
    for kind, table in old.items():
        rows = list(store.all("hub", table).items())
        for first in range(0, len(rows), _MOVED_AT_ONCE):
            puts: list[Put] = []
            for name, row in rows[first : first + _MOVED_AT_ONCE]:
                puts += [Put(*place(kind, name), row), Put("hub", table, name, None)]
                if kind == DEVICE:
                    puts.append(Put(f"device/{name}", "registered", "about", row))
            store.commit(puts)


def _customer_line(customer: str, row: Document) -> str:
    return _line(row["name"], customer, row["email"] or "", *row["devices"])


def _device_line(device: str, row: Document) -> str:
    return _line(device, row["title"], row["product"])


def _line(*words: str) -> str:
    line = _BETWEEN.join(words)
    if line.count(_BETWEEN) >= len(words):
        line = _BETWEEN.join(word.replace(_BETWEEN, " ") for word in words)
    return line.lower()


_LINES: dict[str, _Line] = {CUSTOMER: _customer_line, DEVICE: _device_line}
