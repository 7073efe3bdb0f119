"""The partition table of an ESP32: what lies where in its flash.

32 bytes an entry, behind the last one an MD5 of all before it, the rest of 3 KB is 0xFF. Source:
ESP-IDF Programming Guide, Partition Tables, and esp_partition_info_t.
"""

import hashlib
import struct
from typing import NamedTuple

from tools.factory.bundle import ImageError

AT = 0x8000  # in the flash
BYTES = 0xC00
APP, DATA = 0, 1
NVS, LITTLEFS = 2, 0x83  # subtypes of DATA
_ENTRY = struct.Struct("<2sBBII16sI")
_MAGIC = b"\xaa\x50"
_MD5 = b"\xeb\xeb" + b"\xff" * 14


class Partition(NamedTuple):
    label: str
    type: int
    subtype: int
    offset: int
    bytes: int
    flags: int = 0

    @property
    def end(self) -> int:
        return self.offset + self.bytes


def read_table(table: bytes) -> list[Partition]:
    """The partitions in a table; ImageError if there is none, or its MD5 is wrong."""
    partitions: list[Partition] = []
    at = 0
    while table[at : at + 2] == _MAGIC and at < BYTES:
        entry = table[at : at + _ENTRY.size].ljust(_ENTRY.size, b"\xff")
        _, kind, subtype, offset, size, label, flags = _ENTRY.unpack(entry)
        name = label.rstrip(b"\0").decode("ascii", "replace")
        partitions.append(Partition(name, kind, subtype, offset, size, flags))
        at += _ENTRY.size
    if not partitions:
        raise ImageError("there is no partition table at 0x8000")
    digest = hashlib.md5(table[:at], usedforsecurity=False).digest()
    if table[at : at + _ENTRY.size] != _MD5 + digest:
        raise ImageError("the partition table is damaged: its MD5 does not fit")
    return partitions


def write_table(partitions: list[Partition]) -> bytes:
    """The 3 KB that read_table reads."""
    entries = b"".join(
        _ENTRY.pack(
            _MAGIC,
            each.type,
            each.subtype,
            each.offset,
            each.bytes,
            each.label.encode(),
            each.flags,
        )
        for each in partitions
    )
    table = entries + _MD5 + hashlib.md5(entries, usedforsecurity=False).digest()
    return table.ljust(BYTES, b"\xff")
