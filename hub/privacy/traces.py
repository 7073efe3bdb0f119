"""What is left of people outside their own vaults: found, and taken out when they are erased.

Their vaults, and the rows by which they are found, need no sweep: their keys are destroyed.
"""

from collections.abc import Container, Iterable

from hub.devices.device import vault
from hub.draft import Draft
from hub.store import Store

_HUB = "hub"
_TOKENS, _KINDS = "tokens/", ("sessions", "invitations")


def sweep(draft: Draft, store: Store, erased: Container[str], devices: Iterable[str]) -> None:
    """Take these customers' ids out of whatever of the hub's, or of these devices', names them."""
    for key, row in draft.all(_HUB, "passes").items():
        if row["customer"] in erased:
            draft.remove(_HUB, "passes", key)
    flagged = draft.get(_HUB, "struggling", "all") or {"customers": []}
    others = [one for one in flagged["customers"] if one["customer"] not in erased]
    if len(others) < len(flagged["customers"]):
        draft.put(_HUB, "struggling", "all", flagged | {"customers": others})
    for where in store.vaults(_TOKENS):
        for kind in _KINDS:
            for key, row in draft.all(where, kind).items():
                if any(part in erased for part in row["who"]):
                    draft.remove(where, kind, key)
    for device in devices:
        sweep_device(draft, erased, device)


def sweep_device(draft: Draft, erased: Container[str], device: str) -> None:
    """Nobody says any more who claimed it; somebody's it is still, until it is reset."""
    made = draft.get(vault(device), "made", "about")
    claimed = made["claimed"] if made else None
    if made and claimed and claimed["customer"] and claimed["customer"] in erased:
        claimed = claimed | {"customer": None}
        draft.put(vault(device), "made", "about", made | {"claimed": claimed})
