"""One program for an ESP32, as its bootloader and its application are: how long it is, and whole.

24 bytes of header, segments of 8 bytes of header each, padding to 16 with a checksum last, and
mostly a SHA-256. Source: esptool documentation, Firmware Image Format; esp_app_format.h of ESP-IDF.
"""

import hashlib
import struct

from tools.factory.bundle import ImageError

_MAGIC = 0xE9
_HEADER, _SEGMENT, _ALIGNED, _SHA = 24, 8, 16, 32
_MOST_SEGMENTS = 16
_CHECKSUM_START = 0xEF


def chip_number(program: bytes) -> int:
    """The chip it is for, esp_chip_id_t."""
    return struct.unpack_from("<H", program, 12)[0]


def flash_bytes(program: bytes) -> int:
    """The size of flash that its header names."""
    return 1 << 20 + (program[3] >> 4)


def whole(data: bytes, what: str) -> bytes:
    """The program that data begins with; ImageError if it is cut short or damaged."""
    if len(data) < _HEADER or data[0] != _MAGIC or not 0 < data[1] <= _MOST_SEGMENTS:
        raise ImageError(f"{what} is missing")
    checksum, at = _CHECKSUM_START, _HEADER
    for _ in range(data[1]):
        _must_reach(data, at + _SEGMENT, what)
        start = at + _SEGMENT
        at = start + struct.unpack_from("<I", data, at + 4)[0]
        _must_reach(data, at, what)
        for byte in data[start:at]:
            checksum ^= byte
    end = at // _ALIGNED * _ALIGNED + _ALIGNED
    hashed = end + _SHA if data[23] else end
    _must_reach(data, hashed, what)
    if data[end - 1] != checksum:
        raise ImageError(f"{what} is damaged: its checksum does not fit")
    if data[23] and data[end:hashed] != hashlib.sha256(data[:end]).digest():
        raise ImageError(f"{what} is damaged: its SHA-256 does not fit")
    return data[:hashed]


def _must_reach(data: bytes, end: int, what: str) -> None:
    if end > len(data):
        raise ImageError(f"{what} is cut short: the file ends {end - len(data)} bytes early")
