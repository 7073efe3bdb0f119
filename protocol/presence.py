"""Rotating presence identifiers: who is near, readable only by the devices a person chose.

A person's carrier (phone or tag) holds a presence master key; a device gets only the keys of single
periods (18.2 hours each), from the one before to eight ahead. Within a period the 8-byte identifier
changes every 2**rotation seconds: a recorded advert is dead after its step, a stolen device after
7.6 days.
"""

from protocol.crypto import aes_ecb, hkdf_expand

PHONE_ROTATION = 10  # 1024 s
TAG_ROTATION = 6  # 64 s, for a tag with a clock of its own
PERIOD_BITS = 16  # 2**16 s = 18.2 h
PERIODS_BEHIND, PERIODS_AHEAD = 1, 8


def period(time_s):
    """The period in which a time lies."""
    return time_s >> PERIOD_BITS


def period_key(master, number):
    """The 16-byte key of one period."""
    return hkdf_expand(master, b"rapport/1 presence" + number.to_bytes(4, "big"), 16)


def period_keys(master, time_s):
    """[(period, key)] that a device may hold at this time."""
    now = period(time_s)
    first = max(now - PERIODS_BEHIND, 0)
    return [(n, period_key(master, n)) for n in range(first, now + PERIODS_AHEAD + 1)]


def identifier(key, rotation, time_s):
    """(8-byte identifier, 2-byte mask for power and flags) of a carrier at this time."""
    step = time_s >> rotation << rotation
    block = b"RPT1" + bytes(6) + bytes((rotation,)) + step.to_bytes(5, "big")
    sealed = aes_ecb(key, block)
    return sealed[:8], sealed[8:10]


def table(carriers, time_s):
    """{identifier: tag} for what may be heard now: this step, the one before and the one after.

    carriers: [(tag, rotation, {period: key})].
    """
    known = {}
    for tag, rotation, keys in carriers:
        for offset in (-1, 0, 1):
            at = time_s + (offset << rotation)
            if at < 0:
                continue
            key = keys.get(period(at >> rotation << rotation))
            if key:
                known[identifier(key, rotation, at)[0]] = tag
    return known


def seek(carrier, identifier_heard, floor_s):
    """The time at which a carrier would show this identifier, from floor_s on, or None.

    For a device that lost its clock: good for ordering comfort settings, never for expiry.
    carrier: (tag, rotation, {period: key}); the search ends with the last key.
    """
    _, rotation, keys = carrier
    for number in sorted(keys):
        first = max(number << PERIOD_BITS, floor_s >> rotation << rotation)
        for at in range(first, number + 1 << PERIOD_BITS, 1 << rotation):
            if identifier(keys[number], rotation, at)[0] == identifier_heard:
                return at
    return None
