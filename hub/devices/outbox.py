"""What a device must be told and has not confirmed: one row for each person, in order of revision.

A row says what is due ("keys", "rows", ...), not the bytes: these are made when it is said, from
what stands then. Newer news of a person takes the place of the older, so that a device that was
away for long gets one message for each. Each message carries the revision it follows (`since`); a
device takes it if it is no further than its own, and confirms with Told.
"""

from collections.abc import Iterable

from hub.devices.device import Device, vault
from hub.draft import Draft
from hub.past.use import read_use
from hub.people import circle
from hub.people.customer import Customer
from hub.people.keys import device_keys
from hub.privacy.consent import RECOGNISE, REMEMBER, agreed
from hub.privacy.receipt import confirmed
from hub.store import Document
from protocol import presence, topics
from protocol.errors import ProtocolError
from protocol.messages import Forget, Keys, Person, encode
from protocol.rules import ALL

KEYS, ROWS, WORDS, OWN_ROWS = "keys", "rows", "words", "own_rows"
EVERYTHING = (KEYS, ROWS, OWN_ROWS, WORDS)
ANEW = "anew"  # what else the device knows of the person is wrong

Said = tuple[str, str, bytes]  # device, kind, payload

_STEP = 8  # revisions a row takes: what it says may need several messages
_ROWS_AT_ONCE = 8  # a board has no heap to unpack 32 of them beside all else
_LARGEST = 0xFFFFFFFF


class Outbox:
    def __init__(self, draft: Draft, device: Device) -> None:
        self._draft, self._device = draft, device
        self._vault = vault(device.id)

    def waiting(self) -> list[tuple[int, Document]]:
        """[(revision, row)], oldest first."""
        rows = self._draft.all(self._vault, "outbox")
        return [(int(key), row) for key, row in rows.items()]

    def person(self, subject: str, due: Iterable[str], wishes: Iterable[int] = ()) -> None:
        """News of a person is due: what, and by which of their wishes."""
        due, wishes = set(due), set(wishes)
        for row in self._take(subject):
            due |= set(row.get("due", ()))
            wishes |= set(row.get("wishes", ()))
        self._add({"subject": subject, "due": sorted(due), "wishes": sorted(wishes)})

    def forget(self, subject: str, generation: int) -> None:
        """A person is to be forgotten, whatever else was due of them."""
        self._take(subject)
        self._add({"subject": subject, "forget": generation})

    def all_of(self, subject: str, now_ms: int) -> Person:
        """All that the device is to know of a person."""
        row = {"subject": subject, "due": [*EVERYTHING, ANEW]}
        return self._person(row, bytes.fromhex(subject), now_ms)

    def told(self, revision: int) -> list[Document]:
        """The device has confirmed this revision; returns the rows that it concludes."""
        state = self._device.state
        if not state["told"] < revision <= state["revision"]:
            return []
        state["told"] = revision
        self._device.keep()
        concluded = [(at, row) for at, row in self.waiting() if at <= revision]
        for at, _ in concluded:
            self._draft.remove(self._vault, "outbox", _key(at))
        return [row for _, row in concluded]

    def drop(self, now_ms: int) -> None:
        """The device was wiped and is nobody's: nothing that waits is of any use to it."""
        for at, _ in self.waiting():
            self._draft.remove(self._vault, "outbox", _key(at))
        for subject in self._device.forgotten():
            confirmed(self._draft, self._device.id, subject, now_ms)
            self._draft.remove(self._vault, "subjects", subject)
        self._device.state["told"] = 0
        self._device.keep()

    def begin_again(self, revision: int, generation: int = 1) -> None:
        """The device is not where it said it was: from its revision on it is told everything."""
        state = self._device.state
        wishes: dict[str, set[int]] = {}
        for at, row in self.waiting():
            wishes.setdefault(row["subject"], set()).update(row.get("wishes", ()))
            self._draft.remove(self._vault, "outbox", _key(at))
        state["told"] = revision
        state["revision"] = max(revision, state["revision"])
        for subject in self._device.forgotten():
            self.forget(subject, generation)
        for subject in self._device.people():
            self.person(subject, EVERYTHING, wishes.get(subject, ()))
        self._device.keep()

    def messages(self, now_ms: int) -> list[Said]:
        """Everything that waits, as it is said now."""
        said: list[Said] = []
        since = self._device.state["told"]
        for revision, row in self.waiting():
            for kind, message in self._messages(revision, row, now_ms):
                payload = encode(message._replace(since=since))
                said.append((self._device.id, kind, payload))
                since = message.revision
        return said

    def _messages(
        self, revision: int, row: Document, now_ms: int
    ) -> list[tuple[str, Person | Forget]]:
        subject = bytes.fromhex(row["subject"])
        forget = row["forget"] if "forget" in row else self._not_remembered(row["subject"])
        if forget is not None:
            return [(topics.FORGET, Forget(revision, 0, subject, forget))]
        parts = fitting(self._person(row, subject, now_ms))
        first = revision - len(parts) + 1
        return [
            (topics.PERSON, part._replace(revision=first + at)) for at, part in enumerate(parts)
        ]

    def _person(self, row: Document, subject: bytes, now_ms: int) -> Person:
        """What is due of a person, whole."""
        customer = Customer(self._draft, self._device.people()[row["subject"]])
        product = self._device.product
        known = circle.use_as_kept(self._draft, customer, product).known
        own = read_use(customer.use_of(product), customer.generation)
        due = row["due"]
        rows = own.elsewhere(known.rows, self._device.id) if ROWS in due else []
        return Person(
            _LARGEST,
            _LARGEST,
            subject,
            customer.generation,
            self._keys(customer, now_ms) if KEYS in due else None,
            known.rows if OWN_ROWS in due else rows,
            known.registers.entries if WORDS in due else {},
            [i for i in sorted(known.rules) if i != ALL and not known.learns(i)],
            known.rules if WORDS in due else None,
            known.undone if WORDS in due else None,
            known.carried if WORDS in due else None,
            self._device.state["chain"] if ANEW in due else None,
        )

    def _not_remembered(self, subject: str) -> int | None:
        """The generation of somebody who does not want to be; None for whoever does."""
        customer = Customer(self._draft, self._device.people()[subject])
        if agreed(circle.members(self._draft, customer), REMEMBER):
            return None
        return customer.generation

    def _keys(self, customer: Customer, now_ms: int) -> Keys:
        """What the device may hold of their secrets: nothing to recognise them by, if they wish."""
        keys = device_keys(customer.profile, self._device.id, now_ms // 1000)
        everyone = circle.members(self._draft, customer)
        first = next(one for one in everyone if self._device.id in one.devices)
        if first.id != customer.id:  # one person, who is shown and counted once
            subject = bytes.fromhex(first.devices[self._device.id]["subject"])
            keys = keys._replace(right=(*keys.right[:2], 0, subject))
        return keys if agreed(everyone, RECOGNISE) else keys._replace(presence=[])

    def _take(self, subject: str) -> list[Document]:
        taken = [(at, row) for at, row in self.waiting() if row["subject"] == subject]
        for at, _ in taken:
            self._draft.remove(self._vault, "outbox", _key(at))
        return [row for _, row in taken]

    def _add(self, row: Document) -> None:
        state = self._device.state
        state["revision"] += _STEP
        self._draft.put(self._vault, "outbox", _key(state["revision"]), row)
        self._device.keep()


def renew_keys(draft: Draft, device: Device, now_ms: int) -> bool:
    """Queue new presence keys for everyone the device knows, once in each period."""
    period = presence.period(now_ms // 1000)
    if device.state["period"] == period:
        return False
    device.state["period"] = period
    device.keep()
    people = device.people()
    for subject in people:
        Outbox(draft, device).person(subject, [KEYS])
    return bool(people)


def _key(revision: int) -> str:
    return f"{revision:010d}"


def fitting(person: Person) -> list[Person]:
    """The same news in as many messages as it takes, none over a limit."""
    if _fits(person):
        return [person]
    if len(person.rows) > 1:
        half = len(person.rows) // 2
        first = person._replace(rows=person.rows[:half])
        rest = person._replace(keys=None, entries={}, rows=person.rows[half:], whole=None)
    else:
        some = sorted(person.entries)[: len(person.entries) // 2]
        first = person._replace(entries={i: person.entries[i] for i in some}, rows=[])
        others = {i: entry for i, entry in person.entries.items() if i not in some}
        rest = person._replace(keys=None, entries=others, whole=None)
    return fitting(first) + fitting(rest)


def _fits(person: Person) -> bool:
    if len(person.rows) > _ROWS_AT_ONCE:
        return False
    try:
        encode(person)
        return True
    except ProtocolError:
        if len(person.rows) < 2 and len(person.entries) < 2:
            raise
        return False
