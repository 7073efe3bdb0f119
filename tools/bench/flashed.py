"""What a board finds in its flash when it is switched on, taken from a flash that was written.

found = Flashed.of(chip.flash.read(0, chip.flash.size), image)
board = Board(radio, folder, found.device, {}, found.nvs, flash=found.vfs, data_kb=found.data_kb)
"""

from typing import NamedTuple

from tools.factory import nvs
from tools.factory.bundle import Image


class Flashed(NamedTuple):
    """nvs: {name: blob} of our namespace; vfs: the file system, up to the end of the flash."""

    nvs: dict[str, bytes]
    vfs: bytes
    data_kb: int

    @property
    def device(self) -> str:
        """Who it is, by its NVS."""
        return self.nvs["id"].decode()

    @classmethod
    def of(cls, flash: bytes, image: Image) -> "Flashed":
        place = next(part.offset for part in image.parts if part.name == "vfs")
        partition = flash[image.nvs.offset : image.nvs.offset + image.nvs.bytes]
        return cls(nvs.read(partition), flash[place:], image.data.bytes // 1024)
