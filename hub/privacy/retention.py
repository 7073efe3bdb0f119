"""What is kept for how long, by purpose; what is older goes, every day.

    Keeping(profiles.office, Periods()).customer("c-7f3a")

Events go into the sum of their product: they can be undone and replayed no more. A habit that
nobody had for `untouched_days` goes as a whole. Like Profiles: each call is one commit.
"""

from typing import NamedTuple

from hub.devices.device import Device
from hub.draft import Draft
from hub.office import Office
from hub.past.record import compact
from hub.past.use import read_use
from hub.people.customer import Customer
from hub.relation.outgoing import messages
from hub.ring import Ring

DAY_MS = 86_400_000
_ALL = 1 << 30


class Periods(NamedTuple):
    """In days."""

    events: int = 400  # can be undone and replayed so long
    timeline: int = 400
    wishes: int = 400
    notes: int = 90  # of how devices are
    untouched: int = 400  # what is known of someone's use of a product, with nothing new
    audit: int = 1095  # who looked at whom


class Keeping:
    def __init__(self, office: Office, periods: Periods) -> None:
        self._office, self._periods = office, periods

    def customers(self) -> list[str]:
        return [vault.partition("/")[2] for vault in self._office.store.vaults("customer/")]

    def customer(self, name: str) -> None:
        """Let go of what is too old of a customer."""
        draft, now_ms = self._office.draft(), self._office.clock()
        person, days = Customer(draft, name), self._periods
        self._events(person, now_ms - days.events * DAY_MS)
        _drop(person.timeline, now_ms - days.timeline * DAY_MS, set())
        _drop(messages(draft, name), now_ms - days.timeline * DAY_MS, set())
        _drop(person.wishes, now_ms - days.wishes * DAY_MS, _standing(person))
        _forget_untouched(person, now_ms - days.untouched * DAY_MS)
        draft.commit()

    def device(self, name: str) -> None:
        """Let go of what is too old of how a device was."""
        draft: Draft = self._office.draft()
        device, oldest_ms = Device(draft, name), self._oldest_note_ms()
        notes = [note for note in device.state["notes"] if note["at_ms"] >= oldest_ms]
        if len(notes) < len(device.state["notes"]):
            device.state["notes"] = notes
            device.keep()
            draft.commit()

    def _oldest_note_ms(self) -> int:
        return self._office.clock() - self._periods.notes * DAY_MS

    def _events(self, person: Customer, oldest_ms: int) -> None:
        history = person.history
        first, upto = history.first, history.first - 1
        while (entry := history.get(upto + 1)) and entry["at_ms"] < oldest_ms:
            upto += 1
        if upto >= first:
            compact(person, self._office.products, upto)


def _drop(ring: Ring, oldest_ms: int, kept: set[str]) -> None:
    for number, document in ring.newest(_ALL):
        if document["at_ms"] < oldest_ms and str(document.get("stamp")) not in kept:
            ring.remove(number)


def _standing(person: Customer) -> set[str]:
    """The wishes that still hold."""
    uses = [read_use(person.use_of(name), person.generation) for name in person.used()]
    words = [word for use in uses for word in use.known.registers.entries.values()]
    return {str(list(word.stamp)) for word in words}


def _forget_untouched(person: Customer, oldest_ms: int) -> None:
    """What was learned and said long ago, with nothing since."""
    lately = {entry["product"] for _, entry in person.history.entries()}
    for product in set(person.used()) - lately:
        known = read_use(person.use_of(product), person.generation).known
        if known.touched_ms() < oldest_ms:
            person.forget_use(product)
