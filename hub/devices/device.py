"""What the hub keeps of one device: how far it was heard, what it was told, whom it knows.

A device's events are counted once: an event's uid is its boot and its number in that boot, and the
newest SEEN uids are kept as bits, 256 numbers of a boot in one document.
"""

from collections.abc import Iterable

from hub.draft import Draft
from hub.errors import ConflictError, InvalidError, UnknownDeviceError
from hub.people.directory import DEVICE, place
from hub.store import Document
from protocol.product import Product
from protocol.topics import is_device

SEEN = 1 << 16  # events; one that is older than so many others would count again
MOST_PEOPLE = 16  # a device has no room for more
_MOST_FORGOTTEN = 64  # subjects; one who is older than so many others is not forgotten again
_MOST_NOTES = 50
_LONGEST_TITLE = 80
_SWEEP = 1 << 12  # events between two looks for what is older than SEEN


def vault(device: str) -> str:
    return f"device/{device}"


def is_name(device: str) -> bool:
    """True for what may be registered, and so name a vault."""
    return is_device(device) and not device.startswith("-")


def registered(draft: Draft, device: str) -> Document | None:
    """{product, title, registered_ms} of a device, or None."""
    return draft.get(vault(device), "registered", "about") if is_name(device) else None


def register(draft: Draft, device: str, product: str, title: str, now_ms: int) -> None:
    """Let a device speak, as one of this product; or change its title."""
    if not is_name(device):
        raise InvalidError("id", "id: 1 to 32 of a-z, 0-9 and hyphen, not first, are wanted.")
    known = registered(draft, device)
    if known and known["product"] != product:
        raise ConflictError(f"{device} is registered already, as {known['product']}.")
    since_ms = known["registered_ms"] if known else now_ms
    if not 1 <= len(title.strip()) <= _LONGEST_TITLE:
        raise InvalidError("title", f"title: 1 to {_LONGEST_TITLE} letters are wanted.")
    row = {"product": product, "title": title.strip(), "registered_ms": since_ms}
    draft.put(vault(device), "registered", "about", row)
    draft.put(*place(DEVICE, device), row)


class Device:
    """One device as a draft sees it. Change `state`, then `keep` it.

    state: stream (hex or None), upto, chain, next (of its journal, as it said last), tips ([next,
    chain] that it said of what was not heard yet), boot (hex), online, last_seen_ms, product,
    version, dropped, revision (the last one given out), told (the last one confirmed), period (of
    the presence keys it was given), heard (events), totals, notes; and where it is so: lost
    (something that it had recorded), differing (see alike.py), begun (how often counters were).
    """

    def __init__(self, draft: Draft, device: str) -> None:
        self.id = device
        self._draft, self._vault = draft, vault(device)
        self.state = _unheard() | (draft.get(self._vault, "state", "sync") or {})

    def keep(self) -> None:
        self._draft.put(self._vault, "state", "sync", self.state)

    @property
    def product(self) -> str:
        """The name of its product; UnknownDeviceError if nobody registered it."""
        document = registered(self._draft, self.id)
        if document is None:
            raise UnknownDeviceError(self.id)
        return document["product"]

    # Whom it knows

    def customer(self, subject: str) -> str | None:
        """Whose pairwise subject (hex) this is; None for nobody's or one who left."""
        document = self._draft.get(self._vault, "subjects", subject)
        return document.get("customer") if document else None

    def people(self) -> dict[str, str]:
        """{subject: customer} of everyone it may recognise."""
        subjects = self._draft.all(self._vault, "subjects")
        return {name: known["customer"] for name, known in subjects.items() if "customer" in known}

    def know(self, subject: str, customer: str) -> None:
        self._draft.put(self._vault, "subjects", subject, {"customer": customer})

    def forget(self, subject: str, now_ms: int, receipt: str = "") -> None:
        """From now on a subject is nobody's; kept, to be said again to a device that rolls back.

        receipt: what waits for the device to confirm it, see hub/privacy/receipt.py.
        """
        known = {"forgotten_ms": now_ms} | ({"receipt": receipt} if receipt else {})
        self._draft.put(self._vault, "subjects", subject, known)
        for old in self.forgotten()[:-_MOST_FORGOTTEN]:
            if "receipt" not in (self._draft.get(self._vault, "subjects", old) or {}):
                self._draft.remove(self._vault, "subjects", old)
        self.state.get("differing", {}).pop(subject, None)
        if subject in self.state.get("open", ()):
            self.state["open"].remove(subject)
        self.keep()

    def forgotten(self) -> list[str]:
        """The subjects that left, the newest last."""
        subjects = self._draft.all(self._vault, "subjects")
        left = [(known["forgotten_ms"], name) for name, known in subjects.items()
                if "forgotten_ms" in known]  # fmt: skip
        return [name for _, name in sorted(left)]

    # What it did

    def first_time(self, uid: bytes) -> bool:
        """True once for each event, however often it comes."""
        block, bit = uid[:7].hex(), 1 << uid[7]
        document = self._draft.get(self._vault, "uids", block)
        seen = int(document["seen"], 16) if document else 0
        if seen & bit:
            return False
        self.state["heard"] += 1
        heard = self.state["heard"]
        self._draft.put(self._vault, "uids", block, {"seen": f"{seen | bit:x}", "heard": heard})
        if heard % _SWEEP == 0:
            self._sweep(heard - SEEN)
        return True

    def _sweep(self, oldest: int) -> None:
        for block, document in self._draft.all(self._vault, "uids").items():
            if document["heard"] <= oldest:
                self._draft.remove(self._vault, "uids", block)

    def count(self, product: Product, more: Iterable[tuple[int, int]]) -> None:
        """Its own counters go on, ((index, more), ...); at times it says where they stand."""
        totals = self.state["totals"]
        for index, count in more:
            name = product.counters[index].name
            totals[name] = totals.get(name, 0) + count

    def stand(self, product: Product, at: Iterable[tuple[int, int]]) -> None:
        """It says where its counters stand; one that is lower than it was has begun again."""
        totals, begun = self.state["totals"], self.state.setdefault("begun", {})
        for index, total in at:
            name = product.counters[index].name
            if total < totals.get(name, 0):
                begun[name] = begun.get(name, 0) + 1
            totals[name] = total

    def note(self, now_ms: int, text: str) -> bool:
        """Something to tell who looks after the device; False if it was said lately."""
        notes = self.state["notes"]
        others = [note for note in notes if note["text"] != text]
        self.state["notes"] = [*others, {"at_ms": now_ms, "text": text}][-_MOST_NOTES:]
        return len(others) == len(notes)


def _unheard() -> Document:
    return {
        "stream": None,
        "upto": 0,
        "chain": 0,
        "next": 1,
        "tips": [],
        "boot": "",
        "online": False,
        "last_seen_ms": None,
        "product": None,
        "version": None,
        "dropped": 0,
        "revision": 0,
        "told": 0,
        "period": 0,
        "heard": 0,
        "totals": {},
        "notes": [],
    }
