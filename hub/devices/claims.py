"""The code on a device's label: who has it has held the device in their hands.

80 random bits as 16 letters of Crockford's base 32 (www.crockford.com/base32.html), which people
read out without mistaking one for another, and which a QR code holds in its alphanumeric mode.
The hub keeps SHA-256 of it; nothing guesses 80 bits.
"""

import hashlib
import hmac
from collections.abc import Callable

from protocol import claim
from protocol.session import pairwise_id

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 16
_MISREAD = str.maketrans("ILO", "110")


def new_code(random: Callable[[int], bytes]) -> str:
    """From 10 random bytes."""
    number = int.from_bytes(random(_LENGTH * 5 // 8), "big")
    return "".join(_LETTERS[number >> shift & 31] for shift in range(5 * _LENGTH - 5, -1, -5))


def tidied(code: str) -> str:
    """As it was made, from how somebody typed it; ValueError if it is no code."""
    letters = code.upper().replace("-", "").replace(" ", "").translate(_MISREAD)
    if len(letters) != _LENGTH or letters.strip(_LETTERS):
        raise ValueError(f"a code is {_LENGTH} of the letters {_LETTERS}")
    return letters


def digest(code: str) -> str:
    """What is kept of a code, hex."""
    return hashlib.sha256(code.encode()).hexdigest()


def challenge(nonce: str, customer: str) -> bytes:
    """What a device has to answer so that it becomes this customer's; nonce: hex, used once."""
    return hashlib.sha256(f"rapport challenge {nonce} {customer}".encode()).digest()[
        : claim.CHALLENGE_BYTES
    ]


def is_receipt(receipt: str, device: str, code: str, asked: bytes) -> bool:
    """True if somebody pressed a button on the device when it was asked this; receipt: hex."""
    right = claim.receipt(claim.secret(device, code), pairwise_id(device), asked)
    return hmac.compare_digest(right.hex(), receipt.strip().lower())


def is_code(code: str, kept: str) -> bool:
    return hmac.compare_digest(digest(code), kept)
