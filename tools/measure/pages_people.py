"""Many customers as the hub itself would have them, for its pages: made once, then copied.

for puts in people(100_000, seed): store.commit(puts)

A household is ten people at one lamp, made by the hub's own cores from events of the lamp. Nine of
them had a few visits; in each fiftieth household one had hundreds, as many as a timeline tells.
"""

import hashlib
import struct
from collections.abc import Iterator
from pathlib import Path
from random import Random

import orjson

from hub import products
from hub.ingest import Ingest
from hub.link import Message
from hub.office import Office
from hub.people.customer import vault
from hub.people.directory import CUSTOMER, DEVICE, place
from hub.profiles import Profiles
from hub.store import Document, Put
from hub.store.memory import MemoryStore
from protocol import chain, events, messages, topics
from protocol.events import ADJUSTED, EXACT, VISIT, Event, encode_event
from protocol.messages import Events, Hello

HOUSEHOLD, HEAVY_EACH, AT_ONCE = 10, 50, 1000
NOW_MS = 1_790_000_000_000
FEW, MANY = 3, 330  # visits

_PRODUCTS = Path(__file__).parents[2] / "firmware" / "products"
_STREAM, _BOOT = b"measured", b"boot"
_HOUR_MS = 3_600_000
_SHARDS_AT_ONCE = 100  # vaults of the directory in one commit
_SYLLABLES = ("ba", "ke", "li", "mo", "nu", "ra", "si", "ta", "vo", "zu", "an", "el", "in", "or")
_Places = dict[tuple[str, str, str], Document]


def customer_of(number: int) -> str:
    return f"c-{number:012x}"


def device_of(number: int) -> str:
    return f"lamp-{number // HOUSEHOLD:06d}"


def name_of(number: int, seed: int) -> str:
    random = Random(f"{seed} {number}")
    words = ("".join(random.choices(_SYLLABLES, k=random.randint(2, 4))) for _ in range(2))
    return " ".join(one.capitalize() for one in words)


def is_heavy(number: int) -> bool:
    """Is this somebody with hundreds of visits?"""
    return number % (HOUSEHOLD * HEAVY_EACH) == 0


def people(count: int, seed: int) -> Iterator[list[Put]]:
    """A commit for each AT_ONCE of them; then the directory, each of its vaults once."""
    usual, heavy = (_Household(visits) for visits in (FEW, MANY))
    rows: dict[str, list[Put]] = {}
    for first in range(0, count, AT_ONCE):
        puts: list[Put] = []
        for number in range(first, min(first + AT_ONCE, count), HOUSEHOLD):
            of = heavy if is_heavy(number) else usual
            puts += of.copied(number, seed)
            for put in listed(number, seed):
                rows.setdefault(put.vault, []).append(put)
        yield puts
    vaults = list(rows.values())
    for at in range(0, len(vaults), _SHARDS_AT_ONCE):
        yield [put for some in vaults[at : at + _SHARDS_AT_ONCE] for put in some]


def listed(first: int, seed: int) -> Iterator[Put]:
    """By what a household is found."""
    device = device_of(first)
    row = {"product": "lamp", "title": "Lamp", "registered_ms": NOW_MS}
    yield Put(*place(DEVICE, device), row)
    for number in range(first, first + HOUSEHOLD):
        about = {"name": name_of(number, seed), "email": f"of{number}@example.org"}
        about |= {"since_ms": NOW_MS, "devices": [device]}
        yield Put(*place(CUSTOMER, customer_of(number)), about)


class _Household:
    """One that is copied: its documents as bytes, and what in them is somebody's own."""

    def __init__(self, visits: int) -> None:
        self._now_ms, self._random = NOW_MS - MANY * 8 * _HOUR_MS, Random(1)
        self._store = MemoryStore()
        self._kept: _Places = {}
        self._store.watch("", lambda put, _: self._keep(put))
        office = Office(
            self._store, products.load([_PRODUCTS]), lambda: self._now_ms, self._random.randbytes
        )
        self._profiles = Profiles(office)
        self._ingest = Ingest(self._store, self._profiles, lambda: self._now_ms)
        self._profiles.register("lamp-of-all", "lamp")
        self._people = [
            self._profiles.welcome(f"Name{at} Of", f"of{at}@mine") for at in range(HOUSEHOLD)
        ]
        for one in self._people:
            self._profiles.link(one, "lamp-of-all")
        self._records = self._visit = 0
        self._value = chain.start(_STREAM)
        hello = Hello("lamp", 1, _STREAM, _BOOT, 1, self._value, 0, 0, None, None)
        self._hear(topics.HELLO, hello)
        for at, one in enumerate(self._people):
            self._live(one, FEW if at else visits)
        self._now_ms = NOW_MS
        self._profiles.refresh_keys(["lamp-of-all"])  # as a hub does that was there all the time
        self._keys = [self._kept[vault(one), "profile", "about"]["audit"] for one in self._people]
        rows = [[*place_, document] for place_, document in self._kept.items()]
        own = [row for row in rows if row[0].startswith((vault(""), "device/"))]
        self._written = orjson.dumps(own)

    def copied(self, first: int, seed: int) -> list[Put]:
        """The household whose first member has this number."""
        changes = {"lamp-of-all": device_of(first)}
        for at, one in enumerate(self._people):
            number = first + at
            changes |= {one: customer_of(number), f"Name{at} Of": name_of(number, seed)}
            changes |= {self._keys[at]: hashlib.sha256(f"{seed} {number}".encode()).hexdigest()}
            changes[f"of{at}@mine"] = f"of{number}@example.org"
        written = self._written
        for old, new in changes.items():
            written = written.replace(old.encode(), new.encode())
        return [Put(*row) for row in orjson.loads(written)]

    def _keep(self, put: Put) -> None:
        if put.document is None:
            self._kept.pop(put[:3], None)
        else:
            self._kept[put.vault, put.table, put.key] = put.document

    def _live(self, customer: str, visits: int) -> None:
        """Some visits; in each third a hand sets the light."""
        secrets = self._profiles.credential(customer)["devices"]["lamp-of-all"]
        subject, light = bytes.fromhex(secrets["subject"]), 60
        for visit in range(visits):
            if visit % 3 == 0:
                chosen = self._random.randrange(20, 90, 5)
                self._event(ADJUSTED, (0, chosen, light, events.DEFAULT), subject)
                light = chosen
            values = ((0, light, events.LEARNED, light), (1, 4, events.DEFAULT, 4))
            self._event(VISIT, (visit % 4, 1500, values, ((0, 1500),)), subject)
            self._visit += 1
            self._now_ms += 8 * _HOUR_MS if visits > FEW else _HOUR_MS // 10

    def _event(self, kind: int, body: tuple, subject: bytes) -> None:
        self._records += 1
        uid = _BOOT + struct.pack(">I", self._records)
        event = Event(kind, uid, (self._now_ms, 0), EXACT, 1000, subject, self._visit, body)
        records = [[chain.EVENT, encode_event(event)]]
        self._hear(topics.EVENTS, Events(_STREAM, self._records, records))

    def _hear(self, kind: str, message: object) -> None:
        self._ingest.heard([Message("lamp-of-all", kind, messages.encode(message))])
