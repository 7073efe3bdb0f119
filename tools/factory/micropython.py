"""Takes a MicroPython firmware apart, the combined .bin that is made for a first installation."""

import hashlib
import re
from typing import NamedTuple

from tools.factory import partitions, program
from tools.factory.bundle import ImageError, Region
from tools.factory.chips import Chip, chip_of
from tools.factory.partitions import Partition

_OLDEST = (1, 23)  # the first that reads the .mpy files of today's mpy-cross
_FINDS_VFS = (1, 26)  # the first to find a file system that the table does not name
_VERSION = re.compile(rb"MicroPython v(\d+)\.(\d+)[.\w-]* on \d{4}-")
_OTHER_FILES = {b"UF2\n": "a .uf2", b"\x7fELF": "an .elf", b"PK\x03\x04": "a .zip"}
_WANTED = "take the combined .bin that micropython.org offers for a first installation"


class Firmware(NamedTuple):
    chip: Chip
    bootloader: bytes
    app: bytes
    partitions: tuple[Partition, ...]
    flash_bytes: int  # that its header names; the flash may be larger
    sha256: str

    def partition(self, label: str) -> Partition | None:
        return next((each for each in self.partitions if each.label == label), None)

    @property
    def app_offset(self) -> int:
        return _app(self.partitions).offset

    @property
    def nvs(self) -> Region:
        found = _nvs(self.partitions)
        return Region(found.offset, found.bytes)


def read_firmware(data: bytes) -> Firmware:
    """The parts of a firmware file, each of them whole, or ImageError."""
    for magic, kind in _OTHER_FILES.items():
        if data.startswith(magic):
            raise ImageError(f"this is {kind} file: {_WANTED}")
    bootloader = program.whole(data, "the bootloader")
    chip = chip_of(program.chip_number(bootloader))
    try:
        table = partitions.read_table(data[partitions.AT - chip.base :])
    except ImageError as error:
        raise ImageError(f"{error}; {_WANTED}") from None
    app_partition = _app(table)
    _nvs(table)
    app = program.whole(data[app_partition.offset - chip.base :], "the application")
    if program.chip_number(app) != chip.number:
        raise ImageError("the bootloader is for one chip and the application for another")
    if len(app) > app_partition.bytes:
        raise ImageError(
            f"the application does not fit its partition of {app_partition.bytes} bytes"
        )
    _must_be_new_enough(app, any(each.label == "vfs" for each in table))
    return Firmware(
        chip, bootloader, app, tuple(table), program.flash_bytes(bootloader),
        hashlib.sha256(data).hexdigest(),
    )  # fmt: skip


def _app(table: "list[Partition] | tuple[Partition, ...]") -> Partition:
    """The first one: what the bootloader starts while nothing else was chosen."""
    for each in table:
        if each.type == partitions.APP:
            return each
    raise ImageError(f"the partition table has no application; {_WANTED}")


def _nvs(table: "list[Partition] | tuple[Partition, ...]") -> Partition:
    for each in table:
        if (each.type, each.subtype) == (partitions.DATA, partitions.NVS):
            return each
    raise ImageError("the partition table has no NVS, where a device keeps who it is")


def _must_be_new_enough(app: bytes, names_vfs: bool) -> None:
    found = _VERSION.search(app)
    if not found:
        raise ImageError(f"this is not MicroPython; {_WANTED}")
    oldest = _OLDEST if names_vfs else _FINDS_VFS
    if tuple(map(int, found.groups())) < oldest:
        name = ".".join(part.decode() for part in found.groups())
        wanted = ".".join(map(str, oldest))
        raise ImageError(f"MicroPython {name} is too old; {wanted} or newer is wanted")
