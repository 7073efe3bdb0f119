"""What support writes down about somebody, for whoever helps them next.

    notes = Notes(profiles.office)
    notes.add(ana, "Reads in bed: prefers calls in the evening.", by="Sam")
    notes.of(ana)                         # [{id, at_ms, by, text}], the newest first

They lie in the customer's own vault, sealed by their key, and go with it. They may be read by whom
they are about, and are in what is exported. Like Profiles: each call is one commit.
"""

from typing import Any

from hub.draft import Draft
from hub.errors import InvalidError, UnknownLineError
from hub.office import Office
from hub.people import circle
from hub.people.customer import Customer, vault
from hub.ring import Ring

MOST = 200  # of a customer; the oldest goes
LONGEST = 1000
_LONGEST_NAME = 64
_TABLE = "notes"


class Notes:
    def __init__(self, office: Office) -> None:
        self._office = office

    def of(self, customer: str) -> list[dict[str, Any]]:
        """Of all identities of the person, each with `of`, whose it is."""
        draft = self._office.draft()
        everyone = circle.members(draft, Customer(draft, customer))
        found = [note | {"of": one.id} for one in everyone for note in kept(draft, one.id)]
        return sorted(found, key=lambda note: (note["at_ms"], note["id"]), reverse=True)

    def add(self, customer: str, text: str, by: str) -> int:
        """The number of the new note. InvalidError for a text or name that is none."""
        text, by = text.strip(), by.strip()
        if not 1 <= len(text) <= LONGEST:
            raise InvalidError("text", f"text: 1 to {LONGEST} letters are wanted.")
        if not 1 <= len(by) <= _LONGEST_NAME or not by.isprintable():
            raise InvalidError("by", f"by: a name of 1 to {_LONGEST_NAME} letters is wanted.")
        draft = self._office.draft()
        Customer(draft, customer)  # there is such a one
        number = _ring(draft, customer).add({"at_ms": self._office.clock(), "by": by, "text": text})
        self._office.conclude(draft, [customer])
        return number

    def remove(self, customer: str, number: int) -> None:
        """A note that was wrong, or of no more use. UnknownLineError if there is none."""
        draft = self._office.draft()
        Customer(draft, customer)
        if _ring(draft, customer).get(number) is None:
            raise UnknownLineError(number)
        _ring(draft, customer).remove(number)
        self._office.conclude(draft, [customer])


def kept(draft: Draft, customer: str) -> list[dict[str, Any]]:
    """[{id, at_ms, by, text}] of one identity, the newest first: for export, too."""
    return [{"id": number} | note for number, note in _ring(draft, customer).newest(MOST)]


def fill(draft: Draft, customer: str, listed: list[dict[str, Any]]) -> None:
    """Keep what `kept` gave at another hub; nothing is there yet."""
    notes = {note["id"]: {name: note[name] for name in note if name != "id"} for note in listed}
    _ring(draft, customer).fill(max(notes, default=0), notes)


def _ring(draft: Draft, customer: str) -> Ring:
    return Ring(draft, vault(customer), _TABLE, MOST)
