"""Which devices an update is for, and when it goes no further.

A roll-out is a document: {product, version, percent, only, at_once, stop_failed, stop_percent,
state ("running" or "stopped"), why, since_ms, counts: {state of a device: how many}}.

percent: of all devices, by a hash of id and version: raising it adds to those who had it. only:
patterns of ids, such as "lmp-0001*"; no pattern is for all. at_once: so many may have begun and not
ended; the next are asked when they are done, so that a bad version meets few.
"""

import hashlib
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from hub.errors import InvalidError
from hub.store import Document
from protocol.update import FAILURES, STATES

OFFERED = "offered"
ENDED = ("done", *FAILURES)
ROW_STATES = (OFFERED, *STATES)
_MOST_PATTERNS, _LONGEST_PATTERN = 100, 40
_PARTS = 10_000  # of which each hundred is a percent


class Plan(NamedTuple):
    """How a roll-out goes; it stops at stop_failed failures that are stop_percent of the ended."""

    percent: float = 100.0
    only: tuple[str, ...] = ()
    at_once: int = 20
    stop_failed: int = 3
    stop_percent: float = 5.0

    def checked(self) -> "Plan":
        """The same, or InvalidError."""
        for name in ("percent", "stop_percent"):
            if not 0 <= getattr(self, name) <= 100:
                raise InvalidError(name, f"{name}: 0 to 100 is wanted.")
        for name in ("at_once", "stop_failed"):
            if not 1 <= getattr(self, name) <= 10_000:
                raise InvalidError(name, f"{name}: 1 to 10000 is wanted.")
        if len(self.only) > _MOST_PATTERNS or any(len(x) > _LONGEST_PATTERN for x in self.only):
            raise InvalidError("only", f"only: at most {_MOST_PATTERNS} patterns of ids.")
        return self


def begun(product: str, version: int, plan: Plan, now_ms: int) -> Document:
    said: dict[str, Any] = plan.checked()._asdict()
    return said | {
        "product": product,
        "version": version,
        "only": list(plan.only),
        "state": "running",
        "why": "",
        "since_ms": now_ms,
        "counts": dict.fromkeys(ROW_STATES, 0),
    }


def is_meant(rollout: Document, device: str) -> bool:
    """True if the update is for this device at this stage."""
    if rollout["only"] and not any(fnmatchcase(device, one) for one in rollout["only"]):
        return False
    return _part(rollout["version"], device) < rollout["percent"] * _PARTS / 100


def count(rollout: Document, old: str | None, new: str) -> None:
    """A device was in one state (None: in none) and is in another; may stop the roll-out."""
    counts = rollout["counts"]
    if old:
        counts[old] -= 1
    counts[new] += 1
    failed = sum(counts[state] for state in FAILURES)
    ended = failed + counts["done"]
    enough = failed >= rollout["stop_failed"] and failed * 100 >= rollout["stop_percent"] * ended
    if new in FAILURES and enough and rollout["state"] == "running":
        stop(rollout, f"{failed} of {ended} devices failed")


def stop(rollout: Document, why: str) -> None:
    rollout.update(state="stopped", why=why)


def _part(version: int, device: str) -> int:
    digest = hashlib.sha256(f"{version} {device}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % _PARTS
