"""A visit that was not theirs: the device took somebody for somebody else.

    Mistaken(office).visit(ana, line, by="Sam")              # as if Ana had never been there
    Mistaken(office).visit(ana, line, by="Sam", whose=ben)   # it was Ben, and counts as his

What happened in it is undone for the one (hub/past/undo.py, and can be had back), and for the other
is taken in as if the device had recognised them. Each call is one commit.
"""

from hub.devices.outbox import OWN_ROWS, ROWS, WORDS
from hub.draft import Draft
from hub.errors import ConflictError, InvalidError
from hub.office import Office
from hub.past.history import Entries
from hub.past.record import happened, tidy
from hub.past.refold import event_of, left_out, remaining
from hub.past.timeline import of_event
from hub.past.undo import Step, step_of_line, undo
from hub.people import circle
from hub.people.customer import Customer
from hub.store import Document
from protocol.events import ADJUSTED, VISIT, Event, encode_event, visit_uid
from protocol.product import Product
from protocol.rules import ALL

_OF_A_VISIT = (ADJUSTED, VISIT)


class Mistaken:
    def __init__(self, office: Office) -> None:
        self._office = office

    def visit(self, customer: str, line: int, by: str, whose: str = "") -> None:
        """The visit told in this line of the timeline was not this customer's, but whose (if said).

        GoneError if it is kept only as a sum, ConflictError if it is undone already or moved to
        whom the device does not know.
        """
        draft, office = self._office.draft(), self._office
        person = Customer(draft, customer)
        step = step_of_line(person, line)
        if step.visit is None or step.visit[1] != ALL:
            raise InvalidError("event", "event: only a whole visit can be somebody else's.")
        product = office.product(step.product)
        theirs = _events(person, product, step)
        people = [person]
        if whose:
            other = Customer(draft, whose)
            _check_other(draft, person, other, theirs)
            self._give(other, product, theirs)
            people.append(other)
        undo(person, product, [step], by, office.clock())
        devices = set[str]()
        for one in people:
            concerned = office.devices_of(draft, one, product.name)
            office.tell(draft, one, concerned, [ROWS, OWN_ROWS, WORDS])
            devices |= set(concerned)
        everyone = {member.id for one in people for member in circle.members(draft, one)}
        office.conclude(draft, sorted(everyone), sorted(devices))

    def _give(self, other: Customer, product: Product, theirs: Entries) -> None:
        """What was done in the visit was done by somebody else."""
        for _, entry in theirs:
            subject = bytes.fromhex(other.devices[entry["device"]]["subject"])
            event = _by(event_of(entry), subject)
            given = entry | {"payload": encode_event(event).hex(), "base": None}
            given |= {"at_ms": self._office.clock()}
            told = of_event(event, entry["device"], product, self._office.clock())
            happened(other, product, given, told)
        tidy(other, self._office.products)


def _events(person: Customer, product: Product, step: Step) -> Entries:
    """The entries of the visit, oldest first, without what was undone before."""
    entries = person.history.entries(product.name)
    without, wanted = left_out(entries), step.visit and step.visit[0]
    found: list[tuple[int, Document]] = []
    for number, entry in entries:
        event = event_of(entry) if entry["kind"] == "event" else None
        if event is None or event.kind not in _OF_A_VISIT or number in without.entries:
            continue
        if visit_uid(event.uid, event.visit).hex() == wanted and remaining(event, without.marks):
            found.append((number, entry))
    return found


def _by(event: Event, subject: bytes) -> Event:
    """The same event, of somebody else. Its sums are of whom the device took them for."""
    body = event.body[:4] if event.kind == VISIT else event.body
    return event._replace(subject=subject, body=body)


def _check_other(draft: Draft, person: Customer, other: Customer, theirs: Entries) -> None:
    if other.id in {member.id for member in circle.members(draft, person)}:
        raise ConflictError(f"{other.name} is the same person.")
    for device in {entry["device"] for _, entry in theirs} - set(other.devices):
        raise ConflictError(f"{device} does not know {other.name}; link it to them first.")
