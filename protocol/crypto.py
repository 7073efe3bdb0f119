"""Cryptographic primitives, from AES and SHA-256 in C; the same results on both interpreters.

HMAC (RFC 2104), HKDF (RFC 5869), AES-CMAC (RFC 4493), AES-CCM (RFC 3610). Bulk work is one call
into C; Python cannot be constant time, so tags are compared without early exit and no table is
indexed by a secret.
"""

import hashlib

try:
    from cryptolib import aes as _aes  # pyright: ignore
except ImportError:
    _aes = None  # CPython has no AES of its own: there it is the cryptography package's

_ZERO_BLOCK = bytes(16)
_INNER = bytes([0x36]) * 64
_OUTER = bytes([0x5C]) * 64


def aes_ecb(key, data):
    """AES in ECB mode of whole blocks."""
    if _aes:
        return _aes(key, 1).encrypt(data)
    return _on_host(key, data, None)


def aes_cbc(key, iv, data):
    """AES in CBC mode of whole blocks."""
    if _aes:
        return _aes(key, 2, iv).encrypt(data)
    return _on_host(key, data, iv)


def sha256(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def hmac_sha256(key, *parts):
    """HMAC-SHA-256 (RFC 2104) of the joined parts."""
    if len(key) > 64:
        key = sha256(key)
    key = key + bytes(64 - len(key))
    return sha256(_xor(key, _OUTER), sha256(_xor(key, _INNER), *parts))


def hkdf_extract(salt, secret):
    """HKDF-Extract (RFC 5869, 2.2)."""
    return hmac_sha256(salt or bytes(32), secret)


def hkdf_expand(key, info, length):
    """HKDF-Expand (RFC 5869, 2.3): `length` bytes."""
    out = block = b""
    counter = 1
    while len(out) < length:
        block = hmac_sha256(key, block, info, bytes((counter,)))
        out += block
        counter += 1
    return out[:length]


def equal(a, b):
    """Compare two secrets without leaving early."""
    if len(a) != len(b):
        return False
    difference = 0
    for x, y in zip(a, b):
        difference |= x ^ y
    return difference == 0


def cmac(key, message):
    """AES-CMAC (RFC 4493), 16 bytes."""
    subkey = _double(aes_ecb(key, _ZERO_BLOCK))
    rest = len(message) % 16
    if message and not rest:
        head, last = message[:-16], _xor(message[-16:], subkey)
    else:
        head = message[: len(message) - rest]
        padded = message[len(message) - rest :] + b"\x80" + bytes(15 - rest)
        last = _xor(padded, _double(subkey))
    return aes_cbc(key, _ZERO_BLOCK, head + last)[-16:]


def ccm_seal(key, nonce, header, plaintext, tag_bytes=8):
    """AES-CCM (RFC 3610): ciphertext followed by its tag; nonce of 7 to 13 bytes."""
    stream = _counter_stream(key, nonce, len(plaintext))
    tag = _xor(_ccm_mac(key, nonce, header, plaintext, tag_bytes), stream[:16])[:tag_bytes]
    return _xor(plaintext, stream[16 : 16 + len(plaintext)]) + tag


def ccm_open(key, nonce, header, sealed, tag_bytes=8):
    """The plaintext, or None if the tag is not right."""
    length = len(sealed) - tag_bytes
    if length < 0:
        return None
    stream = _counter_stream(key, nonce, length)
    plaintext = _xor(sealed[:length], stream[16 : 16 + length])
    tag = _xor(_ccm_mac(key, nonce, header, plaintext, tag_bytes), stream[:16])[:tag_bytes]
    return plaintext if equal(tag, sealed[length:]) else None


def _ccm_mac(key, nonce, header, plaintext, tag_bytes):
    size = 15 - len(nonce)
    flags = (0x40 if header else 0) | (tag_bytes - 2) // 2 << 3 | size - 1
    blocks = bytes((flags,)) + nonce + len(plaintext).to_bytes(size, "big")
    if header:
        blocks += _padded(len(header).to_bytes(2, "big") + header)
    return aes_cbc(key, _ZERO_BLOCK, blocks + _padded(plaintext))[-16:]


def _counter_stream(key, nonce, length):
    """Block 0 hides the tag, the others the text: counters built here, one ECB call in C."""
    size = 15 - len(nonce)
    prefix = bytes((size - 1,)) + nonce
    counters = [prefix + n.to_bytes(size, "big") for n in range(1 + (length + 15) // 16)]
    return aes_ecb(key, b"".join(counters))


def _padded(data):
    return data + bytes(-len(data) % 16)


def _xor(a, b):
    size = len(a)
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(size, "big")


def _double(block):
    number = int.from_bytes(block, "big") << 1
    if number >> 128:
        number = number & (1 << 128) - 1 ^ 0x87
    return number.to_bytes(16, "big")


def _on_host(key, data, iv):
    from cryptography.hazmat.primitives.ciphers import (  # pyright: ignore
        Cipher,
        algorithms,
        modes,
    )

    mode = modes.ECB() if iv is None else modes.CBC(bytes(iv))
    encryptor = Cipher(algorithms.AES(bytes(key)), mode).encryptor()
    return encryptor.update(bytes(data)) + encryptor.finalize()
