"""An update as one file: CBOR of [head, signature, body], see protocol/update.py.

bundle = read(content)          # whole and consistent; that the signature is right a device sees
"""

import hashlib
from typing import NamedTuple

from hub.errors import InvalidError
from protocol import cbor
from protocol.errors import ProtocolError
from protocol.fields import raw
from protocol.rsa import KEY_BYTES
from protocol.update import Chunk, Head, Offer, read_head, read_line


class Bundle(NamedTuple):
    """offer: what devices are told first; body: the list of files and the files."""

    head: Head
    offer: Offer
    body: bytes

    def chunk(self, at: int, count: int) -> Chunk | None:
        """So many bytes of the body, or None if there are none at that place."""
        data = self.body[at : at + count]
        return Chunk(self.head.version, at, data) if data else None

    def content(self) -> bytes:
        """The file."""
        return cbor.dumps([self.offer.head, self.offer.signature, self.body])


def read(content: bytes) -> Bundle:
    """The bundle in a file, every hash right, or InvalidError."""
    try:
        head, signature, body = cbor.load_list(content, 3)[:3]
        if not isinstance(head, bytes) or not isinstance(body, bytes):
            raise ProtocolError("head and body are bytes")
        bundle = Bundle(read_head(head), Offer(head, raw(signature, KEY_BYTES)), body)
        _check(bundle)
    except (ProtocolError, ValueError) as error:
        what = f"This is no bundle as `rapport ota sign` makes it ({error}); make it again."
        raise InvalidError("bundle", what) from None
    return bundle


def _check(bundle: Bundle) -> None:
    head, body = bundle.head, bundle.body
    listed = body[: head.list_bytes]
    if len(body) != head.body_bytes or hashlib.sha256(listed).digest() != head.list_sha256:
        raise ProtocolError("the body is not the one that was signed")
    at = head.list_bytes
    for line in listed.decode().splitlines():
        digest, size, path = read_line(line)
        if hashlib.sha256(body[at : at + size]).hexdigest() != digest:
            raise ProtocolError(f"{path} is damaged")
        at += size
    if at != len(body):
        raise ProtocolError("there is more than the list names")
