"""Random lives of one customer with two lamps, and what they come to, to be compared."""

import random
from typing import Any

from hub.draft import Draft
from hub.past.histories import Histories
from hub.past.use import Use
from hub.people.circle import use as use_of
from hub.people.customer import Customer
from protocol import events
from protocol.rules import ALL, NO_RULE, RULE_NAMES
from tests.hub.living import LAMP, Hub, subject_of

STEP_MS = 600_000
CODES = (20, 35, 60, 80)


class Life:
    """Ana, two lamps and the hub. A step is a visit, a wish, or a rule, at a time of its own."""

    def __init__(self, store: Any = None) -> None:
        self.hub = Hub(store)
        self.begun_ms = self.hub.now_ms
        self.lamps = [self.hub.lamp("lamp-1"), self.hub.lamp("lamp-2")]
        self.ana = self.hub.profiles.welcome("Ana")
        for lamp in self.lamps:
            self.hub.profiles.link(self.ana, lamp.name)
            lamp.hello()
        self.histories = Histories(self.hub.profiles.office)
        self.exchange()

    def step(self, number: int, what: tuple[Any, ...], happens: bool = True) -> None:
        """Live a step, or let its time pass."""
        self.hub.now_ms = self.begun_ms + (number + 1) * STEP_MS
        kind, *how = what
        if kind == "visit":
            self._visit(*how, happens)
        elif happens and kind == "wish":
            self.hub.profiles.wish(self.ana, "lamp", "brightness", how[0], "Sam")
        elif kind == "at the lamp":
            self._said_at_the_lamp(*how)
        elif happens and kind == "rule":
            self.hub.profiles.rule(self.ana, "lamp", "brightness", how[0])
        self.exchange()

    def undo(self, **which: int) -> list[int]:
        lines = self.histories.undo(self.ana, "Ana", **which)
        self.exchange()
        return lines

    def export(self) -> dict[str, Any]:
        return self.histories.export(self.ana)

    def customer_entries(self) -> list[Any]:
        return Customer(Draft(self.hub.store), self.ana).history.entries()

    def exchange(self) -> None:
        """Everybody hears everything."""
        for lamp in self.lamps:
            lamp.send(lamp.sent + 1)
        for lamp in self.lamps:
            lamp.listen()
            lamp.send(lamp.sent + 1)

    def use(self) -> Use:
        draft = Draft(self.hub.store)
        return use_of(draft, Customer(draft, self.ana), LAMP)

    def decisions(self) -> list[Any]:
        """What the hub and each lamp would apply, at each time of day."""
        everyone = [self.use().known]
        everyone += [lamp.known[subject_of(self.hub, self.ana, lamp.name)] for lamp in self.lamps]
        return [[one.decide(LAMP.settings, part) for part in range(5)] for one in everyone]

    def _visit(self, lamp: int, codes: tuple[int, ...], stated: int | None, happens: bool) -> None:
        unit, code = self.lamps[lamp], 60
        subject = subject_of(self.hub, self.ana, unit.name)
        if not happens:
            unit.number += len(codes) + (stated is not None) + 1
            unit.visit += 1
            return
        for turned in codes:
            unit.adjust(subject, 0, turned, code)
            code = turned
        if stated is not None:
            unit.event(events.STATED, (0, stated), subject)
            code = stated
        unit.close(subject, ((0, code, events.DEFAULT, 60),))

    def _said_at_the_lamp(self, lamp: int, kind: int, code: int) -> None:
        """Someone rules there, or takes back the last visit there or its brightness."""
        unit = self.lamps[lamp]
        subject = subject_of(self.hub, self.ana, unit.name)
        if kind < len(RULE_NAMES) - 1:
            unit.event(events.RULED, (0, kind, code), subject)
        elif unit.visit:
            visit = unit.boot + (unit.visit - 1).to_bytes(4, "big")
            body = (ALL, visit) if code == CODES[0] else (0, visit, code)
            unit.event(events.UNDONE, body, subject)


def steps(count: int, dice: random.Random, at_lamps: float = 0.0) -> list[tuple[Any, ...]]:
    """at_lamps: the share of them that is ruled or taken back at a lamp."""
    return [_at_lamp(dice) if dice.random() < at_lamps else _step(dice) for _ in range(count)]


def state(use: Use) -> dict[str, Any]:
    """What a use comes to, without when it was last said."""
    known = use.known
    rules = {index: known.rule(index) for index in known.rules}
    return {
        "rows": known.rows,
        "words": {i: w.value for i, w in known.registers.entries.items() if w.value is not None},
        "rules": {i: rule[1:3] for i, rule in rules.items() if rule[1:2] != NO_RULE[1:2]},
        "counts": (use.visits, use.seconds, use.counters, use.corrections),
    }


def _at_lamp(dice: random.Random) -> tuple[Any, ...]:
    return "at the lamp", dice.randrange(2), dice.randrange(4), dice.choice(CODES)


def _step(dice: random.Random) -> tuple[Any, ...]:
    draw = dice.random()
    if draw < 0.2:
        return "wish", dice.choice((*CODES, None))
    if draw < 0.3:
        return "rule", dice.choice(("learn", "frozen", "paused"))
    turned = tuple(dice.choice(CODES) for _ in range(dice.randrange(3)))
    return "visit", dice.randrange(2), turned, dice.choice((None, None, None, 45))
