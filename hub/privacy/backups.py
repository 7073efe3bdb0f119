"""The backups that the hub knows of: when each was made. It keeps none itself.

    noted(store, now_ms)           # one is being made
    backups(draft)                 # [at_ms], oldest first

Whoever makes them keeps them for KEPT_DAYS at most; of older ones nothing is known any more.
"""

from hub.draft import Draft
from hub.store import Put, Store

KEPT_DAYS = 35
_DAY_MS = 86_400_000
_VAULT, _TABLE = "hub", "backups"


def noted(store: Store, now_ms: int) -> None:
    """A backup is being made. Raises StoreError."""
    oldest_ms = now_ms - KEPT_DAYS * _DAY_MS
    old = [key for key in store.all(_VAULT, _TABLE) if int(key) < oldest_ms]
    gone = [Put(_VAULT, _TABLE, key, None) for key in old]
    store.commit([*gone, Put(_VAULT, _TABLE, f"{now_ms:015d}", {"at_ms": now_ms})])


def backups(draft: Draft) -> list[int]:
    return [row["at_ms"] for row in draft.all(_VAULT, _TABLE).values()]
