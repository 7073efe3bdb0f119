"""Writes down what happens on a device: each event its number, uid and stamp, once."""

from firmware.effects import Move, Record, Reserve
from protocol import events


class Diary:
    """boot: 4 random bytes, new each boot; clock: protocol.clock.Clock; last: the newest Event."""

    def __init__(self, boot, clock):
        self._boot, self._clock = boot, clock
        self._number = 0  # of the last event of this boot
        self.last = None

    def happened(self, kind, subject, visit, body, now):
        """The effects that keep an event; the clock's reservation before it, where one is due."""
        self._number += 1
        uid = self._boot + self._number.to_bytes(4, "big")
        # the guess: a step of a phone's identifier began before now, and may before our own past
        stamp = self._clock.stamp(max(now.wall_ms, self._clock.guess(now.uptime_ms)))
        self.last = events.Event(kind, uid, stamp, now.trust, now.uptime_ms, subject, visit, body)
        record = [Record(events.encode_event(self.last))]
        if self._clock.must_reserve():
            return [Reserve(self._clock.reserve())] + record
        return record

    def anchored(self, visit, now):
        """It is known what time it is, and by how much the stamps of this boot were wrong."""
        move = self._clock.anchored(now.wall_ms, now.uptime_ms)
        if move is None:
            return []
        effects = self.happened(events.ANCHORED, None, visit, move, now)
        lower = [Reserve(self._clock.reserve())] if move[2] < 0 else []
        return effects[:-1] + [Move(effects[-1][0])] + lower
