"""A batch: identities that were made together and are delivered by one manifest.

    line/batches/2026-11-22-1/manifest.json      for the hub, signed
    line/batches/2026-11-22-1/devices/*.json     secret, one device each

A batch appears whole or not at all: it is made under another name.
"""

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hub import durable
from hub.store import StoreError
from hub.store.lock import FolderLock
from tools.factory import identity
from tools.factory.errors import FactoryError
from tools.factory.identity import Identity

_FOLDER, _DEVICES, _MANIFEST = "batches", "devices", "manifest.json"
_UNFINISHED = ".new"


class Batch(NamedTuple):
    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def manifest(self) -> Path:
        return self.folder / _MANIFEST

    def devices(self) -> list[str]:
        """In the order of their numbers."""
        return sorted(identity.names(self.folder / _DEVICES), key=number)

    def identity(self, device: str) -> Identity:
        return identity.read(self.folder / _DEVICES, device)

    def forget(self, devices: list[str]) -> None:
        """Keep no secret of these devices any longer: they alone have them now."""
        kept = [self.identity(device).forgotten() for device in devices]
        identity.write(self.folder / _DEVICES, kept)


def number(device: str) -> int:
    """123 of lmp-000123."""
    return int(device.rpartition("-")[2])


def batches(line: Path) -> list[Batch]:
    """Whole ones, in the order they were made."""
    found = [
        path
        for path in (line / _FOLDER).glob("*")
        if path.is_dir() and not path.name.endswith(_UNFINISHED)
    ]
    return [Batch(path) for path in sorted(found, key=_made)]


def by_device(line: Path) -> dict[str, Batch]:
    """The batch of every device, oldest first."""
    return {device: batch for batch in batches(line) for device in batch.devices()}


def find(line: Path, name: str) -> Batch:
    """The batch of this name, or the newest for an empty one; FactoryError if there is none."""
    there = batches(line)
    wanted = [batch for batch in there if not name or batch.name == name]
    if not wanted:
        known = ", ".join(batch.name for batch in there) or "none yet: `rapport provision devices`"
        raise FactoryError(f"there is no batch {name or 'here'!r}; there is {known}")
    return wanted[-1]


@contextlib.contextmanager
def adding(line: Path) -> Iterator[None]:
    """Nobody else makes identities meanwhile: a number is given once."""
    durable.make_folder(line / _FOLDER)
    try:
        lock = FolderLock(line / _FOLDER)
    except StoreError:
        raise FactoryError(f"somebody else is making identities for {line}; wait") from None
    try:
        yield
    finally:
        lock.release()


def next_name(line: Path, day: str) -> str:
    """2026-11-22-3 where two of that day are there."""
    numbers = [_made(batch.folder)[-1] for batch in batches(line) if batch.name.startswith(day)]
    return f"{day}-{max([0, *numbers]) + 1}"


def keep(line: Path, name: str, identities: list[Identity], manifest: bytes) -> Batch:
    """A new batch; durable when it returns."""
    batch = Batch(line / _FOLDER / name)
    unfinished = batch.folder.with_name(batch.name + _UNFINISHED)
    shutil.rmtree(unfinished, ignore_errors=True)  # of one that was interrupted
    durable.make_folder(unfinished / _DEVICES)
    identity.write(unfinished / _DEVICES, identities)
    durable.replace(unfinished / _MANIFEST, manifest, 0o644)
    unfinished.rename(batch.folder)
    durable.sync_folder(batch.folder.parent)
    return batch


def _made(path: Path) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", path.name)]
