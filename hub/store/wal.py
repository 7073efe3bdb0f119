"""The write-ahead log: whole frames, durable one by one, the unfinished last one cut off at open.

A frame is its length (u32), the CRC-32 of its body (u32) and the body, big-endian. Every append is
synced before the next begins, so that a power cut can only tear the last frame. A damaged frame
with a sound one behind it was therefore acknowledged and has rotted since: that is an error, and
nothing is cut.

A log is two files at most: while what the old one says is taken elsewhere bit by bit, the new one
goes on.
"""

import errno
import logging
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from hub import durable
from hub.store import StoreError

_log = logging.getLogger(__name__)

_HEADER = struct.Struct(">II")


class Log:
    """One log file, open for appending. Raises StoreError when it is damaged or not readable."""

    def __init__(self, path: Path) -> None:
        self._path, self._old_path = path, path.with_name(path.name + ".old")
        self._broken = False
        try:
            self._file = self._open()
            self.size = self._cut_torn_tail()
        except OSError as error:
            raise StoreError(f"cannot open {path}: {error}") from error

    @property
    def has_old(self) -> bool:
        return self._old_path.exists()

    def bodies(self) -> Iterator[bytes]:
        """The body of every frame, oldest first, the old file's before the new one's."""
        if self.has_old:
            with open(self._old_path, "rb") as old:
                yield from _bodies(old)
                if old.tell() < _size(old):
                    raise StoreError(f"{self._old_path} is damaged: restore a backup")
        self._file.seek(0)
        yield from _bodies(self._file)

    def append(self, body: bytes) -> None:
        """Add a frame; durable when it returns. Raises StoreError, with the log as it was."""
        if self._broken:
            raise StoreError(f"{self._path} failed before and is closed to writing")
        frame = _HEADER.pack(len(body), zlib.crc32(body)) + body
        try:
            written = self._file.write(frame)
            if written != len(frame):  # a disk that is just filling up takes a part, without error
                raise OSError(errno.ENOSPC, f"only {written} of {len(frame)} bytes fit")
            os.fsync(self._file.fileno())
        except OSError as error:
            self._take_back()
            raise StoreError(f"cannot write {self._path}: {error}") from error
        self.size += len(frame)

    def turn(self) -> None:
        """Make this the old file and begin a new one. There must be no old one. Raises OSError."""
        if self._broken:
            raise StoreError(f"{self._path} failed before and is closed to writing")
        self._broken = True  # until it has worked: what went to the wrong file would be lost
        self._file.close()  # Windows renames no open file
        self._path.rename(self._old_path)
        self._file = self._open()
        self.size = 0
        self._broken = False

    def forget_old(self) -> None:
        """Remove the old file, once all it says is durable elsewhere. Raises OSError."""
        durable.remove(self._old_path)

    def close(self) -> None:
        self._file.close()

    def _open(self) -> IO[bytes]:
        known = self._path.exists()
        # Unbuffered: a failed write leaves nothing behind that a later one would bring along.
        file = open(self._path, "ab+", buffering=0)  # noqa: SIM115
        if not known:
            durable.sync_folder(self._path.parent)
        return file

    def _cut_torn_tail(self) -> int:
        """Cut what follows the last sound frame; return the size that is left."""
        self._file.seek(0)
        sound = sum(_HEADER.size + len(body) for body in _bodies(self._file))
        if sound == _size(self._file):
            return sound
        self._file.seek(sound)
        header = self._file.read(_HEADER.size).ljust(_HEADER.size, b"\0")
        self._file.seek(sound + _HEADER.size + _HEADER.unpack(header)[0])
        if any(_bodies(self._file)):
            self._file.close()
            raise StoreError(f"{self._path} is damaged at byte {sound}, not torn: restore a backup")
        torn = _size(self._file) - sound
        _log.warning("%s: cut %d bytes of an unfinished commit", self._path, torn)
        self._file.truncate(sound)
        os.fsync(self._file.fileno())
        return sound

    def _take_back(self) -> None:
        """Remove what a failed append left; if that fails too, write no more."""
        try:
            self._file.truncate(self.size)
            os.fsync(self._file.fileno())
        except OSError:
            self._broken = True
            _log.exception("%s: a failed commit could not be removed", self._path)


def _bodies(file: IO[bytes]) -> Iterator[bytes]:
    """The bodies from where `file` stands up to the first that is not whole and sound.

    `file` stands behind the last one yielded whenever it yields and when it ends.
    """
    while True:
        start = file.tell()
        header = file.read(_HEADER.size)
        length, crc = _HEADER.unpack(header) if len(header) == _HEADER.size else (0, 0)
        body = file.read(length) if length <= _size(file) - file.tell() else b""
        if not body or zlib.crc32(body) != crc:
            file.seek(start)
            return
        yield body


def _size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size
