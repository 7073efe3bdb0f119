"""What a device knew when it decided something: looked for in the history until it is certain.

What was done at the device itself it knew at once; of the rest it knew what it had been told by
then, and only it knows how much that was. So each visit carries a digest of what was decided at its
begin (protocol/decision.py), and the hub folds its history up to one point after the other until
what follows has this digest. What is found is what the device had, up to chance in 2^32.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from hub.devices.outbox import fitting
from hub.draft import Draft
from hub.errors import GoneError, InvalidError, UnknownLineError
from hub.learning import norms
from hub.past.history import Entries
from hub.past.refold import event_of, refold
from hub.past.use import Use
from hub.people import circle
from hub.people.customer import Customer
from hub.privacy import consent
from hub.products import Products
from hub.store import Document
from protocol import messages
from protocol.decision import digest
from protocol.events import COMPARED, Event, visit_uid
from protocol.fold import Known
from protocol.messages import Person
from protocol.product import Product
from protocol.rules import ALL, LEARN, PAUSED, Rule

_MOST_TRIES = 100
_NEAR = 8  # what a device had of rows may lag so many entries behind what it had of words


class Visit(NamedTuple):
    """at_ms: when the hub heard of it; digest, daypart: of the decision at its begin."""

    device: str
    at_ms: int
    event: Event
    digest: int
    daypart: int


class _Past(NamedTuple):
    """The entries of one identity before the visit: its own at the device, and the others."""

    member: Customer
    own: Entries
    told: Entries


def decision(draft: Draft, products: Products, customer: Customer, line: int) -> dict[str, Any]:
    """What is needed to decide again at the visit told in this line; bytes as hex.

    product, version, device, visit, daypart, digest (as the device had it), found (whether the
    history leads to the same), messages (each a Person: what it had been told, in all) and norms.
    """
    visit, made = _visit(customer, line)
    if made["product"] not in products:
        raise InvalidError("event", f"event: {made['product']} is no product known here.")
    product = products[made["product"]]
    known, found = _known_then(draft, product, customer, visit)
    return {
        "product": product.name,
        "version": product.version,
        "device": visit.device,
        "visit": visit_uid(visit.event.uid, visit.event.visit).hex(),
        "daypart": visit.daypart,
        "digest": f"{visit.digest:08x}",
        "found": found,
        "messages": [messages.encode(part).hex() for part in fitting(_as_person(known))],
        "norms": {
            str(at): [preset, weights and weights.hex()]
            for at, (preset, weights) in known.norms.items()
        },
    }


def _visit(customer: Customer, line: int) -> tuple[Visit, Document]:
    told = customer.timeline.get(line)
    if told is None:
        raise UnknownLineError(line)
    made = customer.history.get(told["log"]) if "log" in told else None
    if told["kind"] != "visit":
        raise InvalidError("event", f"event: {told['kind']} is no visit: nothing was decided.")
    if made is None:
        raise GoneError(
            "It was too long ago: it is kept as a sum, and cannot be replayed any more."
        )
    event = event_of(made)
    if len(event.body) < 7:
        raise GoneError(f"{made['device']} did not tell what it had decided at the begin.")
    return Visit(made["device"], made["at_ms"], event, *event.body[5:7]), made


def _known_then(
    draft: Draft, product: Product, customer: Customer, visit: Visit
) -> tuple[Known, bool]:
    """(what the device knew, True), or (what it may have known, False)."""
    now = circle.use(draft, customer, product).known
    norm = norms.norms(draft, product.name)
    nearest = None
    for known in _candidates(draft, product, customer, visit):
        nearest, known.norms = nearest or known, norm
        known.rules = known.rules | _for_all(draft, customer, visit)
        for carried in (now.carried, {}):  # it follows from other products: there is no log of it
            known.carried = carried
            if digest(known.decide(product.settings, visit.daypart), visit.daypart) == visit.digest:
                return known, True
    return nearest or Known(), False


def _for_all(draft: Draft, customer: Customer, visit: Visit) -> dict[int, Rule]:
    """The rule by which nothing is learned.

    Or each visit compared (hub/insight/holdout.py), if it was.
    """
    everyone = circle.members(draft, customer)
    if not all(consent.then(member, consent.LEARNING, visit.at_ms) for member in everyone):
        return {ALL: Rule((visit.at_ms, 0, ""), PAUSED, 0, (0, 0))}
    if not any(source == COMPARED for _, _, source, *_ in visit.event.body[2]):
        return {}
    return {ALL: Rule((visit.at_ms, 0, ""), LEARN, 1, (0, 0))}


def _candidates(
    draft: Draft, product: Product, customer: Customer, visit: Visit
) -> Iterator[Known]:
    """What it may have known, the latest first: rows are told less often than words."""
    pasts = [_past(member, customer, product, visit) for member in circle.members(draft, customer)]
    heard = {entry["at_ms"] for past in pasts for _, entry in past.told} | {0}
    times = sorted((at_ms for at_ms in heard if at_ms <= visit.at_ms), reverse=True)
    folded: dict[int, Known] = {}

    def known_at(at_ms: int) -> Known:
        if at_ms not in folded:
            folded[at_ms] = _fold(pasts, product, customer, at_ms)
        return folded[at_ms]

    for at, at_ms in enumerate(times[:_MOST_TRIES]):
        for rows_ms in times[at : at + _NEAR]:
            yield _joined(known_at(at_ms), known_at(rows_ms))


def _past(member: Customer, customer: Customer, product: Product, visit: Visit) -> _Past:
    own: Entries = []
    told: Entries = []
    this = visit_uid(visit.event.uid, visit.event.visit)
    for number, entry in member.history.entries(product.name):
        event = event_of(entry) if entry["kind"] == "event" else None
        if event is None or entry["device"] != visit.device:
            told.append((number, entry))
        elif member is customer and visit_uid(event.uid, event.visit) == this:
            break  # the visit itself and what came later
        elif event.subject in (None, visit.event.subject):
            own.append((number, entry))
        else:
            told.append((number, entry))
    return _Past(member, own, told)


def _fold(pasts: list[_Past], product: Product, customer: Customer, at_ms: int) -> Known:
    uses: list[Use] = []
    for member, own, told in pasts:
        entries = sorted(
            own + [(number, entry) for number, entry in told if entry["at_ms"] <= at_ms]
        )
        snapshot = member.history.snapshot(product.name)
        uses.append(refold(snapshot, entries, product, customer.generation))
    return circle.joined(uses, customer.generation).known


def _joined(words: Known, rows: Known) -> Known:
    """The words of one, the visits of the other."""
    joined = Known((), words.registers, words.rules, words.undone)
    joined.learn(rows.rows)
    return joined


def _as_person(known: Known) -> Person:
    words = known.registers
    return Person(
        0, 0, bytes(8), words.generation, None, known.rows, words.entries, [],
        known.rules, known.undone, known.carried, None,
    )  # fmt: skip
