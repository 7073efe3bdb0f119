"""What a person's phone carries to devices that hear nothing of their hub: protocol/bulletin.py.

    bulletins(draft, ["lamp-1", ...], now_ms, random)  ->  {"lamp-1": sealed}

For a device that was told all there is, there is none. Each device has a key of its own, which is
told to it with every welcome, and is another one once it was reset: what was sealed for who owned
it before is worth nothing then.
"""

from collections.abc import Iterable

from hub.devices.device import Device, vault
from hub.draft import Draft
from hub.people import circle
from hub.people.customer import Customer
from hub.people.keys import Random
from hub.privacy.consent import REMEMBER, agreed
from protocol import bulletin, session

_OWN = ("own", "key")  # table and key in a device's vault


def own_key(draft: Draft, device: str, random: Random) -> bytes:
    """The key that a device and its hub have in common; made when it is first wanted."""
    known = draft.get(vault(device), *_OWN)
    if known is None:
        known = {"key": random(bulletin.KEY_BYTES).hex()}
        draft.put(vault(device), *_OWN, known)
    return bytes.fromhex(known["key"])


def forget_key(draft: Draft, device: str) -> None:
    """The device becomes somebody else's."""
    draft.remove(vault(device), *_OWN)


def bulletins(
    draft: Draft, devices: Iterable[str], now_ms: int, random: Random
) -> dict[str, bytes]:
    """Those there are for these devices."""
    waiting = [one for one in (Device(draft, name) for name in devices) if _is_behind(draft, one)]
    return {one.id: _sealed(draft, one, now_ms, random) for one in waiting}


def _is_behind(draft: Draft, device: Device) -> bool:
    lacks = device.state["told"] < device.state["revision"]
    return lacks and draft.get(vault(device.id), *_OWN) is not None


def _sealed(draft: Draft, device: Device, now_ms: int, random: Random) -> bytes:
    known = {}
    for subject, customer in device.people().items():
        person = Customer(draft, customer)
        if agreed(circle.members(draft, person), REMEMBER):
            ticket = bytes.fromhex(person.devices[device.id]["ticket"])
            known[bytes.fromhex(subject)] = session.hint_key(ticket)
    return bulletin.seal(
        own_key(draft, device.id, random),
        session.pairwise_id(device.id),
        random(bulletin.NONCE_BYTES),
        device.state["revision"],
        now_ms,
        known,
    )
