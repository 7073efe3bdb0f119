"""The receipt of an erasure: every copy there was, and what became of it.

It lies under a digest of its id, which only the person has, and holds neither name nor id of theirs
nor of what devices knew them by: a device finds its receipt by what the hub notes beside the
subject it is to forget (hub/devices/device.py), until it has confirmed.

    {"begun_ms", "asked_by", "copies": [{"where", "what", "state", "at_ms", ...}]}

state: "erased", "waiting" (for a device to confirm) or "lost" (the device will never confirm).
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from hub.devices.device import Device, registered, vault
from hub.draft import Draft, Place
from hub.people import keys
from hub.people.customer import Customer
from hub.store import Document

ERASED, WAITING, LOST = "erased", "waiting", "lost"
STORE, DEVICE, PHONE, BROKER = "store", "device", "phone", "broker"

_TABLE = "receipt"


def digest(receipt: str) -> str:
    """The key under which the receipt with this id lies."""
    return hashlib.sha256(b"rapport receipt " + receipt.encode()).hexdigest()[:32]


def place(key: str) -> Place:
    return f"receipts/{key[:2]}", _TABLE, key


def device_copies(draft: Draft, everyone: Iterable[Customer], now_ms: int) -> list[Document]:
    """A copy for each device that knows any of these identities."""
    found: dict[str, Document] = {}
    for member in everyone:
        for name, share in sorted(member.devices.items()):
            copy = found.setdefault(name, _device_copy(draft, name))
            copy["subjects"] += 1
            ends_ms = max(keys.ends(share, now_ms // 1000)[0], copy["keys_end_ms"])
            copy["keys_end_ms"] = ends_ms
    return list(found.values())


def _device_copy(draft: Draft, name: str) -> Document:
    device, about = Device(draft, name), registered(draft, name) or {}
    return {
        "where": DEVICE,
        "what": "What it knew of you, and the keys by which it recognised you",
        "device": name,
        "product": about.get("product"),
        "seen_ms": device.state["last_seen_ms"],
        "keys_end_ms": 0,
        "subjects": 0,  # identities that it is still to forget
        "state": WAITING,
        "at_ms": None,
    }


def confirmed(draft: Draft, device: str, subject: str, now_ms: int) -> None:
    """A device has forgotten a subject: the receipt that waits for it says so."""
    known = draft.get(vault(device), "subjects", subject) or {}
    key = known.pop("receipt", None)
    if key is None:
        return
    draft.put(vault(device), "subjects", subject, known)
    document = draft.get(*place(key))
    for copy in _of(document, device):
        copy["subjects"] -= 1
        copy["seen_ms"] = now_ms
        if copy["subjects"] <= 0:
            copy.update(state=ERASED, at_ms=now_ms)
    if document:
        draft.put(*place(key), document)


def written_off(draft: Draft, device: str, now_ms: int) -> int:
    """A device is lost: no receipt waits for it any more. How many did."""
    waiting = {
        known["receipt"]
        for known in draft.all(vault(device), "subjects").values()
        if "receipt" in known
    }
    for key in waiting:
        document = draft.get(*place(key))
        for copy in _of(document, device):
            if copy["state"] == WAITING:
                copy.update(state=LOST, at_ms=now_ms)
        if document:
            draft.put(*place(key), document)
    return len(waiting)


def settled(draft: Draft, key: str, now_ms: int) -> None:
    """What lay at the hub itself is gone."""
    document = draft.get(*place(key))
    if document is None:
        return
    for copy in document["copies"]:
        if copy["where"] == STORE and copy["state"] == WAITING:
            copy.update(state=ERASED, at_ms=now_ms)
    draft.put(*place(key), document)


def shown(receipt: str, document: Document, now_ms: int) -> dict[str, Any]:
    """id, as_of_ms, begun_ms, asked_by, state (open or closed), closed_ms, and the copies.

    Each copy: where, what, state, at_ms, text; a device's also device, product, seen_ms and
    keys_end_ms. Lost is closed too, once the device's keys have ended.
    """
    devices = [copy for copy in document["copies"] if copy["where"] == DEVICE]
    last_ms = max((_final_ms(copy, now_ms) for copy in devices), default=document["begun_ms"])
    copies = [_shown(copy, last_ms, now_ms) for copy in document["copies"]]
    is_open = any(_is_open(copy, now_ms) for copy in copies)
    ends_ms = [copy["at_ms"] or 0 for copy in copies] + [last_ms]
    return {
        "format": "rapport-receipt",
        "version": 1,
        "id": receipt,
        "as_of_ms": now_ms,
        "begun_ms": document["begun_ms"],
        "asked_by": document["asked_by"],
        "state": "open" if is_open else "closed",
        "closed_ms": None if is_open else max(ends_ms),
        "copies": copies,
    }


def _of(document: Document | None, device: str) -> list[Document]:
    copies = document["copies"] if document else []
    return [copy for copy in copies if copy.get("device") == device]


def _final_ms(copy: Document, now_ms: int) -> int:
    """Since when nothing is to be expected of a device; later than now while something is."""
    if copy["state"] == ERASED:
        return copy["at_ms"]
    return max(copy["keys_end_ms"], copy["at_ms"]) if copy["state"] == LOST else now_ms + 1


def _is_open(copy: Document, now_ms: int) -> bool:
    if copy["state"] == LOST:
        return copy["keys_end_ms"] > now_ms
    return copy["state"] == WAITING


def _shown(copy: Document, last_ms: int, now_ms: int) -> dict[str, Any]:
    copy = {name: value for name, value in copy.items() if name != "subjects"}
    if copy["state"] == WAITING and copy["where"] in (PHONE, BROKER) and last_ms <= now_ms:
        copy.update(state=ERASED, at_ms=last_ms)
    return copy | {"text": _text(copy, now_ms)}


def _text(copy: dict[str, Any], now_ms: int) -> str:
    if copy["where"] != DEVICE:
        done = f"Erased on {day(copy['at_ms'])}." if copy["state"] == ERASED else ""
        return done or "Of use only at devices that have not confirmed yet."
    name, ends_ms = copy["device"], copy["keys_end_ms"]
    if copy["state"] == ERASED:
        return f"{name} confirmed on {day(copy['at_ms'])} that nothing is left there."
    expired = "expired" if ends_ms <= now_ms else "expire"
    if copy["state"] == LOST:
        return f"{name} was reported lost; the keys in it {expired} on {day(ends_ms)}."
    seen = f"last heard on {day(copy['seen_ms'])}" if copy["seen_ms"] else "never heard"
    return f"Waits for {name}, {seen}; the keys in it {expired} on {day(ends_ms)}."


def day(ms: int) -> str:
    """As people read it, in UTC."""
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return f"{at.day} {at:%B %Y}"
