"""From sightings to presence: who stands here, and how sure that is.

Told each sighting of a known carrier (and never of an unknown one), and the passing of time;
answers with what changed. Rules, in order: who touches stays; the nearest, if clearly so and for a
while; the first. Somebody heard weakly for a while has left, somebody not heard has left after a
longer while: adverts come with gaps, and a person sitting still must not flap.

    recogniser.heard("ana", -55, now)  -> [Near("ana")]
    recogniser.heard("ana", -56, now)  -> []            the third within a moment: [Sure("ana")]
    recogniser.passed(now)             -> [Away("ana")]
"""

from collections import namedtuple

Near = namedtuple("Near", ("tag",))  # one good sighting: enough for what is reversible at once
Sure = namedtuple("Sure", ("tag",))  # enough for heat and motion too
Away = namedtuple("Away", ("tag",))

# dBm and ms; a product may bring its own
Range = namedtuple("Range", ("enter_dBm", "exit_dBm", "weak_ms", "silent_ms"))
USUAL_RANGE = Range(-70, -78, 10_000, 100_000)

NEAREST, FIRST = "nearest", "first"

_SURE_SIGHTINGS = 3
_RECENT_MS = 4_000  # three adverts of the slowest phones, one of them lost
_ADVANTAGE_DB = 8
_ADVANTAGE_MS = 5_000
_MOST_READINGS = 5
_MOST_CARRIERS = 16


class Recogniser:
    def __init__(self, span=USUAL_RANGE, rule=NEAREST):
        self._span = span
        self._rule = rule
        self._readings = {}  # tag -> [(now_ms, dBm)], newest last
        self._present = None
        self._sure = False
        self._held_until_ms = 0  # nobody else takes over from who has just touched
        self._good_ms = 0  # when the present person was last heard well
        self._rival = None
        self._rival_since_ms = 0

    @property
    def present(self):
        return self._present

    def heard(self, tag, rssi_dBm, now_ms):
        """A sighting of a known carrier; returns what changed."""
        readings = self._readings.setdefault(tag, [])
        readings.append((now_ms, rssi_dBm))
        del readings[:-_MOST_READINGS]
        self._bound(tag)
        if self._present is None:
            return self._arrive(tag, now_ms) if rssi_dBm >= self._span.enter_dBm else []
        if tag != self._present:
            return self._challenge(tag, rssi_dBm, now_ms)
        if self._level(tag, now_ms) >= self._span.exit_dBm:
            self._good_ms = now_ms
        return self._surer(now_ms)

    def touched(self, now_ms):
        """A hand on the product: whoever is here is really here, and stays for now."""
        if self._present is None:
            return []
        self._good_ms = now_ms
        self._held_until_ms = now_ms + self._span.weak_ms
        return self._become_sure()

    def proved(self, tag, now_ms):
        """This person has shown in a session that they are here."""
        if tag == self._present:
            return self.touched(now_ms)
        gone = [] if self._present is None else self._leave()
        self._readings[tag] = [(now_ms, self._span.enter_dBm)]
        self._bound(tag)
        return gone + self._arrive(tag, now_ms) + self.touched(now_ms)

    def passed(self, now_ms):
        """Time has passed; returns what changed. To be asked every second or so."""
        if self._present is None or now_ms < self._held_until_ms:
            return []
        last_ms = self._readings[self._present][-1][0]
        weak = now_ms - self._good_ms >= self._span.weak_ms
        if weak and last_ms > self._good_ms:  # heard since, but only weakly
            return self._leave()
        return self._leave() if now_ms - last_ms >= self._span.silent_ms else []

    def forget(self, tag):
        """Nobody of this tag exists any more."""
        self._readings.pop(tag, None)
        return self._leave() if tag == self._present else []

    def _arrive(self, tag, now_ms):
        self._present, self._sure, self._good_ms = tag, False, now_ms
        self._rival = None
        return [Near(tag)] + self._surer(now_ms)

    def _leave(self):
        gone, self._present = self._present, None
        self._readings.pop(gone, None)
        return [Away(gone)]

    def _surer(self, now_ms):
        if self._sure or len(self._recent(self._present, now_ms)) < _SURE_SIGHTINGS:
            return []
        if self._level(self._present, now_ms) < self._span.enter_dBm:
            return []
        return self._become_sure()

    def _become_sure(self):
        if self._sure:
            return []
        self._sure = True
        return [Sure(self._present)]

    def _challenge(self, tag, rssi_dBm, now_ms):
        """Somebody else is here too: do they take over?"""
        if rssi_dBm < self._span.enter_dBm or now_ms < self._held_until_ms:
            return []
        if now_ms - self._good_ms >= self._span.weak_ms:  # the other is as good as gone
            return self._leave() + self._arrive(tag, now_ms)
        if self._rule == FIRST or not self._clearly_nearer(tag, now_ms):
            self._rival = None if tag == self._rival else self._rival
            return []
        if tag != self._rival:
            self._rival, self._rival_since_ms = tag, now_ms
        if now_ms - self._rival_since_ms < _ADVANTAGE_MS:
            return []
        gone, self._present = self._present, None
        return [Away(gone)] + self._arrive(tag, now_ms)

    def _clearly_nearer(self, tag, now_ms):
        mine = self._level(self._present, now_ms)
        return self._level(tag, now_ms) >= mine + _ADVANTAGE_DB

    def _recent(self, tag, now_ms):
        readings = self._readings.get(tag, ())
        return [level for at, level in readings if now_ms - at <= _RECENT_MS]

    def _level(self, tag, now_ms):
        """Median of the newest readings: one odd advert moves nobody."""
        levels = sorted(self._recent(tag, now_ms) or [self._readings[tag][-1][1]])
        return levels[len(levels) // 2]

    def _bound(self, tag):
        if len(self._readings) <= _MOST_CARRIERS:
            return
        others = [t for t in self._readings if t not in (tag, self._present)]
        del self._readings[min(others, key=lambda t: self._readings[t][-1][0])]
