"""A person's taste, carried in their own companion: fetched from a device, shown to a strange one.

    carried = Carried.of(await meeting.taste(), key)       # signed by the person's own key
    carried.write(file, master)                            # sealed: the file alone tells nothing
    await stranger.visit(Carried.read(file, master))       # protocol/visitor.py

No hub is asked at any point.
"""

import os
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from protocol import cbor, visitor
from protocol.crypto import ccm_open, ccm_seal, hkdf_expand
from protocol.rsa import KEY_BYTES
from tools.companion import CompanionError

_NONCE_BYTES = 13
_HEADER = b"rapport taste 1\n"


class Carried(NamedTuple):
    """taste: CBOR; modulus, signature: KEY_BYTES bytes each; key: the private one, DER."""

    taste: bytes
    modulus: bytes
    signature: bytes
    key: bytes

    @classmethod
    def of(cls, taste: list[Any], key: rsa.RSAPrivateKey) -> "Carried":
        written = cbor.dumps(taste)
        signature = key.sign(visitor.signed(written), padding.PKCS1v15(), hashes.SHA256())
        modulus = key.public_key().public_numbers().n.to_bytes(KEY_BYTES, "big")
        private = key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return cls(written, modulus, signature, private)

    def write(self, file: Path, master: bytes) -> None:
        """Sealed with the master key of the person's own carrier; for its owner only."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = ccm_seal(_key(master), nonce, _HEADER, cbor.dumps(list(self)), 16)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as opened:
            opened.write(_HEADER + nonce + sealed)

    @classmethod
    def read(cls, file: Path, master: bytes) -> "Carried":
        content = file.read_bytes().removeprefix(_HEADER)
        nonce, sealed = content[:_NONCE_BYTES], content[_NONCE_BYTES:]
        written = ccm_open(_key(master), nonce, _HEADER, sealed, 16)
        if written is None:
            raise CompanionError(f"{file} is no taste of this person, or was changed")
        return cls(*cbor.load_list(written, 4)[:4])


def new_key() -> rsa.RSAPrivateKey:
    """The person's own; nobody else has to know it, or to vouch for it."""
    return rsa.generate_private_key(65537, KEY_BYTES * 8)


def _key(master: bytes) -> bytes:
    return hkdf_expand(master, b"rapport/1 taste file", 16)
