"""Devices that came from a factory: taken in by a manifest, claimed once by the code on the label.

    deliveries = Deliveries(store, profiles, clock, roots)
    deliveries.take(manifest)                     # signed: who is in it may now speak
    challenge = deliveries.challenge("c-7f3a", "lmp-000123")      # for the customer's phone
    deliveries.claim("c-7f3a", "lmp-000123", "7D2K-M0QX-...", receipt)

A claim takes the code, and the receipt that the device gives to who has the code and presses a
button on it (protocol/claim.py): a photograph of a label owns nothing.

Each call is kept as a whole when it returns, or it raises and nothing has changed.
"""

from collections.abc import Callable, Container, Iterable
from typing import Any

from cryptography import x509

from hub.devices import claims
from hub.devices.device import Device, is_name, register, registered, vault
from hub.devices.makers import fingerprint
from hub.devices.manifest import Made, Manifest, is_trusted, read
from hub.devices.outbox import KEYS, Outbox
from hub.devices.resale import nobodys
from hub.draft import Draft
from hub.errors import ConflictError, InvalidError, UnknownDeviceError, UnknownProductError
from hub.people import circle
from hub.people.customer import Customer
from hub.profiles import Profiles
from hub.store import Document, Store

CHALLENGE_MS = 10 * 60_000

Roots = Callable[[], Iterable[x509.Certificate]]
Refused = Callable[[], Container[str]]


class Deliveries:
    """roots(): the manufacturers trusted at this moment; refused(): fingerprints of lines."""

    def __init__(
        self,
        store: Store,
        profiles: Profiles,
        clock: Callable[[], int],
        roots: Roots,
        refused: Refused = frozenset,
    ) -> None:
        self._store, self._profiles, self._clock = store, profiles, clock
        self._roots, self._refused = roots, refused

    def take(self, content: bytes) -> dict[str, Any]:
        """Register every device of a manifest: {maker, line, batch, new, known}.

        The same manifest again changes nothing. InvalidError if it is not to be believed,
        ConflictError if one of its devices is known as something else.
        """
        manifest, draft = read(content, self._roots()), Draft(self._store)
        if fingerprint(manifest.line_pem) in self._refused():
            raise InvalidError("manifest", f"The manifest is of {manifest.line}, which is refused.")
        new = [made for made in manifest.devices if self._is_new(draft, made)]
        for made in new:
            self._add(draft, manifest, made)
        line = {"pem": manifest.line_pem.decode(), "name": manifest.line, "maker": manifest.maker}
        draft.put("hub", "lines", fingerprint(manifest.line_pem), line)
        draft.commit()
        return {
            "maker": manifest.maker,
            "line": manifest.line,
            "batch": manifest.batch,
            "new": len(new),
            "known": len(manifest.devices) - len(new),
        }

    def lines(self) -> list[bytes]:
        """The certificates (PEM) of the lines that devices came from, if they are trusted still."""
        roots, refused = list(self._roots()), self._refused()
        return [
            line["pem"].encode()
            for name, line in self._store.all("hub", "lines").items()
            if name not in refused
            and is_trusted(x509.load_pem_x509_certificate(line["pem"].encode()), roots)
        ]

    def challenge(self, customer: str, device: str) -> str:
        """What the device has to answer for this customer within CHALLENGE_MS, hex."""
        draft, nonce = Draft(self._store), self._profiles.office.random(16).hex()
        made, person = self._made(draft, device), Customer(draft, customer)
        made["challenge"] = {"nonce": nonce, "until_ms": self._clock() + CHALLENGE_MS}
        draft.put(vault(device), "made", "about", made)
        draft.commit()
        return claims.challenge(nonce, person.id).hex()

    def offered(self, device: str, code: str) -> str:
        """The product of a device that may be claimed with this code; raises as `claim` does."""
        draft = Draft(self._store)
        _check_code(self._made(draft, device), device, code)
        return self._profiles.office.registered(draft, device)

    def claim(self, customer: str, device: str, code: str, receipt: str) -> None:
        """The device is theirs, and may recognise them, until it is reset to what it was."""
        draft = Draft(self._store)
        made, person = self._made(draft, device), Customer(draft, customer)
        code = _check_code(made, device, code)
        self._check_pressed(made, device, customer, code, receipt)
        if device not in person.devices:
            self._profiles.link(customer, device, "owner")
        else:
            self._promote(person, device)
        made["claimed"] = {"customer": customer, "at_ms": self._clock()}
        made["challenge"] = None
        draft.put(vault(device), "made", "about", made)
        draft.commit()

    def reset(self, device: str) -> None:
        """It was reset to what it was when it left the factory: nobody's, and it knows nobody."""
        draft = Draft(self._store)
        self._made(draft, device)
        people = nobodys(draft, self._profiles.office, device)
        self._profiles.office.conclude(draft, people, [device])

    def _promote(self, person: Customer, device: str) -> None:
        """Somebody who was known there already is its owner from here on."""
        draft, office = Draft(self._store), self._profiles.office
        everyone = circle.members(draft, Customer(draft, person.id))
        for member in (one for one in everyone if device in one.devices):
            share = member.devices[device]
            share["role"] = "owner"
            share.pop("until_ms", None)
            member.keep()
            Outbox(draft, Device(draft, device)).person(share["subject"], [KEYS])
        office.conclude(draft, [person.id], [device])

    def _check_pressed(
        self, made: Document, device: str, customer: str, code: str, receipt: str
    ) -> None:
        asked = made.get("challenge")
        if not asked or asked["until_ms"] <= self._clock():
            raise InvalidError("receipt", "receipt: too old or never asked for; begin again.")
        challenge = claims.challenge(asked["nonce"], customer)
        if not claims.is_receipt(receipt, device, code, challenge):
            raise InvalidError(
                "receipt", "receipt: that is not what the device answers when it is pressed."
            )

    def _made(self, draft: Draft, device: str) -> Document:
        document = draft.get(vault(device), "made", "about") if is_name(device) else None
        if document is None:
            raise UnknownDeviceError(device)
        return document

    def _is_new(self, draft: Draft, made: Made) -> bool:
        if made.product not in self._profiles.products:
            raise UnknownProductError(made.product, sorted(self._profiles.products))
        if registered(draft, made.device) is None:
            return True
        known = draft.get(vault(made.device), "made", "about")
        if known is None:
            raise ConflictError(f"{made.device} is registered already, and not from a factory.")
        if (known["claim"], known["key"]) != (made.claim, made.key):
            raise ConflictError(f"{made.device} came in an earlier manifest, with another key.")
        return False

    def _add(self, draft: Draft, manifest: Manifest, made: Made) -> None:
        title = self._profiles.products[made.product].title
        register(draft, made.device, made.product, title, self._clock())
        row = {
            "claim": made.claim,
            "key": made.key,
            "maker": manifest.maker,
            "batch": manifest.batch,
            "claimed": None,
        }
        draft.put(vault(made.device), "made", "about", row)


def _check_code(made: Document, device: str, code: str) -> str:
    """The code as it was made; raises if it is another, or the device is somebody's already."""
    try:
        code = claims.tidied(code)
    except ValueError as error:
        raise InvalidError("code", f"code: {error}.") from None
    if not claims.is_code(code, made["claim"]):
        raise InvalidError("code", f"code: that is not the code on the label of {device}.")
    if made["claimed"]:
        raise ConflictError(f"{device} is claimed already; reset it at the device first.")
    return code
