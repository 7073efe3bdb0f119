"""What was compiled once, kept in the user's cache folder under a hash of all it was made from."""

import contextlib
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

_MOST = 200  # entries; the oldest go


def kept(key: str, make: Callable[[], dict[str, bytes]]) -> dict[str, bytes]:
    """{name: content} as it was made for this key, or made now; a cache that fails is no error."""
    path = _folder() / f"{key}.zip"
    with contextlib.suppress(OSError, zipfile.BadZipFile):
        return _read(path)
    files = make()
    with contextlib.suppress(OSError):
        _write(path, files)
    return files


def _folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "rapport" / "compiled"


def _read(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}  # checks every CRC


def _write(path: Path, files: dict[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".new")
    with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    os.replace(unfinished, path)
    by_age = sorted(path.parent.glob("*.zip"), key=lambda each: each.stat().st_mtime)
    for old in by_age[:-_MOST]:
        old.unlink(missing_ok=True)
