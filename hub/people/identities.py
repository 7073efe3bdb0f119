"""Acts on whom is whom: link two identities of one person, part them again; replace a device.

    code, other = identities.prove(ana), identities.prove(ana_at_work)   # each reads their own
    identities.link(ana, code, ana_at_work, other)
    identities.part(ana_at_work)

Each identity proves itself by a code that works once, and not for long. What is known of them
together is put together when it is read (hub/people/circle.py); nothing moves, so parting is exact.
"""

import hashlib
import hmac
from typing import Any

from hub.devices.device import Device
from hub.devices.outbox import EVERYTHING, Outbox
from hub.draft import Draft
from hub.errors import ConflictError, InvalidError
from hub.office import Office
from hub.people import circle
from hub.people.customer import Customer
from hub.people.keys import right
from hub.people.wishes import join, leave

CODE_MS = 10 * 60_000  # a code that nobody used is dead after this
_MOST_TRIES = 5  # wrong codes; then another has to be asked for
_MOST_IDENTITIES = 4
_DIGITS = 8


class Identities:
    def __init__(self, office: Office) -> None:
        self._office = office

    def prove(self, customer: str) -> str:
        """A code for the customer's own eyes: who knows it speaks for them, once."""
        draft = self._office.draft()
        person = Customer(draft, customer)
        number = int.from_bytes(self._office.random(8), "big") % 10**_DIGITS
        code = f"{number:0{_DIGITS}d}"
        until_ms = self._office.clock() + CODE_MS
        person.profile["proof"] = {"digest": _digest(customer, code), "until_ms": until_ms}
        person.profile["proof"]["tries"] = 0
        person.keep()
        draft.commit()
        return code

    def use_up(self, customer: str, code: str) -> None:
        """Somebody speaks for the customer, this once; InvalidError if the code is not right."""
        draft = self._office.draft()
        person = Customer(draft, customer)
        self._check(person, "code", code)
        person.profile.pop("proof")
        person.keep()
        draft.commit()

    def link(self, customer: str, code: str, other: str, other_code: str) -> None:
        """From here on both are one person, if both codes are right.

        InvalidError for a wrong or old code; ConflictError or DeviceFullError if it cannot be.
        """
        draft = self._office.draft()
        one, two = Customer(draft, customer), Customer(draft, other)
        self._check(one, "code", code)
        self._check(two, "other_code", other_code)
        everyone = [*circle.members(draft, one), *circle.members(draft, two)]
        ids = [member.id for member in everyone]
        if len(set(ids)) < len(ids):
            raise ConflictError("These two are one person already.")
        if len(ids) > _MOST_IDENTITIES:
            raise ConflictError(f"A person has at most {_MOST_IDENTITIES} identities.")
        for member in everyone:
            member.profile["linked"] = ids
            member.profile.pop("proof", None)
            member.keep()
        devices = {name for member in everyone for name in member.devices}
        for device in sorted(devices):
            self._introduce(draft, everyone, device)
        for member in everyone:
            names = ", ".join(one.name for one in everyone if one.id != member.id)
            self._office.add(member, "joined", f"From here on you are one with: {names}.")
        self._office.conclude(draft, ids, sorted(devices))

    def part(self, customer: str) -> None:
        """This identity is on its own again, with its own devices, use and words."""
        draft = self._office.draft()
        person = Customer(draft, customer)
        everyone = circle.members(draft, person)
        if len(everyone) == 1:
            raise ConflictError(f"{person.name} is not linked to anybody.")
        rest = [member for member in everyone if member.id != customer]
        devices = {name for member in everyone for name in member.devices}
        for member in everyone:
            strangers = {one.id for one in ([person] if member in rest else rest)}
            self._leave(draft, member, strangers)
        for member in everyone:
            ids = [one.id for one in rest] if member in rest and len(rest) > 1 else None
            member.profile["linked"] = ids
            # what devices put together comes apart: a later generation replaces it whole
            member.profile["generation"] += 1
            member.keep()
            names = ", ".join(one.name for one in everyone if one.id != member.id)
            self._office.add(member, "parted", f"You are no longer one with: {names}.")
        for member in everyone:
            self._tell_everything(draft, member)
        self._office.conclude(draft, [member.id for member in everyone], sorted(devices))

    def replace(self, old: str, new: str) -> list[str]:
        """A device takes the place of another of its product; the ids of who moved there.

        The old one forgets everybody. ConflictError if the products differ.
        """
        draft, office = self._office.draft(), self._office
        product = office.registered(draft, old)
        if office.registered(draft, new) != product or old == new:
            raise ConflictError(f"{new} is no other {product}: it cannot take the place of {old}.")
        moved = [Customer(draft, name) for name in Device(draft, old).people().values()]
        for person in moved:
            if new not in person.devices:
                subject = office.introduce(draft, person, new)
                person.devices[new].update(right(person.devices[old]))
                wishes = join(person, product, new)
                Outbox(draft, Device(draft, new)).person(subject, EVERYTHING, wishes)
            office.part(draft, person, old)
            leave(person, old)
            text = f"{new} has taken the place of {old}, and knows what that knew."
            office.add(person, "replaced", text, new, product)
        office.conclude(draft, [person.id for person in moved], [old, new])
        return [person.id for person in moved]

    def _check(self, person: Customer, field: str, code: str) -> None:
        proof: dict[str, Any] = person.profile.get("proof") or {}
        fits = hmac.compare_digest(proof.get("digest", ""), _digest(person.id, code.strip()))
        if fits and proof["until_ms"] > self._office.clock():
            return
        if proof:
            self._missed(person.id)
        raise InvalidError(field, f"{field}: wrong, used or too old; ask for another.")

    def _missed(self, customer: str) -> None:
        """Count a wrong code, whatever else was asked; after some the right one is dead too."""
        draft = self._office.draft()
        person = Customer(draft, customer)
        proof = person.profile["proof"]
        proof["tries"] += 1
        if proof["tries"] >= _MOST_TRIES:
            del person.profile["proof"]
        person.keep()
        draft.commit()

    def _introduce(self, draft: Draft, everyone: list[Customer], device: str) -> None:
        """All of them at this device, each with everything known of all."""
        one, owner = Device(draft, device), _owner(everyone, device)
        for member in everyone:
            wishes = []
            if device not in member.devices:
                self._office.introduce(draft, member, device)
                theirs = next(one for one in everyone if one.id == owner).devices[device]
                member.devices[device].update(right(theirs), by=owner)
                member.keep()
                wishes = join(member, one.product, device)
            Outbox(draft, one).person(member.devices[device]["subject"], EVERYTHING, wishes)

    def _leave(self, draft: Draft, member: Customer, strangers: set[str]) -> None:
        """Leave the devices that came with others."""
        for device, share in sorted(member.devices.items()):
            if share.get("by") in strangers:
                self._office.part(draft, member, device)
                leave(member, device)

    def _tell_everything(self, draft: Draft, member: Customer) -> None:
        for device, share in member.devices.items():
            share["fence_ms"] = self._office.clock()  # see Ingest: what it learns until it hears
            Outbox(draft, Device(draft, device)).person(share["subject"], EVERYTHING)
        member.keep()


def _owner(everyone: list[Customer], device: str) -> str:
    """Of those who are at a device, the one whose own it is."""
    there = [member for member in everyone if device in member.devices]
    return next((one.id for one in there if "by" not in one.devices[device]), there[0].id)


def _digest(customer: str, code: str) -> str:
    return hashlib.sha256(f"rapport proof {customer} {code}".encode()).hexdigest()
