"""Many customers in a store, as the hub would have them, and what one event of theirs changes."""

from collections.abc import Iterator
from random import Random

from hub.people.directory import CUSTOMER, DEVICE, place
from hub.store import Put

EVENTS = 6  # of each customer's timeline
CUSTOMERS_A_DEVICE = 10
_SYLLABLES = ("ba", "ke", "li", "mo", "nu", "ra", "si", "ta", "vo", "zu", "an", "el", "in", "or")

_ROWS = [[f"{at:016x}", [at, 0, "lamp"], 3, [[0, 35], [1, 4]]] for at in range(16)]
_USE = {"rows": _ROWS, "entries": {}, "frozen": [], "visits": 16, "seconds": 9000}


def customer_of(number: int) -> str:
    return f"c-{number:012x}"


def device_of(number: int) -> str:
    return f"lamp-{number // CUSTOMERS_A_DEVICE:06d}"


def customer(number: int, random: Random) -> Iterator[Put]:
    """Everything there is of one customer, about 3 KB; and their device, with the first of it."""
    identity, device = customer_of(number), device_of(number)
    vault = f"customer/{identity}"
    name = " ".join(_word(random).capitalize() for _ in range(2))
    email = f"{_word(random)}{number}@example.org"
    share = {"subject": f"{number:016x}", "ticket": f"{number:064x}", "epoch": 1}
    profile = {"name": name, "email": email, "since_ms": 0, "generation": 1}
    profile |= {"master": f"{number:064x}", "rotation": 1024, "devices": {device: share}}
    row = {"name": name, "email": email, "since_ms": 0, "devices": [device]}
    yield Put(vault, "profile", "about", profile)
    yield Put(*place(CUSTOMER, identity), row)
    yield Put(vault, "use", "lamp", _USE)
    yield Put(vault, "rings", "events", {"count": EVENTS})
    for at in range(1, EVENTS + 1):
        yield Put(vault, "events", f"{at:010d}", _event(at, device))
    if number % CUSTOMERS_A_DEVICE == 0:
        unit = {"product": "lamp", "title": "Lamp", "registered_ms": 0}
        yield Put(f"device/{device}", "registered", "about", unit)
        yield Put(f"device/{device}", "state", "sync", _state(0))
        yield Put(*place(DEVICE, device), unit)


def changes(number: int, heard: int, use: dict, count: int) -> list[Put]:
    """What one visit changes: the customer's use and timeline, how far their device was heard."""
    vault, device = f"customer/{customer_of(number)}", device_of(number)
    return [
        Put(vault, "use", "lamp", use),
        Put(vault, "rings", "events", {"count": count + 1}),
        Put(vault, "events", f"{count + 1:010d}", _event(count, device)),
        Put(vault, "events", f"{count + 1 - EVENTS:010d}", None),
        Put(f"device/{device}", "state", "sync", _state(heard)),
        Put(f"device/{device}", "uids", "00" * 7, {"seen": f"{1 << heard % 256:x}"}),
    ]


def _event(at: int, device: str) -> dict:
    text = "A visit of 12 minutes: brightness 35 %, warmth 2700 K."
    return {"at_ms": 1_800_000_000_000 + at, "device": device, "kind": "visit", "text": text}


def _state(heard: int) -> dict:
    return {"upto": heard, "chain": 1, "online": True, "revision": 8, "told": 8, "totals": {}}


def _word(random: Random) -> str:
    return "".join(random.choice(_SYLLABLES) for _ in range(random.randint(2, 4)))
