"""What lies on the disk: parts, each sealed by the key of whom it is about.

Documents of the vault `customer/c-1` are sealed by the key of that name. So is, in any vault below
`directory/`, the document at `customer/c-1` (table/key): what is listed of a customer goes when
they go. Everything else is the hub's.
"""

import contextlib
import struct
from collections.abc import Mapping

from hub.store import StoreError
from hub.store.keyring import ErasedError, Keyring

HUB = "hub"
PREFIX = "customer/"

_MAGIC = b"RS2\n"
_LENGTH = struct.Struct(">I")


def owner(vault: str, table: str, key: str) -> str:
    """The name of the key that seals a document."""
    name = f"{table}/{key}" if vault.startswith("directory/") else vault
    return name if name.startswith(PREFIX) else HUB


def seal(keyring: Keyring, parts: Mapping[str, bytes], what: bytes) -> bytes:
    """parts: {owner: content}; every owner has a key. what: only as that it can be unsealed."""
    sealed = [keyring.seal(name, content, what) for name, content in parts.items()]
    return _MAGIC + b"".join(_LENGTH.pack(len(part)) + part for part in sealed)


def unseal(keyring: Keyring, content: bytes, what: bytes) -> list[bytes]:
    """The parts that `seal` sealed, without those whose keys were destroyed.

    Raises StoreError for anything else, saying what to do.
    """
    if not content.startswith(_MAGIC):
        raise StoreError("it is damaged: restore a backup")
    found, at = [], len(_MAGIC)
    while at < len(content):
        if at + _LENGTH.size > len(content):
            raise StoreError("its end is missing: restore a backup")
        (length,) = _LENGTH.unpack_from(content, at)
        at += _LENGTH.size
        with contextlib.suppress(ErasedError):
            found.append(keyring.unseal(content[at : at + length], what))
        at += length
    return found
