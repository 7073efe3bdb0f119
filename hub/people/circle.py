"""Several identities that are one person: linked with proof of each, and parted again exactly.

Each identity keeps a history of its own, of what was done with its own phone or asked for in its
name. What is known of the person is put together from them when it is read, so that parting needs
no more than to stop doing so. See docs/decisions/0008-undo-is-folding-without.md.
"""

from collections.abc import Callable

from hub.draft import Draft
from hub.learning.norms import norms
from hub.past.record import known as own
from hub.past.use import Use, read_use
from hub.people.customer import Customer
from hub.privacy import consent
from protocol.fold import Known
from protocol.product import Product
from protocol.registers import Entry, Registers


def members(draft: Draft, customer: Customer) -> list[Customer]:
    """Everyone this customer is one with, in the order they came together; at least one."""
    ids = customer.profile.get("linked") or [customer.id]
    return [customer if name == customer.id else Customer(draft, name) for name in ids]


def use(draft: Draft, customer: Customer, product: Product) -> Use:
    """What is known of a customer at a product, by all of their identities."""
    whole = _together(draft, customer, lambda member: own(member, product))
    whole.known.carried = customer.carried(product.name)
    whole.known.norms = norms(draft, product.name)
    return whole


def use_as_kept(draft: Draft, customer: Customer, product: str) -> Use:
    """The same, as it was folded last, whatever the version of the product."""
    whole = _together(
        draft, customer, lambda member: read_use(member.use_of(product), member.generation)
    )
    whole.known.carried = customer.carried(product)
    return whole


def _together(draft: Draft, customer: Customer, folded: Callable[[Customer], Use]) -> Use:
    everyone = members(draft, customer)
    whole = joined([folded(one) for one in everyone], customer.generation)
    whole.known.rules = whole.known.rules | consent.rules(everyone)
    return whole


def joined(uses: list[Use], generation: int) -> Use:
    """What several uses come to together."""
    if len(uses) == 1:
        return uses[0]
    whole = Use(Known(registers=Registers(generation)), version=uses[0].version)
    for one in uses:
        _add(whole, one)
    whole.corrections.sort()
    return whole


def _add(whole: Use, one: Use) -> None:
    known, theirs = whole.known, one.known
    words = known.registers
    known.merge(
        words.generation, theirs.rows, theirs.registers.entries, theirs.rules, theirs.undone
    )
    for index, lost in theirs.registers.conflicts.items():
        words.conflicts[index] = _newer(words.conflicts.get(index), lost)
    whole.origins |= one.origins
    whole.undone |= one.undone
    whole.visits += one.visits
    whole.seconds += one.seconds
    whole.adjusted += one.adjusted
    whole.ledger.add(one.ledger)
    whole.corrections += one.corrections
    for name, count in one.counters.items():
        whole.counters[name] = whole.counters.get(name, 0) + count


def _newer(kept: Entry | None, lost: Entry) -> Entry:
    return lost if kept is None or lost.stamp > kept.stamp else kept
