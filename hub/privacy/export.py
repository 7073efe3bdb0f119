"""Everything kept of a person, as one document: for themselves, and to be taken in elsewhere.

Its shape is hub/privacy/export.schema.json. The same profile gives the same document, whatever the
time, but for `exported_at_ms`. Secrets of devices are not in it: another hub makes its own when it
takes it in (hub/privacy/imports.py).
"""

import hashlib
from typing import Any

import orjson

from hub.about import settings_of
from hub.devices.device import registered
from hub.draft import Draft
from hub.past.record import known
from hub.past.use import Use, write_use
from hub.people import circle, notes
from hub.people.customer import Customer, vault
from hub.privacy.related import related
from hub.products import Products
from hub.store import Document
from protocol import window

FORMAT, VERSION = "rapport-profile", 1
DAYPARTS = ("night", "morning", "midday", "evening", "unknown")
_ALL = 1 << 30
_OF_THE_HUB = ("id", "messages")  # where it is another hub, these are others


def export(draft: Draft, products: Products, customer: Customer, now_ms: int) -> dict[str, Any]:
    """The document; its values are those that devices apply, by product and time of day."""
    everyone = circle.members(draft, customer)
    devices = {name for member in everyone for name in member.devices}
    used = {name for member in everyone for name in member.used()}
    names = sorted((used | _products(draft, devices)) & set(products))
    identities = [_identity(draft, products, member) for member in everyone]
    return {
        "format": FORMAT,
        "version": VERSION,
        "exported_at_ms": now_ms,
        "customer": customer.id,
        "products": {name: products[name].version for name in names},
        "devices": [{"id": name} | _registered(draft, name) for name in sorted(devices)],
        "settings": [line for name in names for line in _settings(draft, products, customer, name)],
        "identities": identities,
        "digest": digest(identities),
    }


def digest(identities: list[dict[str, Any]]) -> str:
    """SHA-256 of all that is kept of them, whatever their ids; equal where it was taken in."""
    plain = [{name: one[name] for name in one if name not in _OF_THE_HUB} for one in identities]
    return hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _settings(
    draft: Draft, products: Products, customer: Customer, product: str
) -> list[dict[str, Any]]:
    """What is applied in every context, and why."""
    made = products[product]
    use = circle.use(draft, customer, made)
    parts = range(window.DAYPARTS + 1)
    return [
        {"context": DAYPARTS[part]} | line
        for part in parts
        for line in settings_of(made, use, part)
    ]


def _identity(draft: Draft, products: Products, member: Customer) -> dict[str, Any]:
    """One identity with its history, from which all else can be folded again."""
    about = {name: member.profile[name] for name in ("name", "email", "since_ms", "generation")}
    uses = {name: _use(products, member, name) for name in sorted(member.used())}
    snapshots = {name: member.history.snapshot(name) for name in sorted(member.used())}
    return (
        {"id": member.id}
        | about
        | {
            "consents": member.profile.get("consents", {}),
            "said": _ring(member.consents.newest(_ALL)),
            "carried": draft.all(vault(member.id), "carried"),
            "notes": notes.kept(draft, member.id)[::-1],
            "counts": _counts(member),
            "use": uses,
            "snapshots": {name: found for name, found in snapshots.items() if found},
            "history": [{"number": number} | made for number, made in member.history.entries()],
            "timeline": _ring(member.timeline.newest(_ALL)),
            "wishes": _ring(member.wishes.newest(_ALL)),
        }
        | related(draft, member.id)
    )


def _counts(member: Customer) -> dict[str, int]:
    """The numbers up to which there ever was something: so that none is given twice."""
    return {
        "history_first": member.history.first,
        "history": member.history.last,
        "timeline": member.timeline.count,
        "wishes": member.wishes.count,
        "said": member.consents.count,
    }


def _use(products: Products, member: Customer, name: str) -> Document | None:
    if name not in products:
        return member.use_of(name)
    use: Use = known(member, products[name])
    return write_use(use)


def _ring(newest: list[tuple[int, Document]]) -> list[dict[str, Any]]:
    return [{"id": number} | document for number, document in reversed(newest)]


def _products(draft: Draft, devices: set[str]) -> set[str]:
    return {_registered(draft, name)["product"] for name in devices}


def _registered(draft: Draft, device: str) -> Document:
    found = registered(draft, device) or {}
    return {name: found.get(name) for name in ("product", "title")}
