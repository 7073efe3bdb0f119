"""The secrets of a relationship: whose they are, who gets which.

A customer's carrier (phone or tag) holds the presence master key, and a ticket for each device.
A device holds the presence keys of a few days, and of the ticket only what opens sessions from
yesterday on. Neither can find out from its share what the other devices hold.
"""

from collections.abc import Callable
from typing import Any

from hub.store import Document
from protocol import presence, session
from protocol.messages import GUEST, OWNER, SUBJECT_BYTES, USER, Keys

Random = Callable[[int], bytes]

ROLES = {"guest": GUEST, "user": USER, "owner": OWNER}
LONGEST_PASS_H = 24  # of a guest
_SESSIONS_H = 90 * 24  # for which a device that hears nothing of the hub opens sessions
_KEY_BYTES = 32
_HOUR_MS = 3_600_000


def new_master(random: Random) -> str:
    """The presence master key of a customer, as hex."""
    return random(_KEY_BYTES).hex()


def new_audit_key(random: Random) -> str:
    """What seals what the audit says of a customer, as hex: it goes with them."""
    return random(_KEY_BYTES).hex()


def new_share(random: Random, now_s: int) -> Document:
    """What binds a customer to one device: its own subject and ticket, from this day on."""
    return {
        "subject": random(SUBJECT_BYTES).hex(),
        **new_ticket(random, now_s),
    }


def new_ticket(random: Random, now_s: int) -> Document:
    """What opens sessions at one device from this day on; one that it had opens nothing more."""
    return {"ticket": random(_KEY_BYTES).hex(), "epoch": session.epoch(now_s)}


def right(share: Document) -> Document:
    """What of a share says who somebody is at a device, for another share."""
    return {name: share[name] for name in ("role", "until_ms", "by_hand") if name in share}


def role(share: Document) -> str:
    """What somebody is at a device: guest, user or owner."""
    return share.get("role", "user")


def by_hand(share: Document) -> bool:
    """May they be chosen at a device by its own knob or button, with no phone of theirs near?"""
    return role(share) != "guest" and share.get("by_hand", True)


def ends(share: Document, now_s: int) -> tuple[int, int]:
    """When it ends by itself where the hub is not heard any more: (recognition, sessions), ms.

    That is: what a device was given at this time is of no use any more.
    """
    recognition_s = presence.period(now_s) + presence.PERIODS_AHEAD + 1 << presence.PERIOD_BITS
    sessions_ms = _until_h(share, now_s) * _HOUR_MS
    return min(recognition_s * 1000, sessions_ms), sessions_ms


def device_keys(profile: Document, device: str, now_s: int) -> Keys:
    """What this device may hold now of a customer's secrets."""
    share = profile["devices"][device]
    ticket = bytes.fromhex(share["ticket"])
    # yesterday: a phone whose clock is a little behind must not be turned away at midnight
    epoch = max(session.epoch(now_s) - 1, share["epoch"])
    until_h = _until_h(share, now_s)
    periods = presence.period_keys(bytes.fromhex(profile["master"]), now_s)
    return Keys(
        profile["rotation"],
        [one for one in periods if one[0] << presence.PERIOD_BITS < until_h * 3600],
        session.hint_key(ticket),
        session.chain_key(session.first_chain_key(ticket), epoch - share["epoch"]),
        epoch,
        (ROLES[role(share)], until_h) + (() if by_hand(share) else (0,)),
    )


def _until_h(share: Document, now_s: int) -> int:
    """The hour since 1970 with which all that a device was given ends."""
    if share.get("until_ms"):
        return -(-share["until_ms"] // _HOUR_MS)
    return now_s // 3600 + _SESSIONS_H


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
