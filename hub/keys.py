"""The secrets of a relationship: whose they are, who gets which.

A customer's carrier (phone or tag) holds the presence master key, and a ticket for each device.
A device holds the presence keys of a few days, and of the ticket only what opens sessions from
yesterday on. Neither can find out from its share what the other devices hold.
"""

from collections.abc import Callable
from typing import Any

from hub.store import Document
from protocol import presence, session
from protocol.messages import SUBJECT_BYTES, Keys

Random = Callable[[int], bytes]

_KEY_BYTES = 32


def new_master(random: Random) -> str:
    """The presence master key of a customer, as hex."""
    return random(_KEY_BYTES).hex()


def new_share(random: Random, now_s: int) -> Document:
    """What binds a customer to one device: its own subject and ticket, from this day on."""
    return {
        "subject": random(SUBJECT_BYTES).hex(),
        "ticket": random(_KEY_BYTES).hex(),
        "epoch": session.epoch(now_s),
    }


def device_keys(profile: Document, device: str, now_s: int) -> Keys:
    """What this device may hold now of a customer's secrets."""
    share = profile["devices"][device]
    ticket = bytes.fromhex(share["ticket"])
    # yesterday: a phone whose clock is a little behind must not be turned away at midnight
    epoch = max(session.epoch(now_s) - 1, share["epoch"])
    return Keys(
        profile["rotation"],
        presence.period_keys(bytes.fromhex(profile["master"]), now_s),
        session.hint_key(ticket),
        session.chain_key(session.first_chain_key(ticket), epoch - share["epoch"]),
        epoch,
    )


def credential(customer: str, profile: Document) -> dict[str, Any]:
    """What the customer's own companion is given; secret."""
    return {
        "customer": customer,
        "master": profile["master"],
        "rotation": profile["rotation"],
        "devices": {
            device: {name: share[name] for name in ("subject", "ticket", "epoch")}
            for device, share in profile["devices"].items()
        },
    }
