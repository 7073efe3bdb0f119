"""Acts on what happened: undo it, take the undoing back, keep it within its bounds.

    histories = Histories(profiles.office)
    histories.undo(ana, "Sam (support)", steps=2)

Like Profiles: each call is one commit, or it raises and nothing has changed.
"""

from typing import Any

from hub.devices.outbox import OWN_ROWS, ROWS, WORDS
from hub.errors import InvalidError
from hub.office import Office
from hub.past.replay import decision
from hub.past.then import then
from hub.past.undo import Step, newest_steps, step_of_line, undo
from hub.people import circle
from hub.people.customer import Customer
from hub.privacy.export import export

_MOST_STEPS = 100
_LONGEST_NAME = 64


class Histories:
    def __init__(self, office: Office) -> None:
        self._office = office

    def undo(
        self, customer: str, by: str, steps: int | None = None, event: int | None = None
    ) -> list[int]:
        """Take back the newest steps, or what the timeline tells at line `event`.

        To undo the line of an undoing takes that back. Returns the ids of the lines that tell it.
        GoneError if it is kept only as a sum, ConflictError if it is undone already.
        """
        if (steps is None) == (event is None):
            raise InvalidError("steps", "steps: either steps or event is wanted.")
        if not 1 <= len(by.strip()) <= _LONGEST_NAME:
            raise InvalidError("by", f"by: a name of 1 to {_LONGEST_NAME} letters is wanted.")
        draft = self._office.draft()
        person = Customer(draft, customer)
        everyone = circle.members(draft, person)
        if event is not None:
            found = [step_of_line(person, event)]
        elif steps is not None and 1 <= steps <= _MOST_STEPS:
            found = newest_steps(everyone, steps)
        else:
            raise InvalidError("steps", f"steps: 1 to {_MOST_STEPS} are wanted.")
        lines, devices = [], set[str]()
        for member, product, some in _by_place(found):
            made = self._office.product(product)
            lines.append(undo(member, made, some, by.strip(), self._office.clock()))
            concerned = self._office.devices_of(draft, member, product)
            self._office.tell(draft, member, concerned, [ROWS, OWN_ROWS, WORDS])
            devices |= set(concerned)
        self._office.conclude(draft, [member.id for member in everyone], sorted(devices))
        return lines

    def export(self, customer: str) -> dict[str, Any]:
        """Everything kept of a person, in the shape of hub/privacy/export.schema.json."""
        draft = self._office.draft()
        person, office = Customer(draft, customer), self._office
        return export(draft, office.products, person, office.clock())

    def decision(self, customer: str, line: int) -> dict[str, Any]:
        """What a device decided from at the visit of this line; see hub/past/replay.py."""
        draft = self._office.draft()
        return decision(draft, self._office.products, Customer(draft, customer), line)

    def then(self, customer: str, line: int) -> dict[str, Any]:
        """Why a device did what it did at the visit of this line; see hub/past/then.py."""
        draft = self._office.draft()
        return then(draft, self._office.products, Customer(draft, customer), line)


def _by_place(steps: list[Step]) -> list[tuple[Customer, str, list[Step]]]:
    """[(customer, product, their steps)]: each history is one product's of one identity."""
    places: dict[tuple[str, str], list[Step]] = {}
    for step in steps:
        places.setdefault((step.customer.id, step.product), []).append(step)
    return [(some[0].customer, product, some) for (_, product), some in places.items()]
