"""Everything that happened to a customer, as it came: all else that is known of them follows.

    history = History(draft, vault)
    number = history.add({"kind": "event", "at_ms": now_ms, "product": "lamp", ...})
    history.entries("lamp")

An entry has kind, at_ms (when the hub took it in), product, line (its number in the timeline) and

    event   device, version (of its product.json), payload (hex, as in the device's journal), base
            (the stamp of the word that the device had seen, or None)
    word    index, word                                   a wish (see hub/past/use.py, write_entry)
    rule    index, rule, word (that goes with it, or None)
    undone  what is taken back: visits [[uid (hex), index or ALL]], entries [number], up to stamp;
            what devices are told: marks [[uid, index, on]], words and rules {index: ...}

Entries go from the front only, into the snapshot of their product: what is kept of it when it can
be undone no more.
"""

from hub.draft import Draft
from hub.store import Document

MOST = 1000  # entries of a customer; then the oldest go into the snapshots, CHUNK at a time
CHUNK = 100

_LOG, _STATE, _SNAPSHOTS = "log", "history", "snapshots"

Entries = list[tuple[int, Document]]


class History:
    def __init__(self, draft: Draft, vault: str) -> None:
        self._draft, self._vault = draft, vault

    @property
    def last(self) -> int:
        """The number of the newest entry, 0 for none."""
        return self._state()["last"]

    @property
    def first(self) -> int:
        """The number of the oldest entry that is still there; one more than `last` for none."""
        return self._state()["first"]

    def add(self, entry: Document) -> int:
        state = self._state()
        number = state["last"] + 1
        self._draft.put(self._vault, _LOG, _key(number), entry)
        self._draft.put(self._vault, _STATE, "numbers", state | {"last": number})
        return number

    def get(self, number: int) -> Document | None:
        return self._draft.get(self._vault, _LOG, _key(number))

    def put(self, number: int, entry: Document) -> None:
        self._draft.put(self._vault, _LOG, _key(number), entry)

    def entries(self, product: str | None = None) -> Entries:
        """[(number, entry)] oldest first, of one product or of all."""
        found = self._draft.all(self._vault, _LOG)
        return [
            (int(key), entry) for key, entry in found.items() if product in (None, entry["product"])
        ]

    def snapshot(self, product: str) -> Document | None:
        """The use of a product (hub/past/use.py) as it was before the first entry."""
        return self._draft.get(self._vault, _SNAPSHOTS, product)

    def compact(self, upto: int, snapshots: dict[str, Document]) -> None:
        """Let entries go whose effect is in these snapshots, {product: use}."""
        state = self._state()
        for number in range(state["first"], upto + 1):
            self._draft.remove(self._vault, _LOG, _key(number))
        for product, document in snapshots.items():
            self._draft.put(self._vault, _SNAPSHOTS, product, document)
        self._draft.put(self._vault, _STATE, "numbers", state | {"first": upto + 1})

    def fill(self, first: int, last: int, entries: Entries, snapshots: dict[str, Document]) -> None:
        """What another history held; this one is empty."""
        for number, entry in entries:
            self.put(number, entry)
        for product, document in snapshots.items():
            self._draft.put(self._vault, _SNAPSHOTS, product, document)
        self._draft.put(self._vault, _STATE, "numbers", {"first": first, "last": last})

    def forget(self, product: str) -> None:
        """The sum of what went, of one product."""
        self._draft.remove(self._vault, _SNAPSHOTS, product)

    def _state(self) -> Document:
        return self._draft.get(self._vault, _STATE, "numbers") or {"first": 1, "last": 0}


def _key(number: int) -> str:
    return f"{number:010d}"
