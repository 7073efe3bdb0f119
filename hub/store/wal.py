"""The write-ahead log: whole frames, durable one by one, the unfinished last one cut off at open.

A frame is its length (u32), the CRC-32 of its body (u32) and the body, big-endian. Every append is
synced before the next begins, so that a power cut can only tear the last frame. A damaged frame
with a sound one behind it was therefore acknowledged and has rotted since: that is an error, and
nothing is cut.

A log is two files at most: while what the old one says is taken elsewhere bit by bit, the new one
goes on.
"""

import logging
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from hub import durable
from hub.store import StoreError

_log = logging.getLogger(__name__)

_HEADER = struct.Struct(">II")


class Log:
    """One log file, open for appending. Raises StoreError when it is damaged or not readable."""

    def __init__(self, path: Path) -> None:
        self._path, self._old_path = path, path.with_name(path.name + ".old")
        self._torn = False  # a failed append is to be removed before anything else is written
        self._handle: int | None = None
        try:
            self._handle = self._open()
            self.size = self._cut_torn_tail()
        except OSError as error:
            self.close()
            raise StoreError(f"cannot open {path}: {error}") from error
        except StoreError:
            self.close()
            raise

    @property
    def has_old(self) -> bool:
        return self._old_path.exists()

    def bodies(self) -> Iterator[bytes]:
        """The body of every frame, oldest first, the old file's before the new one's."""
        if self.has_old:
            old = self._old_path.read_bytes()
            yield from _bodies(old)
            if _sound(old) < len(old):
                raise StoreError(f"{self._old_path} is damaged: restore a backup")
        yield from _bodies(self._path.read_bytes())

    def append(self, body: bytes) -> None:
        """Add a frame; durable when it returns. Raises StoreError, with the log as it was."""
        try:
            handle = self._ready()
            self._torn = True
            durable.write_all(handle, _frame(body))
            os.fsync(handle)
        except OSError as error:
            self._take_back()
            raise StoreError(f"cannot write {self._path}: {error}") from error
        self._torn = False
        self.size += _HEADER.size + len(body)

    def turn(self) -> None:
        """Make this the old file and begin a new one. There must be no old one. Raises OSError.

        If only the beginning fails, the next append begins it.
        """
        handle = self._ready()
        os.close(handle)  # Windows renames no open file
        self._handle = None
        os.rename(self._path, self._old_path)
        self.size = 0
        self._handle = self._open()

    def forget_old(self) -> None:
        """Remove the old file, once all it says is durable elsewhere. Raises OSError."""
        durable.remove(self._old_path)

    def clear(self) -> None:
        """Forget all of it, durably. Raises OSError; the next append forgets it then."""
        self.size, self._torn = 0, True
        self._ready()

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _open(self) -> int:
        """The file, and its name durable: what is appended to a nameless one would be lost."""
        handle = os.open(self._path, durable.APPEND, 0o600)
        try:
            durable.sync_folder(self._path.parent)
        except OSError:
            os.close(handle)
            raise
        return handle

    def _ready(self) -> int:
        """The handle to write to; OSError while what failed before cannot be mended."""
        if self._handle is None:
            self._handle = self._open()
        if self._torn:
            os.ftruncate(self._handle, self.size)
            os.fsync(self._handle)
            self._torn = False
        return self._handle

    def _take_back(self) -> None:
        """Remove what a failed append left; if that fails too, the next append tries again."""
        try:
            self._ready()
        except OSError:
            _log.exception("%s: a failed commit could not be removed", self._path)

    def _cut_torn_tail(self) -> int:
        """Cut what follows the last sound frame; return the size that is left."""
        image = self._path.read_bytes()
        sound = _sound(image)
        if sound == len(image):
            return sound
        length = _HEADER.unpack(image[sound:][: _HEADER.size].ljust(_HEADER.size, b"\0"))[0]
        if any(_bodies(image[sound + _HEADER.size + length :])):
            raise StoreError(f"{self._path} is damaged at byte {sound}, not torn: restore a backup")
        _log.warning("%s: cut %d bytes of an unfinished commit", self._path, len(image) - sound)
        assert self._handle is not None
        os.ftruncate(self._handle, sound)
        os.fsync(self._handle)
        return sound


def rewrite(path: Path, bodies: list[bytes]) -> None:
    """Put a log of these frames in the place of one that nobody has open. Raises OSError."""
    durable.replace(path, b"".join(_frame(body) for body in bodies))


def _frame(body: bytes) -> bytes:
    return _HEADER.pack(len(body), zlib.crc32(body)) + body


def _bodies(image: bytes) -> Iterator[bytes]:
    """The bodies from the start up to the first that is not whole and sound."""
    at = 0
    while at + _HEADER.size <= len(image):
        length, crc = _HEADER.unpack_from(image, at)
        body = image[at + _HEADER.size : at + _HEADER.size + length]
        if not body or len(body) < length or zlib.crc32(body) != crc:
            return
        yield body
        at += _HEADER.size + length


def _sound(image: bytes) -> int:
    return sum(_HEADER.size + len(body) for body in _bodies(image))
