"""A factory floor: a manufacturer, a line with identities, an image, and emulated boards."""

import contextlib
import hashlib
import random
from pathlib import Path
from typing import Any

from hub.link.certificates import Certificates
from tools.bench.nor import Nor
from tools.bench.plug import RomPort
from tools.bench.rom import RomChip
from tools.factory import authority
from tools.factory.batch import Batch, batches
from tools.factory.bundle import Image, Part, Region, read_image, write_image
from tools.factory.flash import Outcome, Work, flash
from tools.factory.ledger import Ledger
from tools.factory.loader import Link
from tools.factory.provision import Order, ca_of, provision

CHIP, FLASH = "esp32c3", 4 << 20
NVS, DATA = Region(0x9000, 0x6000), Region(0x100000, 0x10000)
NOW_MS = 1_795_300_000_000
_BASE = {"esp32": 0x1000}
_DICE = random.Random(7)


class Floor:
    def __init__(self, folder: Path) -> None:
        self.folder, self.line = folder, folder / "line"
        self._stack = contextlib.ExitStack()
        self._boards = 0

    def __enter__(self) -> "Floor":
        authority.make_root(self.folder / "root", "Aurora")
        authority.make_line(self.line, self.folder / "root", "Aurora line 1")
        self._hub = Certificates(self.folder / "hub" / "certificates")
        self.image = make_image(self.folder / "image")
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def use_hub(self, data: Path) -> None:
        """From now on devices are made for the hub with this folder."""
        self._hub = Certificates(data / "certificates")

    def batches(self) -> list[Batch]:
        return batches(self.line)

    @property
    def newest(self) -> Batch:
        return self.batches()[-1]

    def provision(self, count: int, **other: Any) -> Batch:
        ca = ca_of(self._hub.authority_pem.read_bytes())
        order = Order("lamp", "LMP", ca, "127.0.0.1:8883", "Showroom", "guest-password")
        line = authority.open_line(self.line)
        return provision(line, order._replace(**other), count, _DICE.randbytes, NOW_MS)[-1]

    def board(self, chip: str = CHIP, flash_bytes: int = FLASH, **faults: Any) -> RomPort:
        """Plugged in, with a MAC of its own. faults: silent, locked; stuck; cut_at."""
        self._boards += 1
        mac = f"24:0a:c4:00:{self._boards >> 8:02x}:{self._boards & 255:02x}"
        path = self.folder / f"board-{self._boards}.flash"
        nor = Nor(path, flash_bytes, faults.pop("stuck", None))
        cut_at = faults.pop("cut_at", None)
        rom = RomChip(chip, mac, nor, **faults)
        return self._stack.enter_context(RomPort(rom, cut_at))

    def work(self, **other: Any) -> Work:
        ledger = Ledger(self.line, "Kim", lambda: NOW_MS)
        self._stack.callback(ledger.close)
        return Work(other.pop("image", self.image), self.line, ledger, **other)

    def open_line(self) -> authority.Line:
        return authority.open_line(self.line)


def link(port: RomPort | str) -> Link:
    """A pty has no lines by which a board could be reset."""
    path = port if isinstance(port, str) else port.path
    return Link(path, 460_800, reset=False, attempts=1)


async def flashed(port: RomPort | str, work: Work) -> Outcome:
    return await flash(link(port), work)


def make_image(
    folder: Path,
    chip: str = CHIP,
    vfs: bytes | None = None,
    vfs_at: int = 0x110000,
    app_bytes: int = 40_000,
    product: str = "lamp",
) -> Image:
    """Small parts, at the places where a board's have them."""
    contents = {
        "bootloader": b"boot" + _DICE.randbytes(4_000),
        "table": _DICE.randbytes(0xC00),
        "app": b"\xff" * 16 + _DICE.randbytes(app_bytes),
        "vfs": vfs if vfs is not None else _DICE.randbytes(9_000),
    }
    offsets = {"bootloader": _BASE.get(chip, 0), "table": 0x8000, "app": 0x10000, "vfs": vfs_at}
    parts = tuple(
        Part(name, offsets[name], folder / f"{name}.bin", len(content), _sha256(content))
        for name, content in contents.items()
    )
    image = Image(product, 1, chip, FLASH, parts, NVS, DATA, _sha256(b"firmware"))
    write_image(image, contents)
    return read_image(folder)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
