"""How strongly each known carrier was heard lately: bounded, and smooth enough to compare."""

_RECENT_MS = 4_000  # three adverts of the slowest phones, one of them lost
_LONGEST_MS = 100_000  # what is older says nothing of where somebody is now
_SLOT_MS = 400  # what is heard within is one reading: fading is fast, people are not
_MOST, _FEWEST = 8, 3  # readings of a carrier
_MOST_CARRIERS = 16


class Readings:
    def __init__(self):
        self._of = {}  # tag -> [(now_ms, dBm, how many)], newest last

    def note(self, tag, rssi_dBm, now_ms, keep):
        """One more sighting; when there are too many carriers, `keep` is not dropped."""
        of = self._of.setdefault(tag, [])
        if of and now_ms - of[-1][0] < _SLOT_MS:
            at_ms, level, many = of.pop()
            of.append((at_ms, (level * many + rssi_dBm) // (many + 1), many + 1))
        else:
            of.append((now_ms, rssi_dBm, 1))
        del of[:-_MOST]
        if len(self._of) > _MOST_CARRIERS:
            others = [other for other in self._of if other not in (tag, keep)]
            self.drop(min(others, key=self.last_ms))

    def drop(self, tag):
        self._of.pop(tag, None)

    def last_ms(self, tag):
        return self._of[tag][-1][0]

    def longest_gap_ms(self, tag):
        before_ms = longest_ms = 0
        for at_ms, _, _ in self._of[tag]:
            longest_ms = max(longest_ms, at_ms - (before_ms or at_ms))
            before_ms = at_ms
        return longest_ms

    def count(self, tag, now_ms):
        """How often a carrier was heard a moment ago."""
        return sum([many for _, _, many in self._recent(tag, now_ms)])

    def level(self, tag, now_ms):
        """Median of the newest readings in dBm: one odd advert moves nobody."""
        newest = self._recent(tag, now_ms)
        if len(newest) < _FEWEST:
            few = self._of[tag][-_FEWEST:]
            newest = [each for each in few if now_ms - each[0] <= _LONGEST_MS] or few[-1:]
        levels = sorted([level for _, level, _ in newest])
        return levels[len(levels) // 2]

    def others(self, least_dBm, now_ms, *but):
        """Who else was heard so well a moment ago; the nearest first."""
        found = [
            (-self.level(tag, now_ms), tag)
            for tag in self._of
            if tag not in but and self.count(tag, now_ms)
        ]
        return [tag for level, tag in sorted(found) if -level >= least_dBm]

    def _recent(self, tag, now_ms):
        return [each for each in self._of.get(tag, ()) if now_ms - each[0] <= _RECENT_MS]
