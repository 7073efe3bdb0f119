"""Files that survive a power cut: replaced whole, or not at all.

Every change to a disk goes through functions of `os` by their names there: a test can stand in for
a disk that is full, fails, or loses what was not synced.
"""

import contextlib
import ctypes
import functools
import os
import sys
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

MANY = 16  # files from which on one wait for the whole disk is shorter than one for each

_BINARY = getattr(os, "O_BINARY", 0)

NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY
APPEND = os.O_RDWR | os.O_CREAT | os.O_APPEND | _BINARY
UPDATE = os.O_RDWR | os.O_CREAT | _BINARY


def replace(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put `content` at `path`; after a power cut either the old or the new content is there.

    Durable when it returns. Raises OSError, with the old content still in place.
    """
    replace_all([(path, content)], mode)


def replace_all(files: list[tuple[Path, bytes]], mode: int = 0o600) -> None:
    """`replace` for many files: each is whole, old or new; all are new when it returns.

    All are written before the first is synced, and many are synced together.
    """
    try:
        for path, content in files:
            _write(_unfinished(path), content, mode)
        _sync_contents([_unfinished(path) for path, _ in files])
    except OSError:
        remove_quietly(_unfinished(path) for path, _ in files)
        raise
    for path, _ in files:
        os.replace(_unfinished(path), path)
    _sync_names([path for path, _ in files])


def remove(path: Path) -> None:
    """Remove the file at `path`, when there is one. Durable when it returns."""
    if path.exists():
        path.unlink()
        sync_folder(path.parent)


def remove_quietly(paths: Iterable[Path]) -> None:
    """Remove what is there; what cannot be removed stays, and the error before it is the news."""
    for path in paths:
        with contextlib.suppress(OSError):
            os.unlink(path)


def overwrite(path: Path | str, content: bytes, mode: int = 0o600) -> None:
    """Write over what is at `path`, when there is something: neither durable nor in one step."""
    handle = os.open(path, UPDATE, mode)
    try:
        write_all(handle, content)
        os.ftruncate(handle, len(content))
    finally:
        os.close(handle)


def read_ahead(path: Path | str) -> None:
    """Tell the system that this file is read next. Raises OSError."""
    if not hasattr(os, "posix_fadvise"):
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_WILLNEED)
    finally:
        os.close(handle)


def write_all(handle: int, content: bytes, at: int | None = None) -> None:
    """Write all of `content`, at the end or at this offset: a full disk may take only a part."""
    view, write = memoryview(content), _writer(handle, at)
    done = 0
    while done < len(view):
        done += write(view[done:], done)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable: files created, renamed or removed since."""
    if os.name != "nt":  # Windows opens no folders, and needs none of this
        _sync(folder, os.O_RDONLY)


def has_sync_disk() -> bool:
    return sys.platform == "linux" and hasattr(_libc(), "syncfs")


def sync_disk(folder: Path) -> None:
    """Make everything durable that is on the disk of `folder`: syncfs(2), which Linux has."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        if _libc().syncfs(handle):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(handle)


def sync_files(paths: Collection[Path]) -> None:
    """Make these files durable, and their names; those that were removed since, too."""
    if _are_many(paths):
        sync_disk(next(iter(paths)).parent)
        return
    _sync_contents([path for path in paths if path.exists()])
    _sync_names(paths)


def sync_all(folder: Path) -> None:
    """Make everything below `folder` durable that was written in whatever way."""
    if has_sync_disk():
        sync_disk(folder)
        return
    for path in folder.rglob("*"):
        if path.is_file():
            _sync(path, os.O_RDWR)


def make_folder(folder: Path) -> None:
    """Create `folder` and what lies above it, durably, for this user only."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _writer(handle: int, at: int | None) -> Callable[[memoryview, int], int]:
    if at is None:
        return lambda view, done: os.write(handle, view)
    if hasattr(os, "pwrite"):
        return lambda view, done: os.pwrite(handle, view, at + done)

    def seek_and_write(view: memoryview, done: int) -> int:
        os.lseek(handle, at + done, os.SEEK_SET)
        return os.write(handle, view)

    return seek_and_write


def _unfinished(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _write(path: Path, content: bytes, mode: int) -> None:
    handle = os.open(path, NEW, mode)
    try:
        write_all(handle, content)
    finally:
        os.close(handle)


def _are_many(paths: Collection[Path]) -> bool:
    return len(paths) >= MANY and has_sync_disk()


def _sync_contents(paths: Collection[Path]) -> None:
    if _are_many(paths):
        sync_disk(next(iter(paths)).parent)
        return
    for path in paths:
        _sync(path, os.O_RDWR)


def _sync_names(paths: Collection[Path]) -> None:
    if _are_many(paths):
        sync_disk(next(iter(paths)).parent)
        return
    for folder in {path.parent for path in paths}:
        sync_folder(folder)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
