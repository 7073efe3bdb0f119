"""What is said of an update, and the signed head that it begins with. A board loads this for one.

    down  Offer     a version of the application, signed
          Chunk     some of its bytes
    up    Fetch     asks for some of its bytes
          Progress  where a device stands with a version

The body of an update is its list of files (firmware/slots.py) and then the files, in that order.
The head names the SHA-256 of the list and the list that of each file: one signature is for all.
"""

from collections import namedtuple

from protocol import cbor
from protocol.errors import ProtocolError
from protocol.fields import count, parts, raw, text, word
from protocol.rsa import KEY_BYTES
from protocol.topics import CHUNK, OFFER

CHUNK_BYTES = 512  # a board has little room for more at once
MOST_BODY_BYTES = 1 << 20
MOST_LIST_BYTES = 32 << 10
FAILURES = ("rolled_back", "refused", "failed")
# ready: all is in flash, and it restarts when nobody is there; stopped: by the hub, before ready
STATES = ("fetching", "ready", "trial", "done", "stopped") + FAILURES
_FILES, _ROM = 1, 2  # formats of a head: the modules are files, or lie in one image that is run
_LONGEST_HEAD = 256

Offer = namedtuple("Offer", ("head", "signature"))
# data: as many bytes as were asked for, or none: then there will be no more
Chunk = namedtuple("Chunk", ("version", "at", "data"))
Fetch = namedtuple("Fetch", ("version", "at", "count"))
# state: index in STATES; done: bytes of the body that are there; text: what is wrong, or ""
Progress = namedtuple("Progress", ("version", "state", "done", "text"))
# least: the lowest version that can be updated to this; list_bytes, list_sha256: of the list;
# rom: True for boards that run their code where it lies in the flash, and for no others
Head = namedtuple(
    "Head", ("product", "version", "least", "body_bytes", "list_bytes", "list_sha256", "rom")
)


def write_head(head):
    """The bytes that are signed."""
    return cbor.dumps((_ROM if head.rom else _FILES,) + tuple(head)[:-1])


def read_head(data):
    """The Head in these bytes, or ProtocolError."""
    fields = cbor.load_list(data, 7)
    if word(fields[0]) not in (_FILES, _ROM):
        raise ProtocolError("an update of format %r is not known here" % (fields[0],))
    product, version, least, body_bytes, list_bytes, digest = parts(fields[1:], 6)
    return Head(
        text(product),
        word(version),
        word(least),
        count(body_bytes, MOST_BODY_BYTES),
        count(list_bytes, MOST_LIST_BYTES),
        raw(digest, 32),
        fields[0] == _ROM,
    )


def read_line(line):
    """(SHA-256 in hex, bytes, path) of a line of the list, or ProtocolError."""
    fields = line.rstrip("\n").split(" ")
    if len(fields) != 3 or len(fields[0]) != 64 or not fields[1].isdigit():
        raise ProtocolError("%r is no line of a list of files" % (line[:120],))
    digest, size, path = fields
    if "" in path.split("/") or "." in path.split("/") or ".." in path.split("/"):
        raise ProtocolError("%r is no path within a slot" % (path[:80],))
    return digest, count(int(size), MOST_BODY_BYTES), text(path)


def _head(value):
    if not isinstance(value, bytes) or len(value) > _LONGEST_HEAD:
        raise ProtocolError("at most %d bytes are wanted" % _LONGEST_HEAD)
    return value


def _signature(value):
    return raw(value, KEY_BYTES)


def _data(value):
    if not isinstance(value, bytes) or len(value) > CHUNK_BYTES:
        raise ProtocolError("at most %d bytes are wanted" % CHUNK_BYTES)
    return value


SHAPES = {
    OFFER: (Offer, (("head", _head), ("signature", _signature))),
    CHUNK: (Chunk, (("version", word), ("at", word), ("data", _data))),
}
