"""Events packed: of what they have in common with others only that is said, for air time is dear.

A device says them so to a hub whose welcome says that it reads this form, and in full what it has
to say again. Nothing here knows what is in an event: a message is written as what is new in it and
what it copies from before. Before its beginning stands SAMPLE, which both sides have, so that no
other message is needed to read one. unpacked.py reads it.

    packed = check (2 bytes: the low half of the CRC-32 of the tokens) | tokens
    token  = how many are new (4 bits) | same (1 bit) | copies (3 bits) | the new bytes [| far]

Copied is what follows the new bytes: nothing, for 0 copies; copies + 1 bytes from as far back as
the last time, where `same` is set; else copies + 2 bytes from far + 1 back. The first time that is
where SAMPLE begins. What all messages begin with, HEAD, is left out.
"""

from binascii import crc32, unhexlify

FORM = 1  # of what is said above, and of SAMPLE
HEAD = b"\x84\x01\x48"  # four fields, version 1, eight bytes of a stream's name
# One visit and one hand of nobody: most numbers zero, or the least that takes a byte more
SAMPLE = unhexlify(
    "0000000000000000190100828201585e89024800000000000000001b000001a20000000000021a00010000480000"
    "000000000000181887021864838400181803181884011818031818840218180318188182001818851a8000000018"
    "1819010018188182001901001a80000000028201582d89014800000000000000001b000001a20000000000021a00"
    "010000480000000000000000181884001818181803"
)

_MOST_NEW = 15
_MOST_SAME, _MOST_COPIED = 8, 9  # bytes
_FARTHEST = 256


def pack(data):
    """The packed form of an encoded Events."""
    whole, tokens = SAMPLE + data[len(HEAD) :], bytearray()
    new = at = back = len(SAMPLE)  # from `new` on nothing is written yet
    while at < len(whole):
        length, found = _copy(whole, at, back)
        if not length:
            at += 1
            continue
        if found == back:
            _write(tokens, whole[new:at], length + 7)
        else:
            _write(tokens, whole[new:at], length - 2)
            tokens.append(found - 1)
        at += length
        new, back = at, found
    if new < at:
        _write(tokens, whole[new:at], 0)
    return check(tokens) + tokens


def check(tokens):
    """What stands before them, 2 bytes."""
    return (crc32(tokens) & 0xFFFF).to_bytes(2, "big")


def _copy(whole, at, back):
    """(how many bytes, how far back) can be copied; (0, ...) where it is not worth a token."""
    length, most = 0, len(whole) - at
    while length < min(most, _MOST_SAME) and whole[at + length] == whole[at + length - back]:
        length += 1
    if length < 2:
        length = 0
    wanted = max(3, length + 2)  # to say how far takes a byte
    while wanted <= min(most, _MOST_COPIED):
        found = whole.rfind(whole[at : at + wanted], max(0, at - _FARTHEST), at + wanted - 1)
        if found < 0:
            break
        length, back = wanted, at - found
        wanted += 1
    return length, back


def _write(tokens, new, copies):
    while len(new) > _MOST_NEW:
        tokens.append(_MOST_NEW << 4)
        tokens.extend(new[:_MOST_NEW])
        new = new[_MOST_NEW:]
    tokens.append(len(new) << 4 | copies)
    tokens.extend(new)
