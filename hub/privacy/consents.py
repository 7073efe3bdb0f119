"""Lets people agree, and agree no more; devices are told at once.

consents = Consents(profiles.office)
consents.say(ana, "learn", False, by="Ana")
consents.may(ana, "learn")                    # False
"""

from typing import Any

from hub.devices.device import Device
from hub.devices.outbox import EVERYTHING, KEYS, ROWS, WORDS, Outbox
from hub.draft import Draft
from hub.errors import InvalidError
from hub.office import Office
from hub.people import circle
from hub.people.customer import Customer
from hub.privacy.consent import (
    HOLDOUT,
    LEARNING,
    PURPOSES,
    RECOGNISE,
    REMEMBER,
    SHARE,
    agreed,
    said,
)

_LONGEST_NAME = 64
_MOST_SHOWN = 1000
_NEWS = {  # what devices must be told of a purpose
    RECOGNISE: (KEYS,),
    REMEMBER: EVERYTHING,
    LEARNING: (ROWS, WORDS),
    SHARE: (WORDS,),
    HOLDOUT: (WORDS,),
}


class Consents:
    """Like Profiles: each call is one commit, or it raises and nothing has changed."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def of(self, customer: str) -> list[dict[str, Any]]:
        """[{purpose, title, help, given, since_ms, by, words, waiting}], one for each purpose.

        since_ms is None where it is off and nothing was ever said; by and words are None where
        nothing was said. waiting: the devices that have not confirmed yet what was said last.
        """
        draft = self._office.draft()
        person = Customer(draft, customer)
        return [self._of(draft, person, purpose) for purpose in PURPOSES]

    def may(self, customer: str, purpose: str) -> bool:
        """Does this person agree to it? UnknownCustomerError for nobody."""
        draft = self._office.draft()
        return agreed(circle.members(draft, Customer(draft, customer)), purpose)

    def say(self, customer: str, purpose: str, yes: bool, by: str) -> None:
        """Agree to a purpose, or no more, by all identities; devices it concerns are told."""
        if purpose not in PURPOSES:
            raise InvalidError("purpose", f"purpose: one of {', '.join(PURPOSES)} is wanted.")
        if not 1 <= len(by.strip()) <= _LONGEST_NAME:
            raise InvalidError("by", f"by: a name of 1 to {_LONGEST_NAME} letters is wanted.")
        office, draft = self._office, self._office.draft()
        everyone = circle.members(draft, Customer(draft, customer))
        now = {"given": yes, "at_ms": self._later(everyone), "by": by.strip()}
        now["words"] = PURPOSES[purpose].words
        for member in everyone:
            member.profile["consents"] = member.profile.get("consents", {}) | {purpose: now}
            member.keep()
            member.consents.add({"purpose": purpose} | now)
            word = "Agreed" if yes else "No longer agreed"
            office.add(member, "consent", f"{word}: {PURPOSES[purpose].title}.")
        devices = sorted({name for member in everyone for name in member.devices})
        if purpose in _NEWS:
            office.tell(draft, everyone[0], devices, _NEWS[purpose])
        office.conclude(draft, [member.id for member in everyone], devices)

    def history(self, customer: str) -> list[dict[str, Any]]:
        """Everything said so far, newest first: [{purpose, given, at_ms, by, words}]."""
        person = Customer(self._office.draft(), customer)
        return [said for _, said in person.consents.newest(_MOST_SHOWN)]

    def _of(self, draft: Draft, person: Customer, purpose: str) -> dict[str, Any]:
        everyone, stands = circle.members(draft, person), said(person, purpose)
        return {
            "purpose": purpose,
            "title": PURPOSES[purpose].title,
            "help": PURPOSES[purpose].help,
            "given": agreed(everyone, purpose),
            "since_ms": stands["at_ms"],
            "by": stands["by"],
            "words": stands["words"],
            "waiting": self._waiting(draft, everyone) if purpose in _NEWS else [],
        }

    def _waiting(self, draft: Draft, everyone: list[Customer]) -> list[str]:
        """The devices that have something of theirs to confirm."""
        found = set[str]()
        for member in everyone:
            for name, share in member.devices.items():
                rows = Outbox(draft, Device(draft, name)).waiting()
                if any(row["subject"] == share["subject"] for _, row in rows):
                    found.add(name)
        return sorted(found)

    def _later(self, everyone: list[Customer]) -> int:
        """Now, and after all that was said before: devices take what is said last."""
        before = [
            one["at_ms"] for each in everyone for one in each.profile.get("consents", {}).values()
        ]
        return max([self._office.clock(), *(at_ms + 1 for at_ms in before)])
