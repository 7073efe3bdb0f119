"""Everybody at the hub, as what is worked out of many needs them: plain data, one a person.

    for person in people(store, everyone(store), products, zone): ...

Identities that are one person count as one: groups are of people, not of phones.
"""

from collections.abc import Iterator
from datetime import tzinfo
from typing import NamedTuple

from hub.devices.device import Device
from hub.draft import Draft
from hub.errors import UnknownCustomerError
from hub.insight.ledger import Ledger
from hub.learning.presets import Window
from hub.past.refold import events_of
from hub.past.visits import Visit, visits
from hub.people import circle
from hub.people.customer import Customer
from hub.privacy.consent import COHORT, agreed
from hub.products import Products
from hub.store import Store
from protocol import events, window
from protocol.product import Product


class Use(NamedTuple):
    """What one person does with one product.

    windows: of each setting, as the learner sees it; refused: wishes of theirs that devices limited
    or refused, undone: what they took back: when, ms.
    """

    visits: list[Visit]
    windows: dict[int, Window]
    ledger: Ledger
    devices: int
    refused: tuple[int, ...] = ()
    undone: tuple[int, ...] = ()


class Person(NamedTuple):
    """agreed: to be counted together with others."""

    id: str
    name: str
    since_ms: int
    agreed: bool
    uses: dict[str, Use]


def everyone(store: Store) -> list[str]:
    """The ids of all customers, in an order that stays."""
    return [vault.partition("/")[2] for vault in store.vaults("customer/")]


def people(store: Store, names: list[str], products: Products, zone: tzinfo) -> Iterator[Person]:
    """Those of these customers who are the first identity of a person."""
    for name in names:
        draft = Draft(store)
        try:
            customer = Customer(draft, name)
        except UnknownCustomerError:
            continue  # forgotten meanwhile
        if circle.members(draft, customer)[0].id == name:
            yield person(draft, customer, products, zone)


def person(draft: Draft, customer: Customer, products: Products, zone: tzinfo) -> Person:
    used = {name for member in circle.members(draft, customer) for name in member.used()}
    return Person(
        customer.id,
        customer.name,
        customer.profile["since_ms"],
        agreed(circle.members(draft, customer), COHORT),
        {
            name: _use(draft, customer, products[name], zone)
            for name in sorted(used & set(products))
        },
    )


def window_of(product: Product, rows: list[window.Row], index: int) -> Window:
    """One setting's visits, with rungs for codes."""
    setting = product.settings[index]
    return [
        (setting.rung(setting.fit(code)), part, corrected)
        for code, part, corrected in window.of_setting(rows, index)
    ]


def _use(draft: Draft, customer: Customer, product: Product, zone: tzinfo) -> Use:
    whole = circle.use(draft, customer, product)
    found: list[Visit] = []
    refused: list[int] = []
    undone: list[int] = []
    devices = set[str]()
    for member in circle.members(draft, customer):
        entries = member.history.entries(product.name)
        found += visits(entries, product, zone)
        devices |= {name for name in member.devices if Device(draft, name).product == product.name}
        undone += [entry["at_ms"] for _, entry in entries if entry["kind"] == "undone"]
        for _, entry, event in events_of(entries):
            if event.kind == events.UNDONE:
                undone.append(entry["at_ms"])
            if event.kind == events.ANSWERED and event.body[2] != events.APPLIED:
                refused.append(entry["at_ms"])
    return Use(
        sorted(found, key=lambda visit: visit.at_ms),
        {at: window_of(product, whole.known.rows, at) for at in range(len(product.settings))},
        whole.ledger,
        len(devices),
        tuple(sorted(refused)),
        tuple(sorted(undone)),
    )
