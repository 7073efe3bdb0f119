"""The loader in an ESP chip's ROM, and the stub that esptool loads: enough for the real esptool.

Commands and answers as Espressif's "Serial Protocol" describes them. A chip is its registers: what
it is, its MAC in its eFuses, and the SPI controller behind which the flash tells its size.

    chip = RomChip("esp32c3", "24:0a:c4:00:00:01", Nor(folder / "flash.bin", 4 << 20))
    with RomPort(chip) as port:             # tools/bench/plug.py
        ...                                 # esptool --port {port.path} --before no-reset ...
"""

import hashlib
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

from tools.bench.nor import Nor
from tools.bench.slip import framed

_STUB_GREETS = b"OHAI"
_MAGIC_REGISTER = 0x40001000
_ESP32_MAGIC = 0x00F01D83
_ESP32_PACKAGE_REGISTER, _ESP32_REVISION_3 = 0x3FF5A00C, 1 << 15
_CLOCK_DIVIDER = 40_000_000 // 115_200  # of a crystal of 40 MHz
_READ_ID = 0x9F  # a flash's own command: maker, kind, size as a power of two
_MAKER, _KIND = 0x20, 0x40
_SECURE_DOWNLOAD = 1 << 2  # of the flags of GET_SECURITY_INFO
_NOT_SUPPORTED, _FAILED, _BAD_CHECKSUM = 0x05, 0x06, 0x07


class _Kind(NamedTuple):
    """Registers of one chip, from its technical reference manual."""

    number: int | None  # which GET_SECURITY_INFO gives; an ESP32 has none
    mac: int  # of the low word; the high one follows
    clock: int
    spi: int  # the flash's controller, then where in it what stands
    user2: int
    data: int


_KINDS = {
    "esp32": _Kind(None, 0x3FF5A004, 0x3FF40014, 0x3FF42000, 0x24, 0x80),
    "esp32s3": _Kind(9, 0x60007044, 0x60000014, 0x60002000, 0x20, 0x58),
    "esp32c3": _Kind(5, 0x60008844, 0x60000014, 0x60002000, 0x20, 0x58),
    "esp32c6": _Kind(13, 0x600B0844, 0x60000014, 0x60003000, 0x20, 0x58),
}
CHIPS = tuple(_KINDS)


class _Reading(NamedTuple):
    """A READ_FLASH under way: `sent` of `length` bytes from `offset` on, `window` packets ahead."""

    offset: int
    length: int
    packet: int
    window: int
    sent: int


class RomChip:
    """One chip and its flash.

    silent: answers nothing, a board that is not in its loader. locked: in secure download mode,
    where nothing can be read any more.
    """

    def __init__(
        self, kind: str, mac: str, flash: Nor, *, silent: bool = False, locked: bool = False
    ) -> None:
        self.flash, self.silent, self.mac, self._locked = flash, silent, mac, locked
        self._kind = _KINDS[kind]
        self._registers = _registers(self._kind, mac)
        self._answers: dict[int, Callable[[bytes, int], list[bytes]]] = {
            0x02: self._begin,
            0x03: self._data,
            0x06: self._run,
            0x08: self._sync,
            0x09: self._write_register,
            0x0A: self._read_register,
            0x10: self._begin_deflated,
            0x11: self._data,
            0x13: self._md5,
            0x14: self._security,
            0xD1: self._erase,
            0xD2: self._read,
        }
        self._nothing_to_do = (0x04, 0x05, 0x07, 0x0B, 0x0D, 0x0F, 0x12)
        self.reset()

    def reset(self) -> None:
        """Back in the ROM; the flash stays."""
        self._stub, self._said_anything = False, False
        self._inflate: Callable[[bytes], bytes] = bytes
        self._offset = self._blocks = 0
        self._reading: _Reading | None = None

    def take(self, frame: bytes) -> list[bytes]:
        """What it says to one frame from the host, each framed in turn."""
        if self.silent:
            return []
        if self._reading and len(frame) == 4:
            return self._send_on(int.from_bytes(frame, "little"))
        if len(frame) < 8 or frame[0] != 0:
            return []
        _, command, length, checksum = struct.unpack_from("<BBHI", frame)
        self._command = command
        if command in self._nothing_to_do:
            return [self._answer()]
        if command not in self._answers:
            return [self._answer(error=_NOT_SUPPORTED)]
        return self._answers[command](frame[8 : 8 + length], checksum)

    def _answer(self, value: int = 0, data: bytes = b"", error: int = 0) -> bytes:
        status = bytes((1 if error else 0, error)) + (b"" if self._stub else bytes(2))
        head = struct.pack("<BBHI", 1, self._command, len(data) + len(status), value)
        return framed(head + data + status)

    # Talking

    def _sync(self, body: bytes, _: int) -> list[bytes]:
        if self._said_anything:
            self.reset()  # a pty has no lines to reset by: whoever begins again has reset us
        return [self._answer(0x20120707)] * 8

    def _security(self, body: bytes, _: int) -> list[bytes]:
        if self._kind.number is None:
            return [self._answer(error=_NOT_SUPPORTED)]
        self._said_anything = True
        flags = _SECURE_DOWNLOAD if self._locked else 0
        told = struct.pack("<IB7BII", flags, 0, *bytes(7), self._kind.number, 0)
        return [self._answer(data=told)]

    def _read_register(self, body: bytes, _: int) -> list[bytes]:
        if self._locked:
            return [self._answer(error=_NOT_SUPPORTED)]
        self._said_anything = True
        address = int.from_bytes(body[:4], "little")
        if address == self._kind.spi:
            return [self._answer(0)]  # idle
        if address == self._kind.spi + self._kind.data:
            return [self._answer(self._flash_says())]
        return [self._answer(self._registers.get(address, 0))]

    def _flash_says(self) -> int:
        asked = self._registers.get(self._kind.spi + self._kind.user2, 0) & 0xFF
        size = self.flash.size.bit_length() - 1
        return _MAKER | _KIND << 8 | size << 16 if asked == _READ_ID else 0

    def _write_register(self, body: bytes, _: int) -> list[bytes]:
        address, value, mask, _ = struct.unpack_from("<IIII", body)
        stands = self._registers.get(address, 0)
        self._registers[address] = stands & ~mask | value & mask
        return [self._answer()]

    def _run(self, body: bytes, _: int) -> list[bytes]:
        """MEM_END: runs what was loaded, which is the stub."""
        answer = self._answer()
        self._stub = True
        return [answer, framed(_STUB_GREETS)]

    # Writing

    def _begin(self, body: bytes, _: int) -> list[bytes]:
        size, _, _, self._offset = struct.unpack_from("<IIII", body)
        self._inflate, self._blocks = bytes, 0
        if self._offset + size > self.flash.size:
            return [self._answer(error=_FAILED)]
        self.flash.erase(self._offset, size)
        return [self._answer()]

    def _begin_deflated(self, body: bytes, checksum: int) -> list[bytes]:
        answer = self._begin(body, checksum)
        self._inflate = zlib.decompressobj().decompress
        return answer

    def _data(self, body: bytes, checksum: int) -> list[bytes]:
        length, number = struct.unpack_from("<II", body)
        block = body[16 : 16 + length]
        if _checksum(block) != checksum & 0xFF:
            return [self._answer(error=_BAD_CHECKSUM)]
        if number == self._blocks:
            self._blocks += 1
            data = self._inflate(block)
            self.flash.program(self._offset, data)
            self._offset += len(data)
        return [self._answer()]

    def _erase(self, body: bytes, _: int) -> list[bytes]:
        if not self._stub:
            return [self._answer(error=_NOT_SUPPORTED)]
        self.flash.erase(*struct.unpack_from("<II", body))
        return [self._answer()]

    # Reading

    def _md5(self, body: bytes, _: int) -> list[bytes]:
        digest = hashlib.md5(self.flash.read(*struct.unpack_from("<II", body)))
        return [self._answer(data=digest.digest() if self._stub else digest.hexdigest().encode())]

    def _read(self, body: bytes, _: int) -> list[bytes]:
        if not self._stub:
            return [self._answer(error=_NOT_SUPPORTED)]
        self._reading = _Reading(*struct.unpack_from("<IIII", body), 0)
        return [self._answer(), *self._send_on(0)]

    def _send_on(self, taken: int) -> list[bytes]:
        reading, packets = self._reading, []
        assert reading
        sent = reading.sent
        while sent < reading.length and sent - taken < reading.packet * reading.window:
            size = min(reading.packet, reading.length - sent)
            packets.append(framed(self.flash.read(reading.offset + sent, size)))
            sent += size
        self._reading = reading._replace(sent=sent)
        if taken >= reading.length:
            self._reading = None
            whole = self.flash.read(reading.offset, reading.length)
            packets.append(framed(hashlib.md5(whole).digest()))
        return packets


def _registers(kind: _Kind, mac: str) -> dict[int, int]:
    octets = bytes.fromhex(mac.replace(":", ""))
    high, low = struct.unpack(">HI", octets)
    registers = {kind.mac: low, kind.mac + 4: high, kind.clock: _CLOCK_DIVIDER}
    if kind.number is None:
        registers[_MAGIC_REGISTER] = _ESP32_MAGIC
        registers[_ESP32_PACKAGE_REGISTER] = _ESP32_REVISION_3
    return registers


def _checksum(data: bytes) -> int:
    """All bytes and 0xEF by exclusive or."""
    value, width = int.from_bytes(data, "little"), len(data)
    while width > 1:
        width = (width + 1) // 2
        value = value >> (8 * width) ^ value & ((1 << 8 * width) - 1)
    return value ^ 0xEF
