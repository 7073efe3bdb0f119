"""Makes what is flashed on every board of a product, from a MicroPython firmware and the product.

made = make("lamp", firmware.read_bytes(), flash_bytes=8 << 20)
made.write(Path("image"))

Table and file systems: the firmware's own partitions stay where they are. Behind the last one comes
`data`, where a device keeps what it knows of people (firmware/flash.py), and behind that, up to the
end of the flash, the file system with the application, which the firmware finds by itself (where
its table names one, "vfs", the two share its place). An image writes neither NVS nor data.

Where the firmware's table names "romfs", its MicroPython runs code where it lies in the flash: then
the modules are there, once for what runs and once for an update. Where that partition is too small
for it, as MicroPython's own of 128 KB is, a larger one comes before data.
"""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from firmware.slots import half_bytes
from tools.factory import filesystem, partitions
from tools.factory.application import folder_of
from tools.factory.bundle import Image, ImageError, Part, Region, write_image
from tools.factory.layout import ROM_PATH, build_files
from tools.factory.micropython import Firmware, read_firmware
from tools.factory.partitions import DATA, LITTLEFS, Partition

_DATA, _VFS, _ROMFS = "data", "vfs", "romfs"
_DATA_BYTES = 512 * 1024  # sixteen people and a full journal take half of it
_ROMFS_BYTES = 384 * 1024  # a lamp's code takes 100 KB, and that twice
_SLOTS = 2
_SECTOR = 4096


class Made(NamedTuple):
    """image without a folder yet, its contents by part, and what the file system holds in bytes."""

    image: Image
    contents: dict[str, bytes]
    used_bytes: int
    vfs_bytes: int

    def write(self, folder: Path) -> None:
        parts = tuple(part._replace(file=folder / part.file.name) for part in self.image.parts)
        write_image(self.image._replace(parts=parts), self.contents)


def make(
    product: str | Path, firmware: bytes, flash_bytes: int = 0, update_key: bytes = b""
) -> Made:
    """product: as in application.py; firmware: a combined .bin; flash_bytes: of the board's flash.

    0 stands for the size that the firmware's header names. update_key: see ota.py; without one the
    devices take no updates. ImageError says what does not fit.
    """
    found = read_firmware(firmware)
    flash_bytes = flash_bytes or found.flash_bytes
    files = build_files(product, update_key, rom=_runs_in_flash(found))
    code = files.pop(ROM_PATH, b"")
    table, data, vfs = _places(found, flash_bytes, code)
    made = filesystem.build(files, vfs.bytes)
    if made.used_bytes * _SLOTS > vfs.bytes:
        raise ImageError(
            f"the application takes {made.used_bytes // 1024} KB; an update needs that once more,"
            f" and the flash has {vfs.bytes // 1024} KB for both: a larger flash is wanted"
        )
    contents = {
        "bootloader": found.bootloader,
        "table": partitions.write_table(table),
        "app": found.app,
        "vfs": made.content,
    }
    offsets = {
        "bootloader": found.chip.base,
        "table": partitions.AT,
        "app": found.app_offset,
        "vfs": vfs.offset,
    }
    if code:
        contents["romfs"] = code
        offsets["romfs"] = next(each.offset for each in table if each.label == _ROMFS)
    described = json.loads((folder_of(product) / "product.json").read_bytes())
    image = Image(
        described["product"], described.get("version", 1), found.chip.name, flash_bytes,
        tuple(_part(name, offsets[name], content) for name, content in contents.items()),
        found.nvs, Region(data.offset, data.bytes), found.sha256,
    )  # fmt: skip
    return Made(image, contents, made.used_bytes, vfs.bytes)


def _part(name: str, offset: int, content: bytes) -> Part:
    digest = hashlib.sha256(content).hexdigest()
    return Part(name, offset, Path(f"{name}.bin"), len(content), digest)


def _places(
    firmware: Firmware, flash_bytes: int, code: bytes
) -> tuple[list[Partition], Partition, Region]:
    """The table as it is written, data in it, and where the file system lies."""
    if firmware.partition("ffat"):
        raise ImageError(
            "this firmware is for TinyUF2, whose file system is another; take the .bin"
        )
    table = [each for each in firmware.partitions if each.label not in (_DATA, _VFS)]
    named = firmware.partition(_VFS)
    start = named.offset if named else max(each.end for each in firmware.partitions)
    romfs = firmware.partition(_ROMFS)
    if romfs and half_bytes(romfs.bytes) < len(code):
        if half_bytes(_ROMFS_BYTES) < len(code):
            raise ImageError(
                f"the modules take {len(code) // 1024} KB: a larger partition romfs is wanted"
            )
        table.remove(romfs)
        romfs = romfs._replace(offset=start, bytes=_ROMFS_BYTES)
        table.append(romfs)
        start = romfs.end
    data = firmware.partition(_DATA)
    if data is None:
        data = Partition(_DATA, DATA, LITTLEFS, start, _DATA_BYTES)
        start = data.end
    end = named.end if named else flash_bytes
    _must_fit(firmware, max(data.end, romfs.end if romfs else 0), flash_bytes, end)
    vfs = Region(start, end - start)
    if vfs.bytes < _SECTOR:
        raise ImageError(f"a flash of {_size(flash_bytes)} has no room for the application")
    table.append(data)
    if named:
        table.append(named._replace(offset=vfs.offset, bytes=vfs.bytes))
    return sorted(table, key=lambda each: each.offset), data, vfs


def _runs_in_flash(firmware: Firmware) -> bool:
    """True if its table has a place for code, and it can run that there."""
    if firmware.partition(_ROMFS) is None:
        return False
    if b"VfsRom" not in firmware.app:
        raise ImageError(
            "this firmware's table names a partition romfs, which its MicroPython cannot use: build"
            " it with MICROPY_VFS_ROM, or without that partition"
        )
    return True


def _must_fit(firmware: Firmware, placed: int, flash_bytes: int, end: int) -> None:
    """placed: the end of what was added to its table."""
    last = max(end, *(each.end for each in firmware.partitions))
    if flash_bytes % _SECTOR or last > flash_bytes:
        raise ImageError(
            f"a flash of {_size(flash_bytes)} is too small: this firmware wants {_size(last)}"
        )
    # the bootloader takes the header's word for the flash, and no table that goes beyond it
    if placed > firmware.flash_bytes:
        raise ImageError(
            f"this firmware is for a flash of {_size(firmware.flash_bytes)}, which is too small"
        )


def _size(count: int) -> str:
    return f"{count / (1 << 20):g} MB"
