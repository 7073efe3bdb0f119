"""A person's own taste, carried to devices that never heard of them: no hub is asked.

A taste is [[trait, unit, [code by daypart]], ...], what a device that knows them would do. Their
own RSA key signs it; a strange device reads it in a session of suite 2 with a credential that
everybody has: nobody who only listens can read it. It holds for the visit.
"""

from protocol.crypto import sha256
from protocol.errors import ProtocolError
from protocol.fields import each, integer, parts, text
from protocol.session import SECRET_SUITE, Credential, first_chain_key, hint_key
from protocol.window import DAYPARTS

VISITOR = b"visitor"  # the tag of whoever has only a taste
MOST_TASTES = 16
_TICKET = b"rapport/1 visitor"
_SIGNED = b"rapport/1 taste"


def credential():
    """What everybody has: it opens a visit, and nothing else."""
    ticket = sha256(_TICKET)
    made = Credential(VISITOR, hint_key(ticket), first_chain_key(ticket), 0)
    made.last, made.least_suite = 0, SECRET_SUITE
    return made


def signed(taste):
    """What a person's key signs; taste: its CBOR."""
    return _SIGNED + taste


def read(value):
    """[(trait, unit, codes)] or ProtocolError."""
    return each(value, MOST_TASTES, _read_one)


def _read_one(value):
    trait, unit, codes = parts(value, 3)
    codes = each(codes, DAYPARTS + 1, integer)
    if len(codes) != DAYPARTS + 1:
        raise ProtocolError("a code for each daypart is wanted")
    return text(trait), text(unit), codes
