"""The device's half of the relationship.

A Companion is told what happened (someone is near, a hand moved a knob, the hub spoke) and answers
with effects for the shell to carry out, in order. It owns no radio, network, clock or flash: time
comes in as a Now, and what is known of a person as a Known (protocol.fold). Nobody near: defaults.

    companion.near("ana", known, now)  -> [Apply((35, 2700, 0))]
    companion.adjusted(0, 40, now)     -> [Apply((40, 2700, 0))]        at once
    companion.settled(now)             -> [Record(...), Keep(...)]      when the hand has rested
    companion.away(now)                -> [Record(...), Keep(...), Apply((60, 2700, 0))]
"""

from firmware.answers import answers
from firmware.counters import Counters
from firmware.diary import Diary
from firmware.effects import Apply, Keep, Offer, Total, unrecorded
from firmware.offers import offers
from firmware.steps import Steps
from protocol import events, totals
from protocol.decision import digest
from protocol.fold import Known, fold
from protocol.rules import ALL, FROZEN
from protocol.schema import CHEAP, GUARDED


class Companion:
    def __init__(self, product, node, boot, clock, counted=()):
        """node: device id; boot: 4 random bytes, new each boot; clock: protocol.clock.Clock."""
        self._settings = product.settings
        self._node, self._boot, self._diary = node, boot, Diary(boot, clock)
        self._visit = 0
        self._counters = Counters(len(product.counters), counted)
        self.norms = {}  # the hub's defaults for this product, see protocol/norm.py
        self._steps = Steps()
        self._leave_all()

    @property
    def codes(self):
        return tuple(self._codes)

    # What happened around the product

    def near(self, subject, known, now):
        """Someone we know is here: what is reversible at once is applied at once."""
        if subject == self.subject:
            return []
        effects = self._close(now)
        self._leave_all()
        self._visit += 1
        self.subject, self.known, self._before = subject, known, known.totals
        known.norms = self.norms
        self._since_ms, self._sure = now.uptime_ms, False
        self._counters.begin()
        self._redecide(now)
        self._begun = digest(self.decisions, now.daypart), now.daypart
        cheap = [i for i, setting in enumerate(self._settings) if setting.cost == CHEAP]
        self._comply(cheap)
        return effects + [Apply(self.codes)] + self._offer(cheap)

    def sure(self, now):
        """It is really them: heat and motion may follow; what is guarded never does by itself."""
        if self.subject is None or self._sure:
            return []
        self._sure = True
        careful = [i for i, setting in enumerate(self._settings) if setting.cost != CHEAP]
        waiting = [i for i in careful if self._sources[i] != events.HAND]
        self._comply([i for i in waiting if self._settings[i].cost != GUARDED])
        return [Apply(self.codes)] + self._offer(waiting)

    def away(self, now, stayed=True):
        """Nobody known is here any more; who had not stayed only passed, and that is no visit."""
        if self.subject is None:
            return []
        effects = self._close(now) if stayed else self._counters.pass_by()
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

    def accept(self, now):
        """A hand took what was offered."""
        offers, self._offers = self._offers, {}
        for index in sorted(offers):
            self.adjusted(index, offers[index], now)
        return [Apply(self.codes)] if offers else []

    def settled(self, now):
        """The hand has rested: what it changed is remembered."""
        for index in sorted(self._pending):
            self._settle(index, now)
        if not self._owed:
            return []
        effects, self._owed = self._owed + [Keep(self.subject, self.known)], []
        return effects

    def counted(self, index, count, now):
        """The product did something it counts: a cup, a second of light."""
        self._counters.count(index, count, self.subject is not None)
        return []

    def reset(self, index, now):
        """Someone served the product: this counter begins again."""
        self._counters.totals[index] = 0
        return self.totals(now)

    # What is said

    def said(self, index, code, now):
        """The person stated a value, in a session. It holds until a hand differs."""
        code = self._settings[index].fit(code)
        effects = self.settled(now)
        self._step(index, (self.known.said(index),), self._codes[index], self._sources[index])
        effects += self._happened(events.STATED, (index, code), now)
        return effects + self._followed(index, now)

    def ruled(self, index, kind, now):
        """The person made a rule for a setting, in a session; frozen is what they have now."""
        effects = self.settled(now)
        code = self._codes[index] if kind == FROZEN else 0
        effects += self._happened(events.RULED, (index, kind, code), now)
        return effects + self._followed(index, now)

    def undo(self, now):
        """The last thing that this person did here since power-on never happened; [] for none."""
        effects = self.settled(now)
        step = self._steps.take(self.subject)
        if step is None:
            return effects
        uid = events.visit_uid(self._boot, step.visit)
        effects += self._happened(events.UNDONE, (step.index, uid) + step.word, now)
        if step.visit != self._visit:
            return effects + self._followed(step.index, now)
        self._redecide(now)
        self._codes[step.index], self._sources[step.index] = step.code, step.source
        self._applied.pop(step.index, None)
        if step.applied:
            self._applied[step.index] = step.applied
        return effects + [Keep(self.subject, self.known), Apply(self.codes)]

    def not_me(self, now):
        """Who was taken to be here is not: nothing of this visit ever happened."""
        effects, self._pending = [], {}
        if self.subject is not None:
            while self._steps.has(self.subject, self._visit):
                effects += self.undo(now)
            self.known.totals = self._before
            body = ALL, events.visit_uid(self._boot, self._visit)
            effects += self._happened(events.UNDONE, body, now) + self._counters.pass_by()
            effects.append(Keep(self.subject, self.known))
        self._leave_all()
        return effects + [Apply(self.codes)]

    def told(self, message, known, now, anew=False):
        """The hub's news of a person (messages.Person); known: theirs from flash, or None.

        anew: it is all there is, what else is known of them gives way.
        """
        present = message.subject == self.subject
        known = self.known if present else known or Known()
        words = known.registers
        words.generation = words.generation or message.generation  # 0: nobody had said yet
        if message.generation < words.generation:
            return []
        effects = []
        for body in answers(message, known, self._settings, self._codes):
            effects += self._event(events.ANSWERED, message.subject, body, now)
        words.generation = -1 if anew else words.generation
        news = message.rules, message.undone, message.carried
        changed = known.merge(message.generation, message.rows, message.entries, *news)
        effects.append(Keep(message.subject, known))
        if present and changed:
            self._redecide(now)
            news = [i for i in range(len(self._codes)) if i in changed or ALL in changed]
            self._comply([i for i in news if self._may_follow(i)])
            effects.append(Apply(self.codes))
        return effects

    def anchored(self, now):
        """It is known what time it is, and by how much the stamps of this boot were wrong."""
        return self._diary.anchored(self._visit, now)

    def forgotten(self, subject, now):
        """The person is gone for good: no last visit is recorded."""
        self._steps.forget(subject)
        if subject != self.subject:
            return []
        self._leave_all()
        return [Apply(self.codes)]

    def _leave_all(self):
        self.subject, self.known = None, Known()
        self._pending, self._owed, self._offers, self.decisions = {}, [], {}, []
        self._codes = [setting.start for setting in self._settings]
        self._applied = {}  # index -> (code, source) of what was applied of itself
        self._sources = [events.DEFAULT] * len(self._codes)

    def _settle(self, index, now):
        """Record a hand; where memory ran out on the way, it still waits, or is owed."""
        before, source = self._pending[index]
        if self._codes[index] == before or not self.known.watched():
            del self._pending[index]
            return
        unlearned = () if self.known.learns(index) else (1,)
        body = (index, self._codes[index], before, source) + unlearned
        word = self.known.said(index)
        self._owed += self._happened(events.ADJUSTED, body, now)
        del self._pending[index]
        self._step(index, () if word is None or unlearned else (word,), before, source)
        self._count(totals.hand(self._counted()))

    def _may_follow(self, index):
        """May news of this setting be followed while the person stands here?"""
        cost = self._settings[index].cost
        return cost == CHEAP or (self._sure and cost != GUARDED)

    def _followed(self, index, now):
        """What the person said or ruled is kept, and the product follows."""
        self._redecide(now)
        guarded = self._settings[index].cost == GUARDED
        if not guarded or self.decisions[index].source in (events.SAID, events.DEFAULT):
            self._comply([index])
        return [Keep(self.subject, self.known), Apply(self.codes)]

    def _step(self, index, word, code, source):
        """Remember how to undo what is about to happen."""
        applied = self._applied.get(index)
        self._steps.note(self.subject, self._visit, index, word, code, source, applied)

    def _offer(self, indexes):
        """Offer what the learner is not sure enough of; what is guarded is only ever offered."""
        state = self.decisions, self._codes, self._settings, self._offers
        self._offers = offers(indexes, *state, not len(self.known.rows))
        return [Offer(index, self._offers[index]) for index in indexes if index in self._offers]

    def _comply(self, indexes):
        """Take over what was decided for these settings."""
        for index in indexes:
            decision = self.decisions[index]
            if not self._settings[index].retired:
                self._codes[index], self._sources[index] = decision.code, decision.source
                self._applied[index] = (decision.code, decision.source)

    def _redecide(self, now):
        self.decisions = self.known.decide(self._settings, now.daypart)

    def _close(self, now):
        """The end of a visit."""
        if self.subject is None:
            return []
        effects = self.settled(now)
        counts = self._counters.of_visit()
        seconds = (now.uptime_ms - self._since_ms) // 1000
        count = totals.visited(self._counted(), seconds, counts)
        self._count(count)
        body = (now.daypart, seconds, tuple(self._values()), tuple(counts), count) + self._begun
        effects += self._happened(events.VISIT, body, now) + [Keep(self.subject, self.known)]
        if self._counters.uncounted or (self.known.local and counts):
            return effects + self.totals(now)
        return effects + ([Total(tuple(self._counters.totals))] if counts else [])

    def _count(self, count):
        if not self.known.local:
            self.known.totals = count

    def _counted(self):
        return self.known.totals or totals.begun(self._boot)

    def _values(self):
        """Of a visit; what was neither applied nor touched says nothing of the person."""
        for index, setting in enumerate(self._settings):
            applied = self._applied.get(index, (setting.start, events.DEFAULT))
            took_part = index in self._applied or self._sources[index] == events.HAND
            if took_part and self.known.learns(index):
                yield index, self._codes[index], applied[1], applied[0]

    def totals(self, now):
        """What the product has counted so far, of nobody."""
        self._counters.uncounted = False
        count = tuple(self._counters.totals)
        return self._event(events.TOTALS, None, tuple(enumerate(count)), now) + [Total(count)]

    def _happened(self, kind, body, now):
        """An event of the person here: recorded, and folded into what is known of them."""
        effects = self._event(kind, self.subject, body, now)
        if self.subject is not None:
            fold(self.known, self._diary.last, self._node, self._settings)
        return unrecorded(effects) if self.known.local else effects

    def _event(self, kind, subject, body, now):
        return self._diary.happened(kind, subject, self._visit, body, now)
