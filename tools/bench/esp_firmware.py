"""Makes a file as MicroPython's combined .bin for an ESP32 is, from the documented formats alone.

It holds no program. It shares nothing with tools/factory, which takes such files apart: so what one
of the two has wrong, the other shows. Source: esptool documentation, Firmware Image Format; ESP-IDF
Programming Guide, Partition Tables.
"""

import hashlib
import struct
from collections.abc import Iterable
from functools import reduce
from operator import xor

Entry = tuple[int, int, int, int, bytes]  # type, subtype, offset, bytes, label

CHIPS = {"esp32": (0, 0x1000), "esp32s3": (9, 0), "esp32c3": (5, 0), "esp32c6": (13, 0)}
VERSION = b"MicroPython v1.27.0 on 2025-12-09"
NVS: Entry = (1, 2, 0x9000, 0x6000, b"nvs")
PHY: Entry = (1, 1, 0xF000, 0x1000, b"phy_init")
FACTORY: Entry = (0, 0, 0x10000, 0x1F0000, b"factory")
VFS: Entry = (1, 0x81, 0x200000, 0x200000, b"vfs")
# of one that runs code in flash, with its table as in MicroPython's partitions-4MiB-romfs.csv
SHORTER: Entry = (0, 0, 0x10000, 0x1D0000, b"factory")
ROMFS: Entry = (1, 0x8F, 0x1E0000, 0x20000, b"romfs")
IN_FLASH = {"table": (NVS, PHY, SHORTER, ROMFS), "application": b" some application VfsRom" * 400}

_SIZES = {2: 1, 4: 2, 8: 3, 16: 4}  # MB of flash -> as a header has it


def firmware(
    chip: str = "esp32s3",
    table: Iterable[Entry] = (NVS, PHY, FACTORY),
    flash_mb: int = 4,
    version: bytes = VERSION,
    number: int | None = None,
    bootloader: bytes = b"bootloader" * 100,
    application: bytes = b" some application" * 500,
) -> bytes:
    """number: of the chip in the headers, where that shall be another than the chip's."""
    known, base = CHIPS[chip]
    number = known if number is None else number
    content = _program(number, bootloader, flash_mb).ljust(0x8000 - base, b"\xff")
    content = (content + _partition_table(table)).ljust(0x10000 - base, b"\xff")
    return content + _program(number, version + application, flash_mb)


def _program(number: int, text: bytes, flash_mb: int) -> bytes:
    """A header, one segment, the checksum at the end of 16 bytes, the SHA-256."""
    size = _SIZES[flash_mb]
    header = struct.pack(
        "<BBBBIB3sHBHHIB", 0xE9, 1, 2, size << 4, 0x40000000, 0, bytes(3), number, 0, 0, 0, 0, 1
    )
    content = header + struct.pack("<II", 0x3F400000, len(text)) + text
    content = content.ljust(len(content) // 16 * 16 + 15, b"\0")
    content += bytes([reduce(xor, text, 0xEF)])
    return content + hashlib.sha256(content).digest()


def _partition_table(entries: Iterable[Entry]) -> bytes:
    lines = b"".join(
        struct.pack("<2sBBII16sI", b"\xaa\x50", kind, subtype, at, size, label, 0)
        for kind, subtype, at, size, label in entries
    )
    digest = hashlib.md5(lines, usedforsecurity=False).digest()
    return (lines + b"\xeb\xeb" + b"\xff" * 14 + digest).ljust(0xC00, b"\xff")
