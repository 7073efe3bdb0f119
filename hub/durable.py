"""Files that survive a power cut: replaced whole, or not at all."""

import os
from pathlib import Path


def replace(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put `content` at `path`; after a power cut either the old or the new content is there.

    Durable when it returns. Raises OSError, with the old content still in place.
    """
    replace_all([(path, content)], mode)


def replace_all(files: list[tuple[Path, bytes]], mode: int = 0o600) -> None:
    """`replace` for many files: each is whole, old or new; all are new when it returns.

    All are written before the first is synced, so that the file system can group its own commits.
    """
    try:
        for path, content in files:
            _write(_unfinished(path), content, mode)
        for path, _ in files:
            _sync(_unfinished(path), os.O_RDWR)
    except OSError:
        for path, _ in files:
            _unfinished(path).unlink(missing_ok=True)
        raise
    for path, _ in files:
        os.replace(_unfinished(path), path)
    for folder in {path.parent for path, _ in files}:
        sync_folder(folder)


def remove(path: Path) -> None:
    """Remove the file at `path`, when there is one. Durable when it returns."""
    if path.exists():
        path.unlink()
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable: files created, renamed or removed since."""
    if os.name != "nt":  # Windows opens no folders, and needs none of this
        _sync(folder, os.O_RDONLY)


def make_folder(folder: Path) -> None:
    """Create `folder` and what lies above it, durably, for this user only."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def _unfinished(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _write(path: Path, content: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags, mode), "wb") as file:
        file.write(content)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
