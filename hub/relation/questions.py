"""Small questions over time: one at a time, through the gate; the answer is a word of the person.

    asked = questions.open_for(ana)         # what their page puts to them now, or None
    questions.answer(ana, asked["id"], "strong")
    questions.refuse(ana, asked["id"])      # never again

Like Profiles: each call is one commit, but for `answer`: the word first, then that it was given.
"""

from collections.abc import Iterator
from typing import Any

from hub.about import choices
from hub.draft import Draft
from hub.errors import InvalidError, UnknownError
from hub.past.use import Use
from hub.people import circle
from hub.people.customer import Customer, vault
from hub.people.wishes import find_setting
from hub.profiles import Profiles
from hub.relation.asking import LATELY_MS, Candidate, may_ask, pick
from hub.relation.hooks import QUESTION
from hub.relation.offering import Offerings, Question
from hub.relation.outgoing import Letter, Outgoing
from hub.relation.preferences import Preferences
from hub.relation.words import find as find_preference
from hub.store import Document
from protocol import events, window
from protocol.preference import ONE
from protocol.product import Product
from protocol.registers import HAND

OPEN, ANSWERED, REFUSED = "open", "answered", "refused"
_TABLE = "questions"
_LONGEST_NAME = 64
_SWITCH = {"yes": "on", "no": "off"}
_CARRIED_PCT = 50  # a guess from another product


class Questions:
    def __init__(
        self,
        profiles: Profiles,
        preferences: Preferences,
        outgoing: Outgoing,
        offerings: Offerings,
    ) -> None:
        self._profiles, self._preferences, self._outgoing = profiles, preferences, outgoing
        self._office = profiles.office
        self._known = {one.id: one for each in offerings.values() for one in each.questions}

    def open_for(self, customer: str) -> dict[str, Any] | None:
        """{id, text, product, about, kind, unit, options | low, high, step, at_ms}, or None.

        Puts the next question if its time has come. product and about: the setting or preference.
        """
        draft = self._office.draft()
        person = Customer(draft, customer)
        states = self._states(draft, person)
        candidates = {one.question.id: one for one in self._candidates(draft, person)}
        for name, state in states.items():
            if state["state"] == OPEN and name in candidates and candidates[name].unknown_pct:
                return self._shown(candidates[name].question, state["at_ms"])
        open_ = self._put(draft, person, states, candidates)
        return self._shown(open_, self._office.clock()) if open_ else None

    def answer(self, customer: str, question: str, text: str) -> None:
        """Raises InvalidError (field "answer"), UnknownError for what is not open."""
        draft = self._office.draft()
        person, made = Customer(draft, customer), self._open(draft, customer, question)
        by, text = _author(person), " ".join(text.split())
        try:
            if made.preference:
                self._preferences.say(customer, made.preference, text, by)
            else:
                value = self._value(made, text)
                self._profiles.wish(customer, made.product, made.setting, value, by, own=True)
        except InvalidError as error:
            raise InvalidError("answer", str(error)) from None
        self._close(customer, question, ANSWERED)

    def refuse(self, customer: str, question: str) -> None:
        """They would rather not say, and are not asked again."""
        self._open(self._office.draft(), customer, question)
        self._close(customer, question, REFUSED)

    def asked(self, customer: str) -> list[dict[str, Any]]:
        """[{id, text, state, at_ms, closed_ms}], newest first; state: open, answered, refused."""
        draft = self._office.draft()
        states = self._states(draft, Customer(draft, customer))
        found = [
            {"id": name, "text": self._known[name].text if name in self._known else ""}
            | {"state": state["state"], "at_ms": state["at_ms"]}
            | {"closed_ms": state.get("closed_ms")}
            for name, state in states.items()
        ]
        return sorted(found, key=lambda one: one["at_ms"], reverse=True)

    # Below: how

    def _put(
        self,
        draft: Draft,
        person: Customer,
        states: dict[str, Document],
        candidates: dict[str, Candidate],
    ) -> Question | None:
        now_ms = self._office.clock()
        if not may_ask([state["at_ms"] for state in states.values()], now_ms):
            return None
        chosen = pick([one for name, one in candidates.items() if name not in states])
        if chosen is None:
            return None
        letter = Letter(QUESTION, chosen.text, details={"question": chosen.id})
        if not self._outgoing.hand_over(draft, person, letter).go:
            return None
        _keep(draft, person.id, chosen.id, {"state": OPEN, "at_ms": now_ms})
        draft.commit()
        return chosen

    def _candidates(self, draft: Draft, person: Customer) -> Iterator[Candidate]:
        """What may be asked at all: of products they use, from so many visits on."""
        everyone = circle.members(draft, person)
        used = {name for member in everyone for name in member.used()}
        products = self._office.products
        uses = {
            name: circle.use(draft, person, products[name]) for name in used if name in products
        }
        standing = {one["name"]: one["source"] for one in self._preferences.of(person.id)}
        for one in self._known.values():
            of_it = [uses[one.product]] if one.product in uses else []
            if one.preference:
                of_it = [*uses.values()]
                unknown = 0 if standing[one.preference] == "said" else 100
            else:
                unknown = self._unknown(one, of_it[0]) if of_it else 0
            if of_it and sum(use.visits for use in of_it) >= one.after_visits:
                yield Candidate(one, sum(map(self._lately, of_it)), unknown)

    def _lately(self, use: Use) -> int:
        since_ms = self._office.clock() - LATELY_MS
        return sum(at_ms > since_ms for at_ms, _, _ in use.corrections)

    def _unknown(self, question: Question, use: Use) -> int:
        """In per cent: how little is known of a setting."""
        settings = self._office.products[question.product].settings
        index, _ = find_setting(self._office.products[question.product], question.setting)
        daypart = window.daypart(self._office.local_minutes())
        decision = use.known.decide(settings, daypart)[index]
        if decision.source in (events.DEFAULT, events.COHORT):
            return 100
        if decision.source == events.CARRIED:
            return _CARRIED_PCT
        if decision.source == events.LEARNED:
            return 100 - min(100, decision.confidence * 100 // ONE)
        return 0

    def _states(self, draft: Draft, person: Customer) -> dict[str, Document]:
        return {
            name: state
            for member in circle.members(draft, person)
            for name, state in draft.all(vault(member.id), _TABLE).items()
        }

    def _open(self, draft: Draft, customer: str, question: str) -> Question:
        state = self._states(draft, Customer(draft, customer)).get(question)
        if question not in self._known or not state or state["state"] != OPEN:
            raise UnknownError("This question is not open any more.")
        return self._known[question]

    def _close(self, customer: str, question: str, state: str) -> None:
        draft = self._office.draft()
        for member in circle.members(draft, Customer(draft, customer)):
            kept = draft.get(vault(member.id), _TABLE, question)
            if kept:
                now = {"state": state, "closed_ms": self._office.clock()}
                _keep(draft, member.id, question, kept | now)
        self._office.conclude(draft, [customer])

    def _value(self, question: Question, text: str) -> str:
        _, setting = find_setting(self._product(question), question.setting)
        if setting.kind == "switch":
            return _SWITCH.get(text.lower(), text.lower())
        return text.removesuffix(setting.unit).strip() if setting.unit else text

    def _product(self, question: Question) -> Product:
        return self._office.product(question.product)

    def _shown(self, question: Question, at_ms: int) -> dict[str, Any]:
        shown = {"id": question.id, "text": question.text, "at_ms": at_ms}
        if question.preference:
            one = find_preference(question.preference)
            about = {"product": "", "about": one.name, "kind": one.kind, "unit": ""}
            return shown | about | {"options": [*one.options], "low": one.low, "high": one.high}
        _, setting = find_setting(self._product(question), question.setting)
        about = {"product": question.product, "about": setting.name, "kind": setting.kind}
        return shown | about | {"unit": setting.unit} | choices(setting)


def _author(person: Customer) -> str:
    """Their name; but that of a hand is said by devices only."""
    return "they themselves" if person.name.lower() == HAND else person.name[:_LONGEST_NAME].strip()


def _keep(draft: Draft, customer: str, question: str, state: Document) -> None:
    draft.put(vault(customer), _TABLE, question, state)
