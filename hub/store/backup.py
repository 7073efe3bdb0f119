"""A store as one tar archive, made while it is in use: its state between two commits.

The files of the vaults stand still while it is made (TinyStore.held) and the logs only grow. They
come last and in one piece, so that what is replayed over the files leads to one moment: the end.
Should one of the files be in pieces, as the disk failed, what makes it whole is there, too.
Everything stays sealed; the keys are in another folder and never in a backup.
"""

import re
import tarfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO

from hub import durable
from hub.store import StoreError
from hub.store.tiny import TinyStore

_PIECE_BYTES = 64 << 10
_END = "end"  # the last member: without it the archive was cut off
_TAIL = bytes(2 * tarfile.BLOCKSIZE)
_MEMBER = re.compile(r"format|settling|log|log\.old|vaults/[0-9a-f]/[a-z0-9._=-]{1,125}\.json")


def snapshot(store: TinyStore) -> Generator[bytes, None, None]:
    """The archive in pieces. The store may be used between two of them, by the same thread.

    Raises StoreError when another backup is being made; close the iterator to end it early.
    """
    with store.held():
        piece = _member("format", (store.folder / "format").read_bytes())
        for path in (store.folder / "vaults").glob("*/*.json"):
            content = _read(path)
            if content is not None:  # else it was dropped meanwhile
                piece += _member(path.relative_to(store.folder).as_posix(), content)
            if len(piece) >= _PIECE_BYTES:
                yield piece
                piece = b""
        for name in ("settling", "log.old", "log"):
            content = _read(store.folder / name)
            if content is not None:
                piece += _member(name, content)
        yield piece + _member(_END, b"") + _TAIL


def is_whole(tail: bytes) -> bool:
    """True if an archive that ends in these bytes, 1.5 KB at least, was not cut off."""
    return tail[-3 * tarfile.BLOCKSIZE :] == _member(_END, b"") + _TAIL


def unpack(archive: IO[bytes], folder: Path, seen: Callable[[], None] = lambda: None) -> None:
    """Write what a backup holds into a new folder, durably; seen() is called for each file.

    Raises StoreError for what is no whole backup, and OSError.
    """
    ended = False
    durable.make_folder(folder)
    try:
        with tarfile.open(fileobj=archive, mode="r|") as members:
            for member in members:
                ended = member.name == _END
                if not ended:
                    _write(folder, member.name, members.extractfile(member))
                seen()
    except tarfile.TarError as error:
        raise StoreError(f"this is no backup of Rapport: {error}") from error
    if not ended:
        raise StoreError("the backup is not whole: its end is missing")
    durable.sync_all(folder)


def _write(folder: Path, name: str, content: IO[bytes] | None) -> None:
    if content is None or not _MEMBER.fullmatch(name):
        raise StoreError(f"this is no backup of Rapport: it holds {name[:80]!r}")
    path = folder / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(content.read())
    path.chmod(0o600)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _member(name: str, content: bytes) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    padding = -len(content) % tarfile.BLOCKSIZE
    return info.tobuf(tarfile.GNU_FORMAT) + content + bytes(padding)
