"""The way in for whoever connects: a session is loaded for as long as it takes, guessing is slow.

After three handshakes in a minute that were wrong nobody is answered for 30 s, then for twice as
long, up to ten minutes; one that is right ends this. Hands and adverts are never kept waiting.

That a visitor was declined is remembered without who they are: as four bytes, salted anew each day
and with each start, and never in flash.
"""

import gc
from os import urandom

from firmware.unload import unload
from protocol.crypto import sha256

_MOST_FAILURES, _WITHIN_MS = 3, 60_000
_SHORTEST_MS, _LONGEST_MS = 30_000, 600_000
_MARK_BYTES, _MOST_MARKS, _DAY_MS = 4, 16, 86_400_000
_AT_FIRST = ("firmware.handshake", "protocol.session")
_LOADED = _AT_FIRST + ("firmware.conversation", "protocol.records", "firmware.strangers")
_LOADED += ("firmware.visitor", "firmware.guarded", "firmware.press")
_LOADED += ("firmware.bulletin", "protocol.bulletin", "protocol.claim", "protocol.visitor")


class Doorstep:
    def __init__(self, act):
        """act: the Runtime."""
        self._act = act
        self._failures = []  # when
        self._shut_until_ms, self._pause_ms = 0, _SHORTEST_MS
        self._declined, self._salt, self._salted_ms = b"", b"", -_DAY_MS

    async def session(self, connection):
        """Somebody connected; returns when they are to go."""
        act = self._act
        if not self.is_open(act.uptime_ms()):
            return
        await act.updating.let_go()
        gc.collect()
        act.sessions += 1
        try:
            await self._meet(connection)
        finally:
            act.sessions -= 1
            if not act.sessions:
                unload(*_LOADED)

    async def _meet(self, connection):
        from firmware.handshake import shake

        met = await shake(connection, self._act, self)
        del shake
        unload(*_AT_FIRST)
        if met and met[1] in self._act.people.subjects:
            from firmware.conversation import converse

            await converse(connection, self._act, *met)
        elif met:
            from firmware.strangers import receive

            await receive(connection, self._act, self, *met)

    def is_open(self, now_ms):
        """True if whoever knocks is answered."""
        return now_ms >= self._shut_until_ms

    def failed(self, now_ms):
        """Somebody could not show who they are."""
        self._failures = [at for at in self._failures if now_ms - at < _WITHIN_MS] + [now_ms]
        if len(self._failures) >= _MOST_FAILURES:
            self._failures = []
            self._shut_until_ms = now_ms + self._pause_ms
            self._pause_ms = min(2 * self._pause_ms, _LONGEST_MS)

    def decline(self, who, now_ms):
        """Whoever stands here does not want this visitor's taste, who: bytes. For a day at most."""
        self._declined = (self._declined + self._mark(who, now_ms))[-_MOST_MARKS * _MARK_BYTES :]

    def declined(self, who, now_ms):
        """True if they were declined: nobody is asked twice."""
        mark = self._mark(who, now_ms)
        return any(
            self._declined[at : at + _MARK_BYTES] == mark
            for at in range(0, len(self._declined), _MARK_BYTES)
        )

    def _mark(self, who, now_ms):
        # who it was cannot be told from it, by nobody, once the salt is another one
        if now_ms - self._salted_ms >= _DAY_MS:
            self._declined, self._salt, self._salted_ms = b"", urandom(8), now_ms
        return sha256(self._salt, who)[:_MARK_BYTES]

    def passed(self):
        """Somebody did."""
        self._failures, self._pause_ms = [], _SHORTEST_MS
