"""What must hold between devices and hub when all is quiet (protocol/README.md says why).

Everything accepted is at the hub, once; both mean the same events by the same numbers, and the
stamps of a device rise from event to event; both know the same of everybody; nothing is left of one
who was erased.
"""

from collections import Counter
from itertools import pairwise
from typing import Any

from hub.devices.device import Device
from hub.draft import Draft
from hub.past.refold import events_of
from hub.past.use import read_use
from hub.people.customer import Customer
from protocol import events
from tests.crash.tally import BrokenError
from tests.crash.truth import Truth
from tests.hub.living import LAMP
from tests.journeys.home import Home


class Agreement:
    """people: name -> customer. Whatever does not hold is a BrokenError."""

    def __init__(
        self, home: Home, store: Any, truths: dict[str, Truth], people: dict[str, str]
    ) -> None:
        self.tally: Counter[str] = Counter()
        self._home, self._store, self._truths = home, store, truths
        self._people = people

    def check(self) -> None:
        seen, stamps = self._seen(), self._stamps()
        self.tally["points"] += len(seen)
        for name, truth in self._truths.items():
            self._check_heard(name, truth, seen)
            self._check_order(name, truth, stamps)
        for name, customer in self._people.items():
            self._check_counted(name, customer, seen)
            self._check_same(name, customer)

    def _seen(self) -> dict[bytes, Any]:
        """Every event that the hub says it has counted."""
        draft, found = Draft(self._store), {}
        for name, truth in self._truths.items():
            device = Device(draft, name)
            found |= {u: e for u, e in truth.appended.items() if not device.first_time(u)}
        return found

    def _check_heard(self, name: str, truth: Truth, seen: dict[bytes, Any]) -> None:
        missing = truth.accepted - seen.keys()
        if missing - truth.excused:
            raise BrokenError("lost", f"{len(missing - truth.excused)} events of {name}")
        state = Device(Draft(self._store), name).state
        journal = self._home.lamps[name].runtime.journal
        if truth.noted == state["notes"]:
            raise BrokenError("unreported", f"{name}: its flash is older, and nobody says so")
        if missing and truth.noted is None:
            # flash as a whole is older, and what it lost nobody had heard of: nobody can tell
            self.tally["unknowable"] += len(missing)
        if (state["upto"], state["chain"]) != (journal.next - 1, journal.chain):
            raise BrokenError("unequal", f"{name} and the hub mean different events")

    def _stamps(self) -> dict[bytes, Any]:
        """Stamp by uid, of what the hub knows of people, as it stands now."""
        draft, found = Draft(self._store), {}
        for customer in self._people.values():
            for _, _, event in events_of(Customer(draft, customer).history.entries()):
                found[event.uid] = event.stamp
        return found

    def _check_order(self, name: str, truth: Truth, stamps: dict[bytes, Any]) -> None:
        """A device never says a stamp twice, nor one before what its flash still knows."""
        ever = [stamps[uid] for uid in truth.appended if uid in stamps]
        kept = [stamps[uid] for uid in truth.appended if uid in stamps.keys() - truth.excused]
        if len(set(ever)) < len(ever) or any(later <= one for one, later in pairwise(kept)):
            raise BrokenError("stamps", f"{name}: {ever}")

    def _check_counted(self, name: str, customer: str, seen: dict[bytes, Any]) -> None:
        """Visits are counted once each, and none that never was.

        What flash lost in turning older, later totals may say all the same.
        """
        least = _totals(self._visits(customer, seen))
        lost = self._visits(customer, self._lost(seen))
        use = self._use(customer)
        counted = use.visits, use.seconds, use.counters.get("time_on", 0)
        for one, few, more in zip(counted, least, _totals(lost), strict=True):
            if not few <= one <= few + more:
                fault, text = "lost" if one < few else "twice", f"{counted}, not {least}"
                raise BrokenError(fault, f"{name}: (visits, seconds, time on) {text}")

    def _visits(self, customer: str, there: dict[bytes, Any]) -> list[Any]:
        subjects = {self._home.subject(customer, lamp) for lamp in self._home.lamps}
        return [e for e in there.values() if e.kind == events.VISIT and e.subject in subjects]

    def _lost(self, seen: dict[bytes, Any]) -> dict[bytes, Any]:
        lost = {u: truth for truth in self._truths.values() for u in truth.excused - seen.keys()}
        return {uid: truth.appended[uid] for uid, truth in lost.items()}

    def _use(self, customer: str) -> Any:
        person = Customer(Draft(self._store), customer)
        return read_use(person.use_of("lamp"), person.generation)

    def _check_same(self, name: str, customer: str) -> None:
        """Device and hub would do the same for this person, and for the same reasons."""
        at_hub = _decided(self._use(customer).known)
        for lamp in self._home.lamps.values():
            there = _decided(lamp.known(self._home.subject(customer, lamp.name)))
            if there != at_hub:
                raise BrokenError("unequal", f"{name} at {lamp.name}: {there}, at the hub {at_hub}")

    def check_gone(self, subjects: list[bytes]) -> None:
        for lamp in self._home.lamps.values():
            kept = " ".join(lamp.runtime.memory.names())
            for subject in subjects:
                if subject.hex() in kept:
                    raise BrokenError("undead", f"{lamp.name} still knows one who was erased")


def _totals(visits: list[Any]) -> tuple[int, int, int]:
    """How many, how many seconds, and for how many of them something was on."""
    on = (count for event in visits for index, count in event.body[3] if index == 0)
    return len(visits), sum(event.body[1] for event in visits), sum(on)


def _decided(known: Any) -> Any:
    rows = [tuple(row) for row in known.rows]
    words = {index: (one.stamp, one.value) for index, one in known.registers.entries.items()}
    decisions = [decision[:2] for decision in known.decide(LAMP.settings, 2)]
    return rows, words, known.rules, known.undone, decisions
