"""The hub signs what people take away, so that anybody can see later that it was not changed.

    signed = sign(private_key(store, random), {"format": ...})
    check(signed)                  # the fingerprint of the key, to be compared with the hub's

Ed25519 (RFC 8032) over the document without its signature, as JSON with sorted keys.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.store import Put, Store

_PLACE = "hub", "signing", "key"


class SignatureError(Exception):
    """It is not as it was signed; the text says what is wrong."""


def private_key(store: Store, random: Callable[[int], bytes]) -> Ed25519PrivateKey:
    """The hub's own, made when it is first wanted. Raises StoreError."""
    kept = store.get(*_PLACE)
    if kept is None:
        kept = {"private": random(32).hex()}
        store.commit([Put(*_PLACE, kept)])
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(kept["private"]))


def public(key: Ed25519PrivateKey) -> str:
    """Hex, as it stands in what is signed."""
    return key.public_key().public_bytes_raw().hex()


def fingerprint(public_hex: str) -> str:
    """What two people can compare: SHA-256 in groups of four."""
    digest = hashlib.sha256(bytes.fromhex(public_hex)).hexdigest()[:32]
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))


def sign(key: Ed25519PrivateKey, document: dict[str, Any]) -> dict[str, Any]:
    """The document with `key` and `signature`."""
    whole = document | {"key": public(key)}
    return whole | {"signature": key.sign(_bytes(whole)).hex()}


def check(signed: dict[str, Any]) -> str:
    """The fingerprint of the key that signed it. Raises SignatureError if it was changed."""
    try:
        signature = bytes.fromhex(signed["signature"])
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed["key"]))
    except (KeyError, TypeError, ValueError):
        raise SignatureError("it has no signature that could be checked") from None
    try:
        key.verify(signature, _bytes({n: v for n, v in signed.items() if n != "signature"}))
    except InvalidSignature:
        raise SignatureError("it was changed after it was signed") from None
    return fingerprint(signed["key"])


def _bytes(document: dict[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
