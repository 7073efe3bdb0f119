"""Many small files written over in place, and after a power cut each of them is whole again.

What is written over may be cut in the middle. So what the files will hold goes into one log first,
which one wait for the disk makes durable; whatever a start finds there it writes again. When all
is durable in its place, the log is emptied. (The doublewrite buffer of MySQL's InnoDB is the same.)

To replace each file by a new one would be dearer: names change, in as many places of the disk as
there are files, and a disk that is told what blocks are free (ext4 with `discard`) waits for that.
"""

import re
import struct
from collections.abc import Iterator
from pathlib import Path

from hub import durable
from hub.store import StoreError
from hub.store.wal import Log

_NAME = re.compile(r"[0-9a-z]/[a-z0-9._=-]{1,125}\.json")
_LENGTHS = struct.Struct(">HI")

Content = tuple[str, bytes]  # the name of a file below the folder, what is to be in it


class Settling:
    """The log at `path` for files below `folder`. Raises StoreError, OSError."""

    def __init__(self, path: Path, folder: Path) -> None:
        self._folder, self._log = folder, Log(path)
        self._behind: set[str] = set()  # files written over and not durable yet
        self._empty = not self._log.size
        try:
            for frame in self._log.bodies():
                self._write_again(list(_unpacked(frame)))
            self.sync()
        except BaseException:
            self._log.close()
            raise

    def write(self, files: list[Content]) -> None:
        """Put these contents into files whose folders are there: safe when it returns.

        When it fails each file may be in pieces, until a start or until it is written again.
        """
        if not files:
            return
        self._empty = False
        self._log.append(_packed(files))
        self._write_over(files)

    def sync(self) -> None:
        """Make durable in their places whatever was written, and empty the log."""
        if self._empty:
            return
        durable.sync_files([self._folder / name for name in self._behind])
        self._log.clear()
        self._behind.clear()
        self._empty = True

    def close(self) -> None:
        self._log.close()

    def _write_again(self, files: list[Content]) -> None:
        """What a start finds: also in a backup, so that its folders may not be there."""
        for name, _ in files:
            if not _NAME.fullmatch(name):
                raise StoreError(f"what is to be settled in {self._folder} names {name[:80]!r}")
            durable.make_folder((self._folder / name).parent)
        self._write_over(files)

    def _write_over(self, files: list[Content]) -> None:
        for name, content in files:
            self._behind.add(name)
            durable.overwrite(f"{self._folder}/{name}", content)


def _packed(files: list[Content]) -> bytes:
    out = []
    for name, content in files:
        encoded = name.encode()
        out += [_LENGTHS.pack(len(encoded), len(content)), encoded, content]
    return b"".join(out)


def _unpacked(frame: bytes) -> Iterator[Content]:
    at = 0
    while at < len(frame):
        name, content = _LENGTHS.unpack_from(frame, at)
        at += _LENGTHS.size
        yield frame[at : at + name].decode(), frame[at + name : at + name + content]
        at += name + content
