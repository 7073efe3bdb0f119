"""Who may use the hub: whoever holds the one staff key, or a browser it was lent to.

The key is made at the first start and kept in the data folder, for its owner only. A program sends
it as a bearer token; a browser opens a link that works once and is given a cookie for some hours.
"""

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path

from hub import durable
from hub.who import STAFF_KEY, Who

SESSION_COOKIE = "rapport"
SESSION_S = 12 * 3600
_LINK_MS = 10 * 60_000  # a link that nobody opened is dead after this
_MOST_SESSIONS = 100  # the oldest ends
_MOST_LINKS = 10
_MOST_FAILURES = 10  # of one address in _FORGIVEN_MS; then it waits
_FORGIVEN_MS = 60_000
_MOST_ADDRESSES = 1000  # the oldest is forgiven early


class Access:
    """`key` opens everything. clock gives ms, random(n) n bytes; nothing but the key is kept."""

    def __init__(self, key: str, clock: Callable[[], int], random: Callable[[int], bytes]) -> None:
        self._key, self._clock, self._random = key.encode(), clock, random
        # digest of a token -> (when it dies, who it lets in)
        self._links: dict[str, tuple[int, Who]] = {}
        self._sessions: dict[str, tuple[int, Who]] = {}
        self._failures: dict[str, list[int]] = {}  # address -> times

    def is_key(self, key: str) -> bool:
        return hmac.compare_digest(key.encode(), self._key)

    def link(self, who: Who = STAFF_KEY) -> str:
        """A new token for /start/<token>: whoever opens it first is let in, as `who`."""
        return self._issue(self._links, who, _LINK_MS, _MOST_LINKS)

    def open(self, token: str) -> str | None:
        """A new session for a token that was not used yet, or None."""
        dies_ms, who = self._links.pop(_digest(token), (0, STAFF_KEY))
        if dies_ms <= self._clock():
            return None
        return self._issue(self._sessions, who, SESSION_S * 1000, _MOST_SESSIONS)

    def who(self, session: str) -> Who | None:
        """Whose session this is; None when there is none, or it has ended."""
        dies_ms, who = self._sessions.get(_digest(session), (0, None))
        return who if dies_ms > self._clock() else None

    def close(self, session: str) -> None:
        self._sessions.pop(_digest(session), None)

    def form_token(self, session: str) -> str:
        """What every form of this session carries: another site cannot know it."""
        return hmac.new(self._key, b"form " + session.encode(), hashlib.sha256).hexdigest()

    def is_form_token(self, session: str, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.form_token(session).encode())

    def failed(self, address: str) -> None:
        """Someone at this address was not let in."""
        times = [*self._recent(address), self._clock()]
        self._failures.pop(address, None)
        self._failures[address] = times
        while len(self._failures) > _MOST_ADDRESSES:
            del self._failures[next(iter(self._failures))]

    def must_wait_s(self, address: str) -> int:
        """Seconds until this address may try again; 0 if it may now."""
        times = self._recent(address)
        if len(times) < _MOST_FAILURES:
            return 0
        return max((times[-_MOST_FAILURES] + _FORGIVEN_MS - self._clock()) // 1000, 1)

    def _recent(self, address: str) -> list[int]:
        since_ms = self._clock() - _FORGIVEN_MS
        times = self._failures.get(address, [])[-_MOST_FAILURES:]
        return [at_ms for at_ms in times if at_ms > since_ms]

    def _issue(self, issued: dict[str, tuple[int, Who]], who: Who, life_ms: int, most: int) -> str:
        token = self._random(32).hex()
        issued[_digest(token)] = self._clock() + life_ms, who
        while len(issued) > most:
            del issued[next(iter(issued))]
        return token


def staff_key(folder: Path, random: Callable[[int], bytes]) -> str:
    """The key in this folder, made if there is none; OSError if it cannot be."""
    path = folder / "staff.key"
    if not path.exists():
        durable.make_folder(folder)
        durable.replace(path, random(32).hex().encode())
    return path.read_text().strip()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
