"""The device's half of the relationship.

A Companion is told what happened (someone is near, a hand moved a knob, the hub spoke) and answers
with effects for the shell to carry out, in order. It owns no radio, network, clock or flash: time
comes in as a Now, and what is known of a person as a Known (protocol.fold).

    companion.near("ana", known, now)  -> [Apply((35, 2700, 0))]
    companion.adjusted(0, 40, now)     -> [Apply((40, 2700, 0))]        at once
    companion.settled(now)             -> [Record(...), Keep(...)]      when the hand has rested
    companion.away(now)                -> [Record(...), Keep(...), Apply((60, 2700, 0))]

Nobody near means the product's own defaults and nothing kept.
"""

from collections import namedtuple

from protocol import events
from protocol.fold import Known, fold
from protocol.registers import HAND
from protocol.schema import CHEAP, GUARDED

Apply = namedtuple("Apply", ("codes",))  # make the product take these, one code a setting
Reserve = namedtuple("Reserve", ("wall_ms",))  # keep the clock's reservation, before what follows
Record = namedtuple("Record", ("payload",))  # append to the journal
Keep = namedtuple("Keep", ("subject", "known"))  # write to flash what is known of a person
Total = namedtuple("Total", ("totals",))  # write the device's own counters to flash

# uptime_ms; wall_ms: 0 if nothing is known of the time; trust: events.NO_TIME ...; daypart
Now = namedtuple("Now", ("uptime_ms", "wall_ms", "trust", "daypart"))


class Companion:
    def __init__(self, product, node, boot, clock, totals=()):
        """node: device id; boot: 4 random bytes, new each boot; clock: protocol.clock.Clock."""
        self._settings = product.settings
        self._counters = product.counters
        self._node, self._boot, self._clock = node, boot, clock
        self._number = 0  # of the last event of this boot
        self._visit = 0
        self.totals = list(totals) + [0] * (len(product.counters) - len(totals))
        self._uncounted = False  # somebody unknown used the product since the last totals
        self._leave_all()

    @property
    def known(self):
        """What is known of the person here."""
        return self._known

    @property
    def codes(self):
        return tuple(self._codes)

    # What happened around the product

    def near(self, subject, known, now):
        """Someone we know is here: what is reversible at once is applied at once."""
        if subject == self.subject:
            return []
        effects = self._close(now)
        self._visit += 1
        self.subject, self._known = subject, known
        self._since_ms, self._sure = now.uptime_ms, False
        self._applied = {}  # index -> (code, source) of what was applied of itself
        self._counts = [0] * len(self._counters)
        self._pending = {}
        self._codes = [setting.start for setting in self._settings]
        self._sources = [events.DEFAULT] * len(self._codes)
        self._redecide(now)
        self._comply([i for i, setting in enumerate(self._settings) if setting.cost == CHEAP])
        return effects + [Apply(self.codes)]

    def sure(self, now):
        """It is really them: heat and motion may follow; what is guarded never does by itself."""
        if self.subject is None or self._sure:
            return []
        self._sure = True
        self._comply([i for i in self._waiting() if self._settings[i].cost != GUARDED])
        return [Apply(self.codes)]

    def away(self, now):
        """Nobody known is here any more: back to the defaults, for whoever comes."""
        if self.subject is None:
            return []
        effects = self._close(now)
        self._leave_all()
        return effects + [Apply(self.codes)]

    def adjusted(self, index, code, now):
        """A hand set something. The product follows at once, whoever's hand it is."""
        code = self._settings[index].fit(code)
        if self.subject is not None and index not in self._pending:
            self._pending[index] = (self._codes[index], self._sources[index])
        self._codes[index], self._sources[index] = code, events.HAND
        return [Apply(self.codes)]

    def turned(self, index, detents, now):
        """A knob for this setting moved."""
        return self.adjusted(index, self._settings[index].turned(self._codes[index], detents), now)

    def settled(self, now):
        """The hand has rested: what it changed is remembered."""
        effects, pending, self._pending = [], self._pending, {}
        for index in sorted(pending):
            before, source = pending[index]
            if self._codes[index] != before:
                body = (index, self._codes[index], before, source)
                effects += self._happened(events.ADJUSTED, body, now)
        return effects + [Keep(self.subject, self._known)] if effects else []

    def counted(self, index, count, now):
        """The product did something it counts: a cup, a second of light."""
        self.totals[index] += count
        if self.subject is None:
            self._uncounted = True
        else:
            self._counts[index] += count
        return []

    def reset(self, index, now):
        """Someone served the product: this counter begins again."""
        self.totals[index] = 0
        return self._totals(now)

    # What is said

    def said(self, index, code, now):
        """The person stated a value, in a session. It holds until a hand differs."""
        code = self._settings[index].fit(code)
        effects = self._happened(events.STATED, (index, code), now)
        self._redecide(now)
        self._comply([index])
        return effects + [Keep(self.subject, self._known), Apply(self.codes)]

    def told(self, message, known, now):
        """The hub's news of a person (messages.Person); known: theirs from flash, or None."""
        present = message.subject == self.subject
        known = self._known if present else known or Known()
        if message.generation < known.registers.generation:
            return []
        effects = self._answer(message, known, now)
        changed = known.merge(message.generation, message.rows, message.entries, message.frozen)
        effects.append(Keep(message.subject, known))
        if present and changed:
            self._redecide(now)
            self._comply([i for i in changed if self._may_follow(i)])
            effects.append(Apply(self.codes))
        return effects

    def forgotten(self, subject, now):
        """The person is gone for good: no last visit is recorded."""
        if subject != self.subject:
            return []
        self._leave_all()
        return [Apply(self.codes)]

    # Below: how

    def _leave_all(self):
        self.subject, self._known = None, Known()
        self._pending = {}
        self._codes = [setting.start for setting in self._settings]
        self._applied = {}
        self._sources = [events.DEFAULT] * len(self._codes)
        self.decisions = []

    def _waiting(self):
        """Settings decided but not applied yet, and not overruled by a hand."""
        return [
            index
            for index, setting in enumerate(self._settings)
            if setting.cost != CHEAP and self._sources[index] != events.HAND
        ]

    def _may_follow(self, index):
        """May a wish for this setting be followed while the person stands here?"""
        if index >= len(self._settings) or self._known.registers.value(index) is None:
            return False
        cost = self._settings[index].cost
        return cost == CHEAP or (self._sure and cost != GUARDED)

    def _comply(self, indexes):
        """Take over what was decided for these settings."""
        for index in indexes:
            decision = self.decisions[index]
            self._codes[index], self._sources[index] = decision.code, decision.source
            self._applied[index] = (decision.code, decision.source)

    def _redecide(self, now):
        self.decisions = self._known.decide(self._settings, now.daypart)

    def _close(self, now):
        """The end of a visit."""
        if self.subject is None:
            return []
        effects = self.settled(now)
        values = [self._value(index) for index in range(len(self._codes)) if self._took_part(index)]
        counts = [(index, count) for index, count in enumerate(self._counts) if count]
        seconds = (now.uptime_ms - self._since_ms) // 1000
        body = (now.daypart, seconds, tuple(values), tuple(counts))
        effects += self._happened(events.VISIT, body, now)
        effects.append(Keep(self.subject, self._known))
        if self._uncounted:
            return effects + self._totals(now)
        return effects + ([Total(tuple(self.totals))] if counts else [])

    def _took_part(self, index):
        # what was neither applied nor touched says nothing of the person
        return index in self._applied or self._sources[index] == events.HAND

    def _value(self, index):
        default = (self._settings[index].start, events.DEFAULT)
        applied, source = self._applied.get(index, default)
        return index, self._codes[index], source, applied

    def _totals(self, now):
        self._uncounted = False
        totals = tuple(enumerate(self.totals))
        return self._event(events.TOTALS, None, totals, now) + [Total(tuple(self.totals))]

    def _answer(self, message, known, now):
        """Tell the hub what becomes of each wish in a message."""
        effects = []
        for index in sorted(message.entries):
            wish = message.entries[index]
            if wish.author == HAND or wish.value is None or index >= len(self._settings):
                continue
            outcome, code = self._outcome(index, wish, known, message.generation)
            if outcome is not None:
                body = (index, wish.value, outcome, code)
                effects += self._event(events.ANSWERED, message.subject, body, now)
        return effects

    def _outcome(self, index, wish, known, generation):
        """(outcome, code in force) of a wish, or (None, 0) if it was answered before."""
        stands = known.registers.verdict(generation, index, wish)
        if stands is None:
            return None, 0
        if not stands:
            return events.REFUSED, self._codes[index]
        code = self._settings[index].fit(wish.value)
        return (events.APPLIED if code == wish.value else events.LIMITED), code

    def _happened(self, kind, body, now):
        """An event of the person here: recorded, and folded into what is known of them."""
        effects = self._event(kind, self.subject, body, now)
        if self.subject is not None:
            fold(self._known, self._last, self._node, self._settings)
        return effects

    def _event(self, kind, subject, body, now):
        self._number += 1
        uid = self._boot + self._number.to_bytes(4, "big")
        stamp = self._clock.stamp(now.wall_ms)
        self._last = events.Event(
            kind, uid, stamp, now.trust, now.uptime_ms, subject, self._visit, body
        )
        record = [Record(events.encode_event(self._last))]
        if self._clock.must_reserve():
            return [Reserve(self._clock.reserve())] + record
        return record
