"""Passwords: argon2id, for whoever has no passkey.

OWASP's parameters (19 MiB, 2 passes): some 30 ms of work, so never on the thread of the hub.
"""

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from hub.errors import InvalidError

SHORTEST, LONGEST = 12, 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _hasher.hash("nobody has this password")


def hashed(password: str) -> str:
    return _hasher.hash(password)


def is_password(kept: str | None, password: str) -> bool:
    """kept: what `hashed` gave, or None for who is unknown: that costs the same work."""
    try:
        return _hasher.verify(kept or _NOBODY, password[:LONGEST]) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False


def check_password(password: str, name: str) -> str:
    """The password; InvalidError for one that is guessed too easily."""
    if not SHORTEST <= len(password) <= LONGEST:
        sentence = f"password: {SHORTEST} to {LONGEST} letters are wanted; a sentence is good."
        raise InvalidError("password", sentence)
    rest = password.casefold().replace(name.casefold(), "") if name else password
    if len(rest) < SHORTEST // 2 or len(set(password)) < 5:
        raise InvalidError("password", "password: that is guessed too easily; take a sentence.")
    return password
