"""Lets people agree, and agree no more.

Consents(profiles.office).give(ana, "cohort", True, by="Ana")
"""

from typing import Any

from hub.consent import HOLDOUT, PURPOSES, said
from hub.errors import InvalidError
from hub.office import Office
from hub.outbox import WORDS
from hub.people import Customer

_LONGEST_NAME = 64


class Consents:
    """Like Profiles: each call is one commit, or it raises and nothing has changed."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def about(self, customer: str) -> list[dict[str, Any]]:
        """[{purpose, text, given, at_ms, by}]; at_ms and by None where nothing was ever said."""
        person = Customer(self._office.draft(), customer)
        return [
            {"purpose": purpose, "text": text} | said(person, purpose)
            for purpose, text in PURPOSES.items()
        ]

    def give(self, customer: str, purpose: str, given: bool, by: str) -> None:
        """Agree to a purpose, or no more; their devices are told where it concerns them."""
        if purpose not in PURPOSES:
            raise InvalidError("purpose", f"purpose: one of {', '.join(PURPOSES)} is wanted.")
        if not 1 <= len(by.strip()) <= _LONGEST_NAME:
            raise InvalidError("by", f"by: a name of 1 to {_LONGEST_NAME} letters is wanted.")
        office, draft = self._office, self._office.draft()
        person = Customer(draft, customer)
        now = {"given": given, "at_ms": office.clock(), "by": by.strip()}
        person.profile["consents"] = person.profile.get("consents", {}) | {purpose: now}
        person.keep()
        word = "Agreed to" if given else "No longer agreed to"
        office.add(person, "consent", f"{word}: {PURPOSES[purpose].split(':')[0]}.")
        devices = sorted(person.devices) if purpose == HOLDOUT else []
        office.tell(draft, person, devices, [WORDS])
        office.conclude(draft, [customer], devices)
