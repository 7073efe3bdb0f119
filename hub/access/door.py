"""Who is let in: whoever holds the staff key, opened a link, signed in, or was invited.

The key is made at the first start and kept in the data folder, for its owner only. A program sends
it as a bearer token; a browser opens a link that works once, or signs in (hub/access/accounts.py),
and is given a cookie.
"""

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path

from hub import durable
from hub.access import sessions
from hub.access.limit import Limit
from hub.access.sessions import Life, Tokens
from hub.access.who import CUSTOMER, STAFF_KEY, Who
from hub.store import Store
from hub.store.memory import MemoryStore

SESSION_COOKIE = "rapport"
SECURE_COOKIE = "__Host-rapport"  # what it is called by https: no other host can set it
_LINK_MS = 10 * 60_000  # a link that nobody opened is dead after this
_MOST_LINKS = 10
_MINUTE_MS = 60_000
_FRESH_MS = 10 * _MINUTE_MS
_MOST_FAILURES = 10  # of one address in a minute; then it waits


class Access:
    """`key` opens everything. clock gives ms, random(n) n bytes."""

    def __init__(self, key: str, clock: Callable[[], int], random: Callable[[int], bytes]) -> None:
        self._key, self._clock, self._random = key.encode(), clock, random
        self.addresses = Limit(20, _MINUTE_MS, clock)  # from which somebody tried to sign in
        self.names = Limit(5, _MINUTE_MS, clock)  # by which
        self.exports = Limit(2, 60 * _MINUTE_MS, clock)  # of one customer
        self._failures = Limit(_MOST_FAILURES, _MINUTE_MS, clock)
        self._links: dict[str, tuple[int, Who]] = {}  # digest -> (when it dies, who it lets in)
        self.keep_in(MemoryStore())

    def keep_in(self, store: Store) -> None:
        """From now on sessions and invitations lie there, and outlive the process."""
        clock, random = self._clock, self._random
        self.invitations = Tokens(store, clock, random, "invitations", lambda who: sessions.INVITED)
        self._sessions = Tokens(store, clock, random, "sessions", life)

    def is_key(self, key: str) -> bool:
        return hmac.compare_digest(key.encode(), self._key)

    def link(self, who: Who = STAFF_KEY) -> str:
        """A new token for /start/<token>: whoever opens it first is let in, as `who`."""
        token = self._random(32).hex()
        self._links[_digest(token)] = self._clock() + _LINK_MS, who
        while len(self._links) > _MOST_LINKS:
            del self._links[next(iter(self._links))]
        return token

    def open(self, token: str) -> str | None:
        """A new session for a token that was not used yet, or None."""
        dies_ms, who = self._links.pop(_digest(token), (0, STAFF_KEY))
        return self.begin(who) if dies_ms > self._clock() else None

    def begin(self, who: Who) -> str:
        """A new session of somebody who proved who they are."""
        return self._sessions.begin(who)

    def invite(self, customer: str) -> str:
        """A token for /invitation/<token>: with it a customer makes their account, once."""
        return self.invitations.begin(Who(CUSTOMER, "", customer))

    def who(self, session: str) -> Who | None:
        """Whose session this is; None when there is none, or it has ended."""
        return self._sessions.who(session) if session else None

    def is_fresh(self, session: str) -> bool:
        """Did whoever it is of sign in just now? For what a browser left open must not do."""
        return self._sessions.is_younger(session, _FRESH_MS)

    def close(self, session: str) -> None:
        self._sessions.end(session)

    def close_all(self, who: Who) -> None:
        """Every session and invitation of this one ends."""
        self._sessions.end_all(who)
        self.invitations.end_all(who)

    def form_token(self, session: str) -> str:
        """What every form of this session carries: another site cannot know it."""
        return hmac.new(self._key, b"form " + session.encode(), hashlib.sha256).hexdigest()

    def is_form_token(self, session: str, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.form_token(session).encode())

    def failed(self, address: str) -> None:
        """Someone at this address was not let in."""
        self._failures.count(address)

    def must_wait_s(self, address: str) -> int:
        """Seconds until this address may try again; 0 if it may now."""
        return self._failures.wait_s(address)


def life(who: Who) -> Life:
    return sessions.CUSTOMERS if who.role == CUSTOMER else sessions.STAFF


def staff_key(folder: Path, random: Callable[[int], bytes]) -> str:
    """The key in this folder, made if there is none; OSError if it cannot be."""
    path = folder / "staff.key"
    if not path.exists():
        durable.make_folder(folder)
        durable.replace(path, random(32).hex().encode())
    return path.read_text().strip()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
