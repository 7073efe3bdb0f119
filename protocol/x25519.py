"""X25519 (RFC 7748, section 5): a secret that two share who have only shown each other a number.

Plain integers on both interpreters, so it takes long on a board and the time tells something of the
secret: use a new one for each session. `steps` is the work in small pieces, between which others
can have their turn and memory can be collected; the last piece is the result.

    secret = random(32)
    shown = x25519(secret)                  # goes to the other side, whose number is `other`
    shared = x25519(secret, other)          # the same on both sides; zero() if it is worth nothing
"""

KEY_BYTES = 32

_PRIME = (1 << 255) - 19
_A24 = 121665
_BASE = bytes([9]) + bytes(31)


def x25519(secret, point=_BASE):
    """The 32 bytes of secret times point, both of 32 bytes."""
    *_, result = steps(secret, point)
    return result


def steps(secret, point=_BASE):
    """Yields None after each of 255 bits, then the result."""
    scalar = int.from_bytes(secret, "little") & ((1 << 254) - 8) | 1 << 254
    x1 = int.from_bytes(point, "little") & ((1 << 255) - 1)
    x2, z2, x3, z3, swapped = 1, 0, x1, 1, 0
    for bit in range(254, -1, -1):
        now = scalar >> bit & 1
        if now != swapped:
            x2, z2, x3, z3, swapped = x3, z3, x2, z2, now
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a % _PRIME, c * b % _PRIME, a * a % _PRIME, b * b % _PRIME
        x3, z3 = (da + cb) ** 2 % _PRIME, x1 * (da - cb) ** 2 % _PRIME
        e = aa - bb
        x2, z2 = aa * bb % _PRIME, e * (aa + _A24 * e) % _PRIME
        yield None
    if swapped:
        x2, z2 = x3, z3
    yield (x2 * pow(z2, _PRIME - 2, _PRIME) % _PRIME).to_bytes(KEY_BYTES, "little")


def zero(shared):
    """True of what comes of a number that was made to give nothing (section 6.1)."""
    return not any(shared)
