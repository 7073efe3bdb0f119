"""How many boards an hour: all that `rapport flash` does, beside bare esptool on the same images.

Emulated boards, as fast as this computer, in rounds of as many ports at once. Bare esptool writes
and verifies the same parts and a partition with an identity; ours also looks the board up, binds
it, empties what it had learned in another life, reads back who it is, and keeps the ledger. On a
wire of 460800 baud the same image takes half a minute, whoever sends it: what we add weighs less.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

from hub.link.certificates import Certificates
from tools.bench import esp_firmware
from tools.bench.nor import Nor
from tools.bench.plug import RomPort
from tools.bench.rom import RomChip
from tools.factory import authority, batch, nvs
from tools.factory.bundle import read_image
from tools.factory.flash import Work, flash
from tools.factory.image import make
from tools.factory.ledger import Ledger
from tools.factory.loader import Link
from tools.factory.provision import Order, ca_of, provision
from tools.measure.result import MeasureError, Result, Track, median, table

_USUAL = 4  # rounds
_PORTS = 4
_CHIP, _BAUD = "esp32c3", 460_800
_FLASH = 4 << 20
_BOOTLOADER, _APPLICATION = 20_000, 1_600_000  # bytes
_DENSE, _SPARSE = 64, 40  # of random bytes and of zeros in turn: it shrinks as real programs do
_PRODUCT, _PREFIX = "lamp", "LMP"
_BUILDS = 3
_HOUR_S = 3600


async def measure(folder: Path, n: int, seed: int, track: Track) -> Result:
    floor = _Floor(folder, seed, (n or _USUAL) * _PORTS)
    try:
        for number in track(range(n or _USUAL), f"rounds of {_PORTS} boards"):
            for arm in (floor.bare, floor.ours)[:: 1 if number % 2 else -1]:
                await arm()
        return floor.result()
    finally:
        floor.close()


class _Floor:
    def __init__(self, folder: Path, seed: int, boards: int) -> None:
        self._folder, self._boards = folder, 0
        firmware = _firmware(Random(seed))
        self._image_s = [_build(firmware, folder / "image") for _ in range(_BUILDS + 1)][1:]
        self._image = read_image(folder / "image")
        made = _line(folder, boards)
        self._work = Work(self._image, folder / "line", Ledger(folder / "line", "measure"))
        first = made.identity(made.devices()[0])
        self._nvs = folder / "nvs.bin"
        self._nvs.write_bytes(nvs.make(first.blobs(), self._image.nvs.bytes))
        self._ours_s: list[float] = []
        self._bare_s: list[float] = []

    def close(self) -> None:
        self._work.ledger.close()

    async def ours(self) -> None:
        self._ours_s.append(await self._timed(self._flash))

    async def bare(self) -> None:
        self._bare_s.append(await self._timed(self._esptool))

    async def _timed(self, one: Callable[[RomPort], Awaitable[None]]) -> float:
        with contextlib.ExitStack() as stack:
            ports = [stack.enter_context(self._plugged()) for _ in range(_PORTS)]
            start_s = time.perf_counter()
            await asyncio.gather(*[one(port) for port in ports])
            took_s = time.perf_counter() - start_s
        for port in ports:
            os.unlink(port.chip.flash.path)
        return took_s

    def _plugged(self) -> RomPort:
        self._boards += 1
        mac = f"24:0a:c4:02:{self._boards >> 8:02x}:{self._boards & 255:02x}"
        path = self._folder / f"board-{self._boards}"
        return RomPort(RomChip(_CHIP, mac, Nor(path, self._image.flash_bytes)))

    async def _flash(self, port: RomPort) -> None:
        outcome = await flash(Link(port.path, _BAUD, reset=False), self._work)
        if outcome.fault:
            raise MeasureError(f"an emulated board failed: {outcome.fault.title} ({outcome.said})")

    async def _esptool(self, port: RomPort) -> None:
        places = [(part.offset, part.file) for part in self._image.parts]
        places.append((self._image.nvs.offset, self._nvs))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "esptool", "--port", port.path, "--baud", str(_BAUD)),
            *("--before", "no-reset", "--after", "no-reset", "write-flash"),
            *[str(word) for place in places for word in place],
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        if await process.wait():
            raise MeasureError("bare esptool failed at an emulated board")

    def result(self) -> Result:
        ours, bare = _per_hour(self._ours_s), _per_hour(self._bare_s)
        figures = {
            "boards_per_h": ours,
            "bare_per_h": bare,
            "ratio": ours / bare,
            "image_s": median(self._image_s),
        }
        shown = table(
            "Boards an hour",
            *("", "boards/h"),
            caption=f"{len(self._ours_s)} rounds of {_PORTS} emulated {_CHIP} at once, in turns;"
            f" ratio {ours / bare:.2f}, to reach 0.90. An image of {_PRODUCT} takes"
            f" {figures['image_s']:.2f} s after the first; to reach 0.2 s.",
        )
        shown.add_row("rapport flash", f"{ours:.0f}")
        shown.add_row("bare esptool", f"{bare:.0f}")
        return Result(shown, figures)


def _per_hour(rounds_s: list[float]) -> float:
    return _PORTS * _HOUR_S / median(rounds_s)


def _firmware(dice: Random) -> bytes:
    """As large and as dense as MicroPython's own."""
    return esp_firmware.firmware(
        _CHIP,
        bootloader=_dense(dice, _BOOTLOADER),
        application=b"\0" + _dense(dice, _APPLICATION),
    )


def _dense(dice: Random, size: int) -> bytes:
    runs = size // (_DENSE + _SPARSE)
    return b"".join(dice.randbytes(_DENSE) + bytes(_SPARSE) for _ in range(runs))


def _build(firmware: bytes, folder: Path) -> float:
    start_s = time.perf_counter()
    make(_PRODUCT, firmware, _FLASH).write(folder)
    return time.perf_counter() - start_s


def _line(folder: Path, boards: int) -> batch.Batch:
    """A line with identities for so many boards."""
    authority.make_root(folder / "root", "Aurora")
    authority.make_line(folder / "line", folder / "root", "Aurora line 1")
    ca = ca_of(Certificates(folder / "certificates").authority_pem.read_bytes())
    order = Order(_PRODUCT, _PREFIX, ca, "hub.example.org:8883", "Showroom", "a password")
    line = authority.open_line(folder / "line")
    return provision(line, order, boards, os.urandom, time.time_ns() // 1_000_000)[0]
