"""One writer a folder: a lock that the system itself releases when its holder dies."""

import os
import sys
from pathlib import Path

from hub.store import StoreError

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FolderLock:
    """Held from construction until release(). Raises StoreError when somebody else holds it."""

    def __init__(self, folder: Path) -> None:
        self._handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._handle)
        except OSError:
            os.close(self._handle)
            raise StoreError(f"{folder} is in use by another hub") from None

    def release(self) -> None:
        os.close(self._handle)
