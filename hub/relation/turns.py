"""How far each message has come with each hook: what is to be told now, and what became of it.

    for turn in turns.now(customer): ...        # hub/relation/hooks_out.py tells it
    turns.told(turn, wrong="")                  # or why it could not be

States: waiting, delivered, dead (given up after _MOST_TRIES), withdrawn (when its turn came, the
person no longer wanted it). Like Profiles: each call is one commit.
"""

from collections import Counter
from typing import Any, NamedTuple

from hub.draft import Draft
from hub.errors import UnknownError
from hub.office import Office
from hub.people.customer import Customer, vault
from hub.relation.outgoing import MOST, WAITING, Outgoing, messages
from hub.store import Document

DELIVERED, DEAD, WITHDRAWN = "delivered", "dead", "withdrawn"

_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS = 60_000, 6 * 3_600_000
_MOST_TRIES = 12  # in about 20 hours
_MOST_DEAD = 200  # named; then only their number counts


class Turn(NamedTuple):
    """number: of the customer's messages."""

    customer: str
    number: int
    hook: str
    message: Document


class Turns:
    """counts: of (hook, state) since the start; dead: {(customer, number, hook): why}."""

    def __init__(self, office: Office, outgoing: Outgoing) -> None:
        self.counts, self.dead = Counter[tuple[str, str]](), dict[tuple[str, int, str], str]()
        self._office, self._outgoing = office, outgoing

    def due(self) -> list[str]:
        """The customers for whom something is to be told now."""
        now_ms = self._office.clock()
        return [name for name, at_ms in self._outgoing.agenda.items() if at_ms <= now_ms]

    def now(self, customer: str) -> list[Turn]:
        """What hooks are to be told of this customer; what may not be is put off or withdrawn."""
        draft, now_ms = self._office.draft(), self._office.clock()
        self._outgoing.agenda.pop(customer, None)  # also of who was forgotten
        person, found = Customer(draft, customer), list[Turn]()
        for number, message, name in _waiting(draft, customer):
            at = message["hooks"][name]
            if at["next_ms"] > now_ms:
                continue
            verdict = self._outgoing.still(draft, person, message)
            if verdict.go and self._has(name):
                found.append(Turn(customer, number, name, message))
            elif verdict.next_ms is None or verdict.go:
                at.update(state=WITHDRAWN, said=verdict.text if not verdict.go else "No such hook.")
                self.counts[name, WITHDRAWN] += 1
            else:
                at["next_ms"] = verdict.next_ms
            messages(draft, customer).put(number, message)
        draft.commit()
        self._plan(draft, customer)
        return found

    def told(self, turn: Turn, wrong: str) -> str:
        """A hook was told, or not: `wrong` says why. The state it is in now."""
        draft = self._office.draft()
        ring = messages(draft, Customer(draft, turn.customer).id)
        message = ring.get(turn.number)
        if message is None:
            return WITHDRAWN
        at = message["hooks"][turn.hook]
        at.update(state=DELIVERED, said="") if not wrong else self._failed(at, wrong)
        ring.put(turn.number, message)
        draft.commit()
        self.counts[turn.hook, at["state"]] += at["state"] != WAITING
        self._plan(draft, turn.customer)
        return at["state"]

    def again(self, customer: str, number: int) -> None:
        """Let hooks that were given up try once more."""
        draft = self._office.draft()
        ring = messages(draft, Customer(draft, customer).id)
        message = ring.get(number)
        if message is None:
            raise UnknownError(f"There is no message {number} of this customer.")
        for name, at in message["hooks"].items():
            if at["state"] == DEAD:
                at.update(state=WAITING, tries=0, next_ms=self._office.clock())
                self.dead.pop((customer, number, name), None)
        ring.put(number, message)
        draft.commit()
        self._plan(draft, customer)

    def hooks(self) -> list[dict[str, Any]]:
        """[{name, url, events, delivered, withdrawn, dead}]: counts since the start."""
        return [
            {"name": hook.name, "url": hook.url, "events": sorted(hook.events)}
            | {state: self.counts[hook.name, state] for state in (DELIVERED, WITHDRAWN, DEAD)}
            for hook in self._outgoing.hooks
        ]

    def given_up(self) -> list[dict[str, Any]]:
        """[{customer, number, hook, said}]; number: of the customer's messages."""
        draft = self._office.draft()
        for place in list(self.dead):
            if draft.get(vault(place[0]), "profile", "about") is None:
                del self.dead[place]  # forgotten since
        return [
            {"customer": customer, "number": number, "hook": hook, "said": said}
            for (customer, number, hook), said in self.dead.items()
        ]

    def look(self, customer: str) -> None:
        """Take up what waits for this customer since before the hub was started."""
        self._plan(self._office.draft(), customer)

    def _has(self, name: str) -> bool:
        return any(hook.name == name for hook in self._outgoing.hooks)

    def _failed(self, at: Document, wrong: str) -> None:
        tries = at["tries"] + 1
        pause_ms = min(_FIRST_PAUSE_MS << (tries - 1), _LONGEST_PAUSE_MS)
        state = DEAD if tries >= _MOST_TRIES else WAITING
        at.update(state=state, tries=tries, next_ms=self._office.clock() + pause_ms, said=wrong)

    def _plan(self, draft: Draft, customer: str) -> None:
        """When to look at this customer again; and whom hooks gave up."""
        next_ms = list[int]()
        for number, message in messages(draft, customer).newest(MOST):
            for name, at in message["hooks"].items():
                if at["state"] == WAITING:
                    next_ms.append(at["next_ms"])
                elif at["state"] == DEAD and len(self.dead) < _MOST_DEAD:
                    self.dead[customer, number, name] = at["said"]
        self._outgoing.agenda.pop(customer, None)
        if next_ms:
            self._outgoing.agenda[customer] = min(next_ms)


def _waiting(draft: Draft, customer: str) -> list[tuple[int, Document, str]]:
    """(number, message, hook), oldest first."""
    return [
        (number, message, name)
        for number, message in reversed(messages(draft, customer).newest(MOST))
        for name, at in message["hooks"].items()
        if at["state"] == WAITING
    ]
