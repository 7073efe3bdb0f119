"""Reads packed events (see packed.py, which a device writes): only a hub needs this."""

from protocol.errors import ProtocolError
from protocol.messages import MAX_BYTES
from protocol.packed import HEAD, SAMPLE, check

_SAME, _COPIES = 8, 7


def unpack(data):
    """The encoded Events that was packed, or ProtocolError; what is in it, decoding shows."""
    tokens = data[2:]
    if len(data) > MAX_BYTES or data[:2] != check(tokens):
        raise ProtocolError("packed events: %d bytes, and not as they were sent" % len(data))
    out, back, at = bytearray(SAMPLE), len(SAMPLE), 0
    try:
        while at < len(tokens):
            token = tokens[at]
            new, length = token >> 4, token & _COPIES
            at += 1 + new
            if new:
                out += tokens[at - new : at]
            if not length:
                continue
            if not token & _SAME:
                back = tokens[at] + 1
                at += 1
                length += 1
            begin = len(out) - back
            if begin < 0:
                raise IndexError
            piece = out[begin : begin + length + 1]
            while len(piece) <= length:  # what is copied may reach into the copy itself
                piece += piece[: length + 1 - len(piece)]
            out += piece
    except IndexError:
        raise ProtocolError("packed events: cut off, or copied from nowhere")
    whole = HEAD + bytes(out[len(SAMPLE) :])
    if at != len(tokens) or len(whole) > MAX_BYTES:
        raise ProtocolError("packed events: cut off, or more than %d bytes" % MAX_BYTES)
    return whole
