"""How a person wants to be dealt with: each a word of theirs, with time and author.

    preferences = Preferences(office, zone)
    preferences.say(ana, "contact", "at most 1 a week", by="Ana")
    preferences.of(ana)                     # all of them, said or not
    preferences.wanted(draft, person)       # {name: text}, what holds now

Like Profiles: each call is one commit, or it raises and nothing has changed. They stand in the
person's own vault; of several identities of one person the newest word holds.
"""

from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from hub.draft import Draft
from hub.errors import InvalidError
from hub.office import Office
from hub.people import circle
from hub.people.customer import Customer, vault
from hub.relation.days import next_day, wall
from hub.relation.words import CHOICE, RELATION, Wanted, find
from hub.store import Document

SAID, DEFAULT = "said", "default"
_TABLE = "preferences"
_LONGEST_NAME, _LONGEST_TEXT = 64, 100


class Preferences:
    """zone: where customers live who have not said where."""

    def __init__(self, office: Office, zone: tzinfo) -> None:
        self._office, self._zone = office, zone

    def of(self, customer: str) -> list[dict[str, Any]]:
        """[{name, title, help, kind, value, options, low, high, note, source, author, at_ms}].

        kind: choice (value is one of options), number (low to high) or text (options are examples).
        value: text, also of numbers. note: what follows from it, a sentence or "". source: said or
        default; author and at_ms are None for a default.
        """
        draft = self._office.draft()
        standing = self._standing(draft, Customer(draft, customer))
        return [self._shown(one, standing.get(one.name)) for one in RELATION]

    def say(self, customer: str, name: str, text: str, by: str) -> None:
        """They say how they want it; by: who said it. Raises InvalidError with the field's name."""
        wanted, by = find(name), by.strip()
        if not 1 <= len(by) <= _LONGEST_NAME or not by.isprintable():
            raise InvalidError("by", f"by: a name of 1 to {_LONGEST_NAME} letters is wanted.")
        if len(text) > _LONGEST_TEXT:
            raise InvalidError(name, f"{name}: at most {_LONGEST_TEXT} letters are wanted.")
        value, draft = wanted.read(text), self._office.draft()
        person = Customer(draft, customer)
        said = {"value": value, "source": SAID, "at_ms": self._office.clock(), "by": by}
        draft.put(vault(person.id), _TABLE, name, said)
        line = f"{wanted.title.rstrip('?')}: {value}, said by {by}."
        self._office.add(person, "preference", line)
        self._office.conclude(draft, [customer])

    def wanted(self, draft: Draft, person: Customer) -> dict[str, str]:
        """What holds now, by name."""
        standing = self._standing(draft, person)
        usual = {one.name: self._usual(one) for one in RELATION}
        return usual | {name: said["value"] for name, said in standing.items()}

    def zone_of(self, wanted: dict[str, str]) -> tzinfo:
        """Where their clock is, from what `wanted` gave."""
        return ZoneInfo(wanted["zone"])

    def _standing(self, draft: Draft, person: Customer) -> dict[str, Document]:
        said: dict[str, Document] = {}
        for member in circle.members(draft, person):
            for name, word in draft.all(vault(member.id), _TABLE).items():
                if name not in said or word["at_ms"] > said[name]["at_ms"]:
                    said[name] = word
        return said

    def _shown(self, one: Wanted, said: Document | None) -> dict[str, Any]:
        value = said["value"] if said else self._usual(one)
        options = [*one.options]
        if one.kind == CHOICE and value not in options:
            options.insert(0, value)
        return {
            "name": one.name,
            "title": one.title,
            "help": one.help,
            "kind": one.kind,
            "value": value,
            "options": options,
            "low": one.low,
            "high": one.high,
            "note": self._note(one, value),
            "source": said["source"] if said else DEFAULT,
            "author": said["by"] if said else None,
            "at_ms": said["at_ms"] if said else None,
        }

    def _usual(self, one: Wanted) -> str:
        return str(self._zone) if one.name == "zone" else one.usual

    def _note(self, one: Wanted, value: str) -> str:
        if one.name != "invoice_day":
            return ""
        today = wall(self._office.clock(), self._zone).date()
        there = next_day(today, int(value))
        return f"The next one is on {there.day} {there:%B %Y}."
