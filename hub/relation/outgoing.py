"""The one door out: every message to a person passes the gate here, or does not exist.

    verdict = outgoing.hand_over(draft, person, Letter("service", "Wants descaling.", "service"))
    office.conclude(draft, [person.id])         # the message, and that it counts, in one commit

Messages stand in the person's own vault, the newest MOST of them: {at_ms, kind, purpose, text,
channel, details, hooks: {name: {state, tries, next_ms, said}}}; for the states see
hub/relation/turns.py.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from hub.draft import Draft
from hub.office import Office
from hub.people import circle
from hub.people.customer import Customer, vault
from hub.privacy.consent import SERVICE, agreed
from hub.relation.gate import Contact, Request, Verdict, may
from hub.relation.hooks import Hook
from hub.relation.preferences import Preferences
from hub.relation.words import OFF, hours, often
from hub.ring import Ring
from hub.store import Document

MOST = 100  # messages of a person; more than any limit lets out in a month or a week
WAITING = "waiting"
_PURPOSES = (SERVICE,)


class Letter(NamedTuple):
    """kind: one of hooks.EVENTS; purpose: the consent that it needs; details: plain JSON."""

    kind: str
    text: str
    purpose: str = ""
    details: Document = {}  # noqa: RUF012 - never changed


class Outgoing:
    """agenda: {customer: when hooks are to be told something, ms}; in memory only, see Turns."""

    def __init__(
        self, office: Office, preferences: Preferences, hooks: Sequence[Hook] = ()
    ) -> None:
        self.hooks, self.agenda = tuple(hooks), dict[str, int]()
        self._office, self._preferences = office, preferences

    def ask(self, draft: Draft, person: Customer, kind: str, purpose: str = "") -> Verdict:
        """What the gate says of a message that might be sent now."""
        contact, zone = self._contact(draft, person)
        sent_ms = [
            message["at_ms"]
            for member in circle.members(draft, person)
            for _, message in messages(draft, member.id).newest(MOST)
        ]
        return may(Request(kind, purpose), contact, sent_ms, self._office.clock(), zone)

    def hand_over(self, draft: Draft, person: Customer, letter: Letter) -> Verdict:
        """Send a message, if it may go; what that does is in this draft."""
        verdict = self.ask(draft, person, letter.kind, letter.purpose)
        if not verdict.go:
            return verdict
        now_ms = self._office.clock()
        first = {"state": WAITING, "tries": 0, "next_ms": now_ms, "said": ""}
        told = [hook.name for hook in self.hooks if letter.kind in hook.events]
        messages(draft, person.id).add(
            {
                "at_ms": now_ms,
                "kind": letter.kind,
                "purpose": letter.purpose,
                "text": letter.text,
                "channel": self._preferences.wanted(draft, person)["channel"],
                "details": letter.details,
                "hooks": {name: dict(first) for name in told},
            }
        )
        if told:
            self.agenda[person.id] = now_ms
        return verdict

    def still(self, draft: Draft, person: Customer, message: Document) -> Verdict:
        """May a message that was handed over be told to a hook now? It counts already."""
        contact, zone = self._contact(draft, person)
        request = Request(message["kind"], message["purpose"])
        return may(request, contact, (), self._office.clock(), zone)

    def of(self, customer: str) -> list[dict[str, Any]]:
        """[{id, of, at_ms, kind, purpose, text, channel, details, hooks}], newest first."""
        draft = self._office.draft()
        found = [
            {"of": member.id} | message
            for member in circle.members(draft, Customer(draft, customer))
            for message in sent(draft, member.id)
        ]
        return sorted(found, key=lambda one: one["at_ms"], reverse=True)

    def _contact(self, draft: Draft, person: Customer) -> tuple[Contact, Any]:
        wanted = self._preferences.wanted(draft, person)
        everyone = circle.members(draft, person)
        given = frozenset(name for name in _PURPOSES if agreed(everyone, name))
        off = frozenset([SERVICE]) if wanted["service"] == OFF else frozenset[str]()
        contact = Contact(*often(wanted["contact"]), hours(wanted["quiet"]), given, off)
        return contact, self._preferences.zone_of(wanted)


def messages(draft: Draft, customer: str) -> Ring:
    return Ring(draft, vault(customer), "messages", MOST)


def sent(draft: Draft, customer: str) -> list[Document]:
    """What went out to this identity, oldest first: for the export too."""
    newest = messages(draft, customer).newest(MOST)
    return [{"id": number} | message for number, message in reversed(newest)]
