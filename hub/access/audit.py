"""Who looked at whom or changed what, as what and why: written before any data leaves.

    audit.write(who, "looked at everything known", customer="c-7f3a", reason="they called")
    audit.about("c-7f3a", 20)      # for the customer
    audit.entries(50)              # for auditors: without names of customers

The log (hub/access/audit_log.py) is never changed, and people are forgotten all the same: what it
holds of a customer is sealed by a key that lies in their vault and goes with it. What remains is
that somebody of the staff looked at somebody; `about` is then a pseudonym without a person.
"""

import hashlib
import hmac
from array import array
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.access.who import CUSTOMER, Who
from hub.people.customer import vault
from hub.store import Put, Store

_OWN = "audit"  # in the profile: the key
_TABLE, _KEY = "audit", "key"  # where else it lies
_TOGETHER_MS = 60_000  # the same look again within this is the same look
_MOST_LOOKS = 1000  # of different ones remembered for that


class Lines(Protocol):
    """See hub/access/audit_log.py."""

    def append(self, entry: dict[str, Any]) -> int: ...
    def lines(self, before: int | None = None) -> Iterator[dict[str, Any]]: ...
    def line(self, number: int) -> dict[str, Any]: ...
    def drop(self, before_ms: int) -> None: ...
    def close(self) -> None: ...


class MemoryLines:
    """For a hub that keeps nothing."""

    def __init__(self) -> None:
        self._lines: list[dict[str, Any]] = []

    def append(self, entry: dict[str, Any]) -> int:
        self._lines.append(entry | {"n": len(self._lines) + 1})
        return len(self._lines)

    def lines(self, before: int | None = None) -> Iterator[dict[str, Any]]:
        last = len(self._lines) if before is None else max(before - 1, 0)
        return iter(self._lines[:last][::-1])

    def line(self, number: int) -> dict[str, Any]:
        return self._lines[number - 1]

    def drop(self, before_ms: int) -> None: ...

    def close(self) -> None: ...


class Audit:
    """Raises AuditError or StoreError where it cannot write: then nothing may happen."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], int],
        random: Callable[[int], bytes],
        lines: Lines | None = None,
    ) -> None:
        self._store, self._clock, self._random = store, clock, random
        self._lines = lines or MemoryLines()
        self._by_tag: dict[str, array[int]] | None = None  # numbers; made when first wanted
        self._looks: dict[tuple[Who, str, str, str], int] = {}

    def write(self, who: Who, what: str, customer: str = "", reason: str = "") -> None:
        """Durable when it returns. customer: whom it is about; who is none is left out."""
        entry: dict[str, Any] = {"at_ms": self._clock(), "role": who.role, "what": what}
        if who.role != CUSTOMER:  # whose name is nobody's business here
            entry["who"] = who.name
        key = self._key_of(customer, make=True) if customer else None
        if key:
            entry |= {"about": _tag(key), "of": self._seal(self._own_key(), customer)}
        if reason:
            entry["reason"] = self._seal(key or self._own_key(), reason)
        number = self._lines.append(entry)
        if self._by_tag is not None and key:
            self._by_tag[entry["about"]].append(number)

    def look(self, who: Who, what: str, customer: str = "", reason: str = "") -> None:
        """`write` for what only reads: the same look again within a minute is no new entry."""
        now_ms, look = self._clock(), (who, what, customer, reason)
        if now_ms - self._looks.get(look, -_TOGETHER_MS) < _TOGETHER_MS:
            return
        self.write(who, what, customer, reason)
        self._looks.pop(look, None)
        self._looks[look] = now_ms
        while len(self._looks) > _MOST_LOOKS:
            del self._looks[next(iter(self._looks))]

    def about(self, customer: str, limit: int = 50) -> list[dict[str, Any]]:
        """[{id, at_ms, who, role, what, reason}], newest first, for the customer to see."""
        key = self._key_of(customer)
        if key is None:
            return []
        numbers = self._tags().get(_tag(key), array("Q"))
        return [self._told(self._lines.line(number)) for number in numbers[: -limit - 1 : -1]]

    def entries(self, limit: int = 50, before: int | None = None) -> list[dict[str, Any]]:
        """[{id, at_ms, who, role, what, about, reason}] older than `before`, newest first.

        about: a pseudonym, the same in all entries about one customer, or "".
        """
        lines = islice(self._lines.lines(before), limit)
        return [self._told(line) | {"about": line.get("about", "")} for line in lines]

    def forget(self, before_ms: int) -> None:
        """What is older goes, where a whole file of the log is."""
        self._lines.drop(before_ms)
        self._by_tag = None

    def close(self) -> None:
        self._lines.close()

    def _told(self, line: dict[str, Any]) -> dict[str, Any]:
        who = line.get("who", "the customer")
        told = {"id": line["n"], "at_ms": line["at_ms"], "who": who, "role": line["role"]}
        return told | {"what": line["what"], "reason": self._reason(line)}

    def _reason(self, line: dict[str, Any]) -> str:
        if "reason" not in line:
            return ""
        key: bytes | None = self._own_key()
        if "of" in line:
            key = self._key_of(self._unseal(self._own_key(), line["of"]))
        return self._unseal(key, line["reason"]) if key else ""

    def _tags(self) -> dict[str, "array[int]"]:
        if self._by_tag is None:
            found: dict[str, array[int]] = defaultdict(lambda: array("Q"))
            for line in self._lines.lines():
                if "about" in line:
                    found[line["about"]].append(line["n"])
            for numbers in found.values():
                numbers.reverse()
            self._by_tag = found
        return self._by_tag

    def _key_of(self, customer: str, make: bool = False) -> bytes | None:
        """The key that seals what is said of a customer; None when there is no such customer."""
        where = vault(customer)
        try:
            profile = self._store.get(where, "profile", "about")
        except ValueError:  # no id at all
            return None
        if profile and _OWN in profile:
            return bytes.fromhex(profile[_OWN])
        return self._key(where, make) if profile else None  # of who came before all had one

    def _own_key(self) -> bytes:
        key = self._key("hub", make=True)
        assert key
        return key

    def _key(self, where: str, make: bool) -> bytes | None:
        kept = self._store.get(where, _TABLE, _KEY)
        if kept:
            return bytes.fromhex(kept["key"])
        if not make:
            return None
        key = self._random(32)
        self._store.commit([Put(where, _TABLE, _KEY, {"key": key.hex()})])
        return key

    def _seal(self, key: bytes, text: str) -> str:
        nonce = self._random(12)
        return b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), None)).decode()

    def _unseal(self, key: bytes, sealed: str) -> str:
        content = b64decode(sealed)
        try:
            return AESGCM(key).decrypt(content[:12], content[12:], None).decode()
        except InvalidTag:
            return ""


def _tag(key: bytes) -> str:
    return hmac.new(key, b"about", hashlib.sha256).hexdigest()[:16]
