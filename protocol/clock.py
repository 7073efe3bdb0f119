"""Hybrid logical clock (Kulkarni et al. 2014) that survives a board without a clock battery.

A stamp is (wall_ms, count): ordered as tuples, never issued twice by one node. The node that issued
it breaks ties. `reserved` is the one thing kept in flash: no stamp above it was ever issued, so a
boot that begins there cannot repeat or precede its own past, whatever the wall clock says.
"""

AHEAD_MS = 60_000  # one flash write a minute of use, not one a stamp
MOST_DRIFT_MS = 300_000  # the hub refuses stamps further in its future
_MOST_COUNT = 0xFFFF


class Clock:
    def __init__(self, reserved_ms=0):
        self.reserved_ms = reserved_ms
        self._floor_ms = self._wall_ms = reserved_ms
        self._count = 0
        self._ahead_ms = 0  # of the floor: where this boot's uptime 0 is believed to be
        self._first_ms = None  # of the stamps of this boot

    def guess(self, uptime_ms):
        """What time it is at least, for as long as nobody tells."""
        return self._floor_ms + self._ahead_ms + uptime_ms

    def anchored(self, wall_ms, uptime_ms):
        """Somebody tells the time: (first_ms, last_ms, shift_ms) by which this boot's stamps move.

        None if none was issued, or all are right. Never before the floor: order is worth more.
        """
        first_ms, last_ms = self._first_ms, self._wall_ms
        shift_ms = wall_ms - self.guess(uptime_ms)
        if first_ms is None:
            self._ahead_ms = max(0, self._ahead_ms + shift_ms)
            return None
        shift_ms = max(shift_ms, self._floor_ms - first_ms)
        self._ahead_ms += shift_ms
        if not shift_ms:
            return None
        self._first_ms = first_ms + shift_ms
        self._wall_ms += shift_ms
        return first_ms, last_ms, shift_ms

    def stamp(self, wall_ms):
        """The next stamp; wall_ms is what this node believes the time to be, 0 if nothing."""
        if wall_ms > self._wall_ms:
            self._wall_ms, self._count = wall_ms, 0
        elif self._count < _MOST_COUNT:
            self._count += 1
        else:
            self._wall_ms, self._count = self._wall_ms + 1, 0
        if self._first_ms is None:
            self._first_ms = self._wall_ms
        return self._wall_ms, self._count

    def heard(self, stamp):
        """Another node's stamp: all that is issued from now on comes after it."""
        self._wall_ms, self._count = max((self._wall_ms, self._count), tuple(stamp))

    def must_reserve(self):
        """True when `reserve` must be kept in flash before a stamp may leave this node."""
        return self._wall_ms >= self.reserved_ms

    def reserve(self):
        """The new reservation, to be written to flash."""
        self.reserved_ms = self._wall_ms + AHEAD_MS
        return self.reserved_ms


def too_far_ahead(stamp, wall_ms):
    """True for a stamp that a node with a trusted clock must refuse."""
    return stamp[0] > wall_ms + MOST_DRIFT_MS
