"""Reminds people of what a product needs, by how they use it, if they agreed to that.

    services.look(ana)              # hands over what is due, through the gate
    services.of(ana)                # where each counter stands, and when it will be due

A machine's counter belongs to the machine: its owner is reminded; where it has none, whoever may
use it but for guests. When it will be due is said by the person's own use of it, nobody else's.
What was reminded of stands in their vault; a counter that began again makes a new beginning.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from hub.devices.device import Device
from hub.draft import Draft
from hub.office import Office
from hub.past.visits import visits
from hub.people import circle
from hub.people.customer import Customer, vault
from hub.people.keys import role
from hub.privacy.consent import SERVICE, agreed
from hub.products import Products
from hub.relation.days import wall
from hub.relation.gate import Verdict
from hub.relation.offering import Offerings, Service
from hub.relation.outgoing import Letter, Outgoing
from hub.relation.preferences import Preferences
from hub.relation.rhythm import Uses, day_of
from protocol.product import find

_TABLE = "services"


class _Due(NamedTuple):
    """level: how often it was due already; missing: until it is once more, and on which day."""

    device: str
    product: str
    service: Service
    total: int
    level: int
    missing: int
    day: date | None
    in_days: int


class Services:
    """Like Profiles. agenda: {customer: when the gate may let it out, ms}; in memory only."""

    def __init__(
        self, office: Office, preferences: Preferences, outgoing: Outgoing, offerings: Offerings
    ) -> None:
        self.agenda = dict[str, int]()
        self._office, self._preferences, self._outgoing = office, preferences, outgoing
        self._offerings = offerings

    def of(self, customer: str) -> list[dict[str, Any]]:
        """[{device, product, counter, title, total, at, missing, day}]; day: ISO 8601, or None."""
        draft = self._office.draft()
        return [
            _details(one) | {"day": one.day.isoformat() if one.day else None}
            for one in self._all(draft, Customer(draft, customer))
        ]

    def look(self, customer: str) -> list[Verdict]:
        """What is due for this person is handed over, or waits for the gate. One commit."""
        draft = self._office.draft()
        person = Customer(draft, customer)
        everyone = circle.members(draft, person)
        self.agenda.pop(customer, None)
        if everyone[0].id != customer or not agreed(everyone, SERVICE):
            return []
        verdicts = [
            self._remind(draft, person, one)
            for one in self._all(draft, person)
            if one.day and one.in_days <= one.service.ahead_days
        ]
        later = [one.next_ms for one in verdicts if not one.go and one.next_ms is not None]
        if later:
            self.agenda[customer] = min(later)
        if any(one.go for one in verdicts):
            self._office.conclude(draft, [customer])
        return verdicts

    def _remind(self, draft: Draft, person: Customer, one: _Due) -> Verdict:
        text = one.service.text
        if one.day and one.missing > 0:
            text += f" At your pace it is due about {one.day.day} {one.day:%B}."
        told = _details(one) | {"day": one.day.isoformat() if one.day else None}
        verdict = self._outgoing.hand_over(draft, person, Letter(SERVICE, text, SERVICE, told))
        if verdict.go:
            reached = max(one.level + 1, one.total // one.service.at)
            begun = _begun(Device(draft, one.device), one.service)
            kept = {"level": reached, "count": one.total, "begun": begun}
            draft.put(vault(person.id), _TABLE, f"{one.device} {one.service.counter}", kept)
        return verdict

    def _all(self, draft: Draft, person: Customer) -> Iterator[_Due]:
        everyone = circle.members(draft, person)
        for name in sorted({name for member in everyone for name in member.devices}):
            device = Device(draft, name)
            offered = self._offerings.get(device.product)
            if offered and _minds(draft, device, {member.id for member in everyone}):
                for service in offered.services:
                    yield self._due(draft, everyone, device, service)

    def _due(
        self, draft: Draft, everyone: list[Customer], device: Device, service: Service
    ) -> _Due:
        person, total = everyone[0], device.state["totals"].get(service.counter, 0)
        place = vault(person.id), _TABLE, f"{device.id} {service.counter}"
        kept, begun = draft.get(*place), _begun(device, service)
        same = kept and kept["begun"] == begun and kept["count"] <= total
        level = kept["level"] if kept and same else 0
        missing = (level + 1) * service.at - total
        zone = self._preferences.zone_of(self._preferences.wanted(draft, person))
        now_ms, products = self._office.clock(), self._office.products
        uses = [] if missing <= 0 else _uses(everyone, device, service, products, zone)
        day = day_of(uses, missing, now_ms, zone)
        in_days = (day - wall(now_ms, zone).date()).days if day else 0
        return _Due(device.id, device.product, service, total, level, missing, day, in_days)


def _begun(device: Device, service: Service) -> int:
    """How often this counter began again, because somebody did what it asks for."""
    return device.state.get("begun", {}).get(service.counter, 0)


def _minds(draft: Draft, device: Device, ids: set[str]) -> bool:
    """Is it this person's to look after the device?"""
    people = [Customer(draft, name) for name in device.people().values()]
    roles = {one.id: role(one.devices[device.id]) for one in people}
    owners = {name for name, as_ in roles.items() if as_ == "owner"}
    return bool(ids & (owners or {name for name, as_ in roles.items() if as_ != "guest"}))


def _uses(
    everyone: list[Customer], device: Device, service: Service, products: Products, zone: Any
) -> Uses:
    product = products[device.product]
    index, _ = find(product.counters, service.counter)
    found = [
        (visit.at_ms, sum(count for at, count in visit.counters if at == index))
        for member in everyone
        for visit in visits(member.history.entries(product.name), product, zone)
        if visit.device == device.id
    ]
    return [(at_ms, count) for at_ms, count in found if count]


def _details(one: _Due) -> dict[str, Any]:
    return {
        "device": one.device,
        "product": one.product,
        "counter": one.service.counter,
        "title": one.service.title,
        "total": one.total,
        "at": one.service.at,
        "missing": max(0, one.missing),
    }
