"""Times as people say them, where the hub's customers live."""

from datetime import datetime, timedelta, tzinfo


class Times:
    """now_ms: ms since 1970, what "today" is. All take ms since 1970."""

    def __init__(self, now_ms: int, zone: tzinfo) -> None:
        self._zone = zone
        self._now = self._local(now_ms)

    def said(self, at_ms: int) -> str:
        """today at 14:05; yesterday at 9:30; Tuesday at 18:00; 3 May at 12:00; 3 May 2025."""
        at = self._local(at_ms)
        clock = self.clock(at_ms)
        days = (self._now.date() - at.date()) / timedelta(days=1)
        if days == 0:
            return f"today at {clock}"
        if days == 1:
            return f"yesterday at {clock}"
        if 1 < days < 7:
            return f"{at:%A} at {clock}"
        if at.year == self._now.year:
            return f"{at.day} {at:%B} at {clock}"
        return f"{at.day} {at:%B} {at.year}"

    def clock(self, at_ms: int) -> str:
        """14:05"""
        at = self._local(at_ms)
        return f"{at.hour}:{at:%M}"

    def exact(self, at_ms: int) -> str:
        """2026-10-15 14:05:09 UTC"""
        return f"{self._local(at_ms):%Y-%m-%d %H:%M:%S %Z}"

    def iso(self, at_ms: int) -> str:
        return self._local(at_ms).isoformat(timespec="seconds")

    def _local(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms / 1000, self._zone)
