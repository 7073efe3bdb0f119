"""`rapport backup` and `rapport restore`: the store into one file, and back.

A hub that runs is asked for it over HTTP; the store of one that does not is read itself.
"""

import http.client
import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from hub import durable
from hub.access.door import staff_key
from hub.config import Settings
from hub.engines import open_store
from hub.privacy.backups import noted
from hub.restore import restore
from hub.start import now_ms
from hub.store import StoreError
from hub.store.backup import is_whole, snapshot
from hub.store.lock import FolderLock

_PIECE_BYTES = 1 << 16
_TAIL_BYTES = 4096
_PATIENCE_S = 60


class BackupError(StoreError):
    """It cannot be backed up or restored so; the text says why, and what to do."""


def back_up(target: Path, settings: Settings, out: Console) -> Path:
    """Write a backup to a new file, or into a folder under a name of the time; where it is."""
    if target.is_dir():
        target = target / time.strftime("rapport-%Y-%m-%d-%H%M%S.tar")
    if target.exists():
        raise BackupError(f"{target} is there already: name another file")
    unfinished = target.with_name(target.name + ".new")
    try:
        _write(unfinished, _pieces(settings), out)
        os.replace(unfinished, target)
        durable.sync_folder(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def bring_back(source: Path, settings: Settings, out: Console) -> None:
    """Put a backup in the place of the store; the hub must not be running."""
    with (
        open(source, "rb") as archive,
        Progress(TextColumn("{task.description}"), BarColumn(), console=out, transient=True) as bar,
    ):
        task = bar.add_task("restoring", total=None)

        def seen() -> None:
            bar.advance(task)
            bar.update(task, description=f"restoring, {bar.tasks[0].completed:.0f} files")

        folder = settings.data / "store"
        restore(archive, folder, lambda new: open_store(settings, new), now_ms(), seen)


def _write(path: Path, pieces: Iterator[bytes], out: Console) -> None:
    tail = b""
    columns = (TextColumn("backing up"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with open(path, "xb") as file, Progress(*columns, console=out, transient=True) as bar:
        os.chmod(path, 0o600)
        task = bar.add_task("", total=None)
        for piece in pieces:
            file.write(piece)
            bar.advance(task, len(piece))
            tail = (tail + piece)[-_TAIL_BYTES:]
        file.flush()
        os.fsync(file.fileno())
    if not is_whole(tail):
        raise BackupError("the backup was cut off: is the hub still running? Try again")


def _pieces(settings: Settings) -> Iterator[bytes]:
    folder = settings.data / "store"
    if not folder.exists():
        raise BackupError(f"there is no store in {settings.data}: set RAPPORT_DATA to its folder")
    if _is_running(folder):
        yield from _from_the_hub(settings)
        return
    store = open_store(settings)
    try:
        noted(store, now_ms())
        yield from snapshot(store)
    finally:
        store.close()


def _is_running(folder: Path) -> bool:
    try:
        FolderLock(folder).release()
    except StoreError:
        return True
    return False


def _from_the_hub(settings: Settings) -> Iterator[bytes]:
    url = f"http://{settings.host}:{settings.port}/api/backup"
    key = staff_key(settings.data, os.urandom)
    request = Request(url, headers={"Authorization": f"Bearer {key}"})
    try:
        with urlopen(request, timeout=_PATIENCE_S) as answer:
            while piece := answer.read(_PIECE_BYTES):
                yield piece
    except HTTPError as error:
        with error:
            raise BackupError(f"the hub at {url} answers {error.code}") from None
    except (URLError, http.client.HTTPException) as error:
        raise BackupError(
            f"the store is in use, but nobody answers at {url} ({error}): set RAPPORT_HOST and"
            " RAPPORT_PORT as the hub has them"
        ) from None
