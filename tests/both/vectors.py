"""Reads protocol/vectors: the same file for both interpreters."""

import json
from binascii import unhexlify


def load(name):
    with open("protocol/vectors/%s.json" % name) as file:
        return json.load(file)


def refused(call, *arguments):
    """The text of the ProtocolError that a call raises; anything else is a failure."""
    from protocol.errors import ProtocolError

    try:
        result = call(*arguments)
    except ProtocolError as error:
        return str(error)
    raise AssertionError("accepted: %r -> %r" % (arguments, result))


raw = unhexlify
