"""What a board finds in its flash when it is switched on, taken from a flash that was written.

found = Flashed.of(chip.flash.read(0, chip.flash.size), image)
board = Board(
    radio, folder, found.device, found.files, found.nvs,
    flash=found.vfs, data_kb=found.data_kb, romfs_kb=found.romfs_kb,
)
"""

from typing import NamedTuple

from tools.factory import nvs, partitions
from tools.factory.bundle import Image
from tools.factory.layout import ROM_PATH


class Flashed(NamedTuple):
    """nvs: {name: blob} of our namespace; vfs: the file system, up to the end of the flash; romfs:
    the partition of that name, if the table in the flash has one.
    """

    nvs: dict[str, bytes]
    vfs: bytes
    data_kb: int
    romfs: bytes

    @property
    def device(self) -> str:
        """Who it is, by its NVS."""
        return self.nvs["id"].decode()

    @property
    def romfs_kb(self) -> int:
        return len(self.romfs) // 1024

    @property
    def files(self) -> dict[str, bytes]:
        """What lies in no file system."""
        return {ROM_PATH: self.romfs}

    @classmethod
    def of(cls, flash: bytes, image: Image) -> "Flashed":
        place = next(part.offset for part in image.parts if part.name == "vfs")
        partition = flash[image.nvs.offset : image.nvs.offset + image.nvs.bytes]
        table = partitions.read_table(flash[partitions.AT :])
        romfs = [flash[each.offset : each.end] for each in table if each.label == "romfs"]
        return cls(nvs.read(partition), flash[place:], image.data.bytes // 1024, b"".join(romfs))
