"""Small files replaced many at a time; those they replace are written over the next time.

Renaming over a file gives its blocks back, for which some disks (ext4 with `discard`) wait a
millisecond: ten times all else it costs. Here the new content goes into a spare file beside it, and
the two change names in one step: what was replaced is a spare from the next wait for the disk on.
"""

import errno
import itertools
import os
from collections import defaultdict
from pathlib import Path

from hub import durable

_CANNOT = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}  # this file system exchanges no names


class Spares:
    """Files `N.spare` in the folders of those they replaced; good for one process."""

    def __init__(self) -> None:
        self._free: dict[Path, list[Path]] = defaultdict(list)  # by folder
        self._left: list[Path] = []  # by exchanges that are not durable yet: not to be written over
        self._unsynced: Path | None = None  # where names have changed
        self._numbers = itertools.count()

    def replace_all(self, files: list[tuple[Path, bytes]]) -> None:
        """As durable.replace_all, but durable after `sync`; few are renamed over. Raises OSError.

        Before, each is old or new, and whole.
        """
        if len(files) < durable.MANY or not durable.has_exchange():
            durable.replace_all(files)
            return
        spares = [self._take(path.parent) for path, _ in files]
        try:
            for spare, (_, content) in zip(spares, files, strict=True):
                durable.overwrite(spare, content)
            self._sync(spares[0].parent)
            self._unsynced = spares[0].parent
            pairs = zip(spares, files, strict=True)
            left = [spare for spare, (path, _) in pairs if _exchange(spare, path)]
        except OSError:  # names that are not durable may come back: never write over those
            durable.remove_quietly(spares)
            raise
        self._left += left

    def sync(self) -> None:
        """Make durable whatever was replaced. Raises OSError."""
        if self._unsynced is not None:
            self._sync(self._unsynced)

    def clear(self) -> None:
        """Sync, then remove them all. Raises OSError; what stays then goes at the next start."""
        self.sync()
        free, self._free = self._free, defaultdict(list)
        for folder, spares in free.items():
            for spare in spares:
                os.unlink(spare)
            durable.sync_folder(folder)

    def _sync(self, folder: Path) -> None:
        durable.sync_disk(folder)
        self._unsynced = None
        for spare in self._left:
            self._free[spare.parent].append(spare)
        self._left.clear()

    def _take(self, folder: Path) -> Path:
        free = self._free[folder]
        return free.pop() if free else folder / f"{next(self._numbers)}.spare"


def _exchange(spare: Path, path: Path) -> bool:
    """Put the spare file in the place of the other; True if that is the spare one now."""
    try:
        durable.exchange(spare, path)
    except FileNotFoundError:
        os.rename(spare, path)
        return False
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        os.replace(spare, path)
        return False
    return True
