"""From sightings to presence: who stands here, and how sure that is.

Told each sighting of a known carrier (and never of an unknown one), and the passing of time;
answers with what changed. Who touches stays; else the nearest, if clearly so and for a while; else
the first. While it could be two it is not sure, and nothing careful is done. Somebody heard weakly
for a while has left, somebody not heard after a longer while: adverts come with gaps, and a person
sitting still must not flap. docs/who-is-it.md has the rules, `rapport measure recognise` how well.

    recogniser.heard("ana", -55, now)  -> [Near("ana")]
    recogniser.heard("ana", -56, now)  -> []            the third within a moment: [Sure("ana")]
    recogniser.passed(now)             -> [Away("ana", True)]    after a visit
"""

from collections import namedtuple

from firmware.readings import Readings

Near = namedtuple("Near", ("tag",))  # one good sighting: enough for what is reversible at once
Sure = namedtuple("Sure", ("tag",))  # enough for heat and motion too
Away = namedtuple("Away", ("tag", "stayed"))  # stayed: or only passed, and touched nothing
Ask = namedtuple("Ask", ("tags",))  # it could be each of them, and the rule is to ask; see chosen()

# dBm and ms; a product may bring its own
Range = namedtuple("Range", ("enter_dBm", "exit_dBm", "weak_ms", "silent_ms"))
USUAL_RANGE = Range(-70, -78, 10_000, 100_000)

NEAREST, FIRST, OWNER, ASK = "nearest", "first", "owner", "ask"

_SURE_SIGHTINGS = 3
_USUAL_SIGHTINGS = 2  # of somebody who is usually here at this hour
_SURER_DB = 6  # nearer than near
_APART_DB = 4  # less than this between two, and it could be either
# Who leads takes over: leads are added up in dB * ms, less what comes by chance (CUSUM, Page 1954);
# against who is sure it takes more, the longer they have been here
_BY_CHANCE_DB = 3
_UNSURE_LEAD, _SURE_LEAD = 4_000, 10_000
_LONGEST_MS, _LONGER = 600_000, 8
_OFTEN_MS, _SELDOM = 4_000, 8  # adverts come no farther apart; so many times as much at most
_LEAD_MS = 2_000  # what one sighting stands for at most
_STAYS_MS = 20_000  # who is near for less only passes
_CHOSEN_MS = 3_600_000  # who was chosen by hand is here so long, unheard


class Recogniser:
    """owner: a tag; set `usual` after a Near if that person is usually here at this hour."""

    def __init__(self, span=USUAL_RANGE, rule=NEAREST):
        self._span, self._rule = span, rule
        self.owner, self.usual, self.present = b"", False, None
        self.same = _equal  # are two tags one person, with phone and tag?
        self._readings = Readings()
        self._leads = {}  # tag -> (dB * ms nearer than who is here, when heard)
        self._sure = self._asked = False
        self._chosen = False  # by hand: need not be heard
        self._held_until_ms = 0  # nobody else takes over from who has just touched
        # since when the present person is here, was last heard well, and near
        self._since_ms = self._good_ms = self._near_ms = 0
        self._refused, self._refused_ms = None, 0  # who said that it is not them

    def heard(self, tag, rssi_dBm, now_ms):
        """A sighting of a known carrier; returns what changed."""
        for other in (self.present, self._refused):
            if other is not None and self.same(tag, other):
                tag = other
        self._readings.note(tag, rssi_dBm, now_ms, self.present)
        if tag == self._refused:
            if now_ms - self._refused_ms < self._span.silent_ms:
                self._refused_ms = now_ms
                return []
            self._refused = None
        if self.present is None:
            return self._arrive(tag, now_ms) if rssi_dBm >= self._span.enter_dBm else []
        if tag != self.present:
            return self._challenge(tag, rssi_dBm, now_ms)
        self._chosen = False
        level = self._readings.level(tag, now_ms)
        if level >= self._span.exit_dBm:
            self._good_ms = now_ms
        if min(level, rssi_dBm) >= self._span.enter_dBm:
            self._near_ms = now_ms
        return self._surer(now_ms)

    def touched(self, now_ms):
        """A hand on the product: of whoever is clearly the nearest, and they stay for now."""
        if self.present is None:
            return []
        nearer = self._others(2 * _APART_DB, now_ms) if now_ms >= self._held_until_ms else []
        changes = self._succeed(nearer[0], now_ms) if nearer else []
        self._good_ms = self._near_ms = now_ms
        self._since_ms = min(self._since_ms, now_ms - _STAYS_MS)  # a hand is worth a while
        self._held_until_ms = now_ms + self._span.weak_ms
        return changes + self._become_sure()

    def proved(self, tag, now_ms):
        """This person has shown in a session that they are here."""
        changes = []
        if tag != self.present:
            self._refused = None if tag == self._refused else self._refused
            changes = self._leave()
            self._readings.note(tag, self._span.enter_dBm, now_ms, tag)
            changes += self._arrive(tag, now_ms)
        self._held_until_ms = now_ms + self._span.weak_ms
        return changes + self.touched(now_ms)

    def chosen(self, tag, now_ms):
        """A hand chose who is here; no carrier is needed for a while."""
        changes = self.proved(tag, now_ms)
        self._chosen = True
        return changes

    def refuse(self, now_ms):
        """It is not who is here: they are nobody until they have been out of hearing."""
        self._refused, self._refused_ms = self.present, now_ms
        return self._leave()

    def passed(self, now_ms):
        """Time has passed; returns what changed. To be asked every second or so."""
        if self.present is None or now_ms < self._held_until_ms:
            return []
        if self._chosen:
            return self._leave() if now_ms - self._good_ms >= _CHOSEN_MS else []
        last_ms = self._readings.last_ms(self.present)
        weak = now_ms - self._good_ms >= self._span.weak_ms
        if weak and last_ms > self._good_ms:  # heard since, but only weakly
            return self._leave()
        return self._leave() if now_ms - last_ms >= self._span.silent_ms else []

    def forget(self, tag):
        """Nobody of this tag exists any more."""
        self._readings.drop(tag)
        return self._leave() if tag == self.present else []

    def _arrive(self, tag, now_ms):
        self.present, self._leads = tag, {}
        self._sure = self._asked = self._chosen = self.usual = False
        self._since_ms = self._good_ms = self._near_ms = now_ms
        return [Near(tag)] + self._surer(now_ms)

    def _leave(self):
        if self.present is None:
            return []
        gone, self.present = self.present, None
        self._readings.drop(gone)
        return [Away(gone, self._stayed())]

    def _stayed(self):
        return self._near_ms - self._since_ms >= _STAYS_MS

    def _succeed(self, tag, now_ms):
        """Somebody takes over from who is here; both are still heard."""
        return [Away(self.present, self._stayed())] + self._arrive(tag, now_ms)

    def _surer(self, now_ms):
        wanted = _USUAL_SIGHTINGS if self.usual else _SURE_SIGHTINGS
        heard = self._readings.count(self.present, now_ms)
        enough_dBm = self._span.enter_dBm + _SURER_DB
        if self._sure or heard < wanted or self._readings.level(self.present, now_ms) < enough_dBm:
            return []
        others = self._others(-_APART_DB, now_ms)
        return self._ask(others) if others else self._become_sure()

    def _become_sure(self):
        was, self._sure = self._sure, True
        return [] if was else [Sure(self.present)]

    def _ask(self, others):
        if self._asked or self._rule != ASK:
            return []
        self._asked = True
        return [Ask([self.present] + others)]

    def _challenge(self, tag, rssi_dBm, now_ms):
        """Somebody else is here too: do they take over?"""
        if now_ms < self._held_until_ms or self._rule == FIRST:
            return []
        if self._rule == OWNER and self.owner in (tag, self.present):
            near = tag == self.owner and rssi_dBm >= self._span.enter_dBm
            return self._succeed(tag, now_ms) if near else []
        lead, before_ms = self._leads.get(tag, (0, now_ms))
        if self._readings.count(self.present, now_ms):  # else it is not known how near they are
            lead_dB = rssi_dBm - self._readings.level(self.present, now_ms) - _BY_CHANCE_DB
            lead = max(0, lead + lead_dB * min(now_ms - before_ms, _LEAD_MS))
        self._leads[tag] = lead, now_ms
        if rssi_dBm < self._span.enter_dBm:
            return []
        if self._is_gone(now_ms):
            return self._succeed(tag, now_ms)
        if lead < self._lead_wanted(now_ms):
            return []
        return self._ask([tag]) if self._rule == ASK else self._succeed(tag, now_ms)

    def _lead_wanted(self, now_ms):
        # of who is seldom heard less is known: it takes more to say that another is nearer
        seldom = max(1, min(self._readings.longest_gap_ms(self.present) // _OFTEN_MS, _SELDOM))
        if not self._sure or self._readings.level(self.present, now_ms) < self._span.exit_dBm:
            return _UNSURE_LEAD * seldom
        stayed_ms = min(self._near_ms - self._since_ms, _LONGEST_MS)
        return (_SURE_LEAD + stayed_ms // _LONGER) * seldom

    def _is_gone(self, now_ms):
        """Is who is here as good as gone: not heard well for longer than their gaps are?"""
        weak_ms, gap_ms = self._span.weak_ms, self._readings.longest_gap_ms(self.present)
        return now_ms - self._good_ms >= (
            weak_ms if 2 * gap_ms <= weak_ms else self._span.silent_ms
        )

    def _others(self, lead_dB, now_ms):
        """Who else is near and leads by so much over who is here; the nearest first."""
        least_dBm = max(self._readings.level(self.present, now_ms) + lead_dB, self._span.enter_dBm)
        return self._readings.others(least_dBm, now_ms, self.present, self._refused)


def _equal(one, other):
    return one == other
