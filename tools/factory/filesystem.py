"""A littlefs that MicroPython mounts as it is, made of files; the same bytes for the same files."""

from collections.abc import Mapping
from typing import NamedTuple

from littlefs import LittleFS, errors

from tools.factory.bundle import ImageError

BLOCK = 4096
_READ, _CACHE = 32, 128  # bytes, as VfsLfs2 has them
_NAME_MAX = 255
_DISK_VERSION = 0x00020001
_FOLDER_BLOCKS = 4  # a pair, and room to split it once
_SPARE_BLOCKS = 8


class FileSystem(NamedTuple):
    content: bytes  # whole blocks; what lies in the flash behind them does not matter
    used_bytes: int


def build(files: Mapping[str, bytes], size: int) -> FileSystem:
    """files: path from / -> content; size: bytes of its place in the flash, whole blocks.

    A board refuses a file system that is made for another size. It is filled as a small one, which
    grows at the end: so all blocks lie together, and there is little to write to each board.
    ImageError if the files do not fit.
    """
    blocks = _blocks(files)
    if blocks * BLOCK > size:
        raise ImageError(
            f"the files want {blocks * BLOCK // 1024} KB of flash, there are {size // 1024} KB:"
            " a larger flash is wanted"
        )
    fs = LittleFS(
        block_size=BLOCK, block_count=blocks, read_size=_READ, prog_size=_READ,
        lookahead_size=_READ, cache_size=_CACHE, block_cycles=100, name_max=_NAME_MAX,
        disk_version=_DISK_VERSION,
    )  # fmt: skip
    try:
        for path, content in sorted(files.items()):
            fs.makedirs(path.rpartition("/")[0] or "/", exist_ok=True)
            with fs.open(path, "wb") as file:
                file.write(content)
        used_bytes = fs.used_block_count * BLOCK
        fs.fs_grow(size // BLOCK)
    except errors.LittleFSError as error:
        raise ImageError(f"the file system cannot be made: {error}") from error
    return FileSystem(bytes(fs.context.buffer), used_bytes)


def _blocks(files: Mapping[str, bytes]) -> int:
    """How many are enough while it is filled."""
    folders = {path[:at] for path in files for at, letter in enumerate(path) if letter == "/"}
    whole = sum(-(-len(content) // BLOCK) for content in files.values())
    return whole + len(folders) * _FOLDER_BLOCKS + _SPARE_BLOCKS
