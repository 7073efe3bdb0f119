"""What time it is, and how far that can be trusted, on a board whose clock stops with its power.

The hub's time is exact. A presence identifier that a person brings tells the time step in which
they are: provisional, good for ordering and comfort. Without either only a floor is known: no
earlier than what flash remembers.
"""

from protocol.events import EXACT, NO_TIME, PROVISIONAL
from protocol.window import daypart


class WallTime:
    def __init__(self, floor_ms=0, offset_minutes=None):
        """floor_ms: a time that has surely passed; offset_minutes: local minus universal time."""
        self.floor_ms = floor_ms
        self.offset_minutes = offset_minutes
        self.trust = NO_TIME
        self._anchor_ms = 0
        self._at_uptime_ms = 0

    def exact(self, wall_ms, local_minutes, uptime_ms):
        """The hub told the time; local_minutes after midnight where the device is, or None."""
        self._anchor(wall_ms, uptime_ms, EXACT)
        if local_minutes is not None:
            utc_minutes = wall_ms // 60_000 % 1440
            self.offset_minutes = (local_minutes - utc_minutes) % 1440

    def provisional(self, wall_ms, uptime_ms):
        """A person's identifier told the time, roughly."""
        if self.trust != EXACT:
            self._anchor(wall_ms, uptime_ms, PROVISIONAL)

    def passed(self, wall_ms):
        """This time has surely passed; how long ago nobody knows."""
        self.floor_ms = max(self.floor_ms, wall_ms)

    def ms(self, uptime_ms):
        """Wall time in ms since 1970; 0 if unknown."""
        if self.trust == NO_TIME:
            return 0
        return self._anchor_ms + uptime_ms - self._at_uptime_ms

    def least_ms(self, uptime_ms):
        """A time that has surely come."""
        return max(self.floor_ms, self.ms(uptime_ms))

    def daypart(self, uptime_ms):
        if self.trust == NO_TIME or self.offset_minutes is None:
            return daypart(None)
        return daypart((self.ms(uptime_ms) // 60_000 + self.offset_minutes) % 1440)

    def _anchor(self, wall_ms, uptime_ms, trust):
        self._anchor_ms, self._at_uptime_ms, self.trust = wall_ms, uptime_ms, trust
        self.passed(wall_ms)
