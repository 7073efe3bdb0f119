"""Flash memory as it is: erased by sectors to ones, written by turning ones into zeros.

What is written without an erase is therefore damaged, as on a board. The content is a file, which
outlives whoever uses it.
"""

import mmap
from pathlib import Path

SECTOR = 4096  # bytes
_ERASED = b"\xff"


class Nor:
    """`size` bytes of flash in the file at `path`, erased when the file does not exist.

    stuck: the address of a cell whose lowest bit stays zero.
    """

    def __init__(self, path: Path, size: int, stuck: int | None = None) -> None:
        if not path.exists():
            path.write_bytes(_ERASED * size)
        with path.open("r+b") as file:
            self._cells = mmap.mmap(file.fileno(), size)
        self.path, self.size, self.stuck = path, size, stuck

    def close(self) -> None:
        self._cells.close()

    def erase(self, offset: int, length: int) -> None:
        """Every sector that these bytes touch."""
        first = offset // SECTOR * SECTOR
        end = min(-(-(offset + length) // SECTOR) * SECTOR, self.size)
        self._cells[first:end] = _ERASED * (end - first)

    def program(self, offset: int, data: bytes) -> None:
        """IndexError when it does not fit."""
        end = offset + len(data)
        if end > self.size:
            raise IndexError(f"{len(data)} bytes at {offset:#x} do not fit in {self.size:#x}")
        stands = int.from_bytes(self._cells[offset:end], "little")
        written = stands & int.from_bytes(data, "little")
        self._cells[offset:end] = written.to_bytes(len(data), "little")
        if self.stuck is not None and offset <= self.stuck < end:
            self._cells[self.stuck] &= 0xFE

    def read(self, offset: int, length: int) -> bytes:
        return self._cells[offset : offset + length]
