"""The chained digest of a journal: each record's checksum covers all the records before it.

Device and hub compute the same chain, so that "I have everything up to 187" means the same 187.
"""

import struct
from binascii import crc32

EVENT, GAP = 1, 2  # kinds of record; a gap's payload is "<IIB": first, last, reason
OVERFLOW, CORRUPT, ERASED = 1, 2, 3
GAP_FORMAT = "<IIB"
HEADER_FORMAT = "<HBBI"  # payload bytes, kind, flags, number


def start(stream):
    """The chain before the first record of a stream."""
    return crc32(stream) & 0xFFFFFFFF


def header(number, kind, payload):
    return struct.pack(HEADER_FORMAT, len(payload), kind, 0, number)


def link(chain, number, kind, payload):
    """The chain after a record."""
    data = struct.pack("<I", chain) + header(number, kind, payload) + payload
    return crc32(data) & 0xFFFFFFFF
