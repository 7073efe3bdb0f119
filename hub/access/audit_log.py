"""The lines of the audit: each holds the digest of the one before, so that none changes unseen.

    log = AuditLog(Path("rapport-data/audit"))
    log.append({"what": "looked"})              # durable when it returns
    verify(Path("rapport-data/audit"))          # Verdict(entries=1, head="9f...", wrong="")

A line is the SHA-256 (hex) of the JSON that follows it after a space; `before` in it is the digest
of the line before, and `n` counts. A file begins with the number of its first line and ends at
some megabytes; `head` has the last number and digest, so that a file that was cut off is seen too.
The oldest files go when they are too old; the chain begins with what is there.
Who can write all of the folder can write all of it anew: keep the head elsewhere, and compare.
"""

import hashlib
import logging
import os
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from hub import durable
from hub.store import StoreError

FIRST = "0" * 64  # before the first line

_log = logging.getLogger(__name__)

_FILE_BYTES = 8 << 20
_DIGEST = 64


class AuditError(StoreError):
    """The audit cannot be written or read; so what was to be written down does not happen."""


class Verdict(NamedTuple):
    """entries: number of the last that fits; head: its digest. wrong: a sentence, or "".

    first: the number of the first: those before it were too old.
    """

    entries: int
    head: str
    wrong: str = ""
    first: int = 1


class AuditLog:
    """Append-only, in files of `folder`. Raises AuditError; a torn last line is cut at open."""

    def __init__(self, folder: Path, file_bytes: int = _FILE_BYTES) -> None:
        self._folder, self._file_bytes = folder, file_bytes
        self._handle, self._size, self._torn = -1, 0, False
        self._starts: list[int] = []  # number of the first line of each file
        self._offsets: list[array[int]] = []  # of each line in each file, once it was read
        self.count, self.head = 0, FIRST
        try:
            durable.make_folder(folder)
            self._open()
        except OSError as error:
            raise AuditError(f"cannot open the audit in {folder}: {error}") from error

    def append(self, entry: dict[str, Any]) -> int:
        """Its number, from 1. Durable when it returns; else AuditError and nothing is there."""
        number = self.count + 1
        line, digest = _line(entry | {"n": number, "before": self.head})
        try:
            self._ready(number)
            self._torn = True
            durable.write_all(self._handle, line)
            os.fsync(self._handle)
        except OSError as error:
            self._take_back()
            raise AuditError(f"the audit cannot be written: {error}") from error
        self._torn = False
        self._offsets[-1].append(self._size)
        self._size += len(line)
        self.count, self.head = number, digest
        self._keep_head()
        return number

    def lines(self, before: int | None = None) -> Iterator[dict[str, Any]]:
        """Newest first; from the one before number `before` on."""
        last = self.count if before is None else min(before - 1, self.count)
        for at in range(bisect_right(self._starts, last) - 1, -1, -1):
            content = self._path(at).read_bytes()
            offsets = self._of(at)
            for row in range(min(last - self._starts[at], len(offsets) - 1), -1, -1):
                yield _entry(content[offsets[row] : _end(offsets, row, len(content))])

    def line(self, number: int) -> dict[str, Any]:
        at = bisect_right(self._starts, number) - 1
        offsets, row = self._of(at), number - self._starts[at]
        with self._path(at).open("rb") as file:
            file.seek(offsets[row])
            return _entry(file.readline())

    def drop(self, before_ms: int) -> None:
        """Remove the files all of whose lines are older; the newest file stays."""
        try:
            while len(self._starts) > 1 and self.line(self._starts[1])["at_ms"] < before_ms:
                durable.remove(self._path(0))
                del self._starts[0], self._offsets[0]
        except OSError as error:
            raise AuditError(f"the audit cannot be tidied: {error}") from error

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _open(self) -> None:
        self._starts = [int(path.stem) for path in _files(self._folder)]
        self._offsets = [array("Q") for _ in self._starts]
        if not self._starts:
            return
        path = self._path(-1)
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            _log.warning("%s: cut %d bytes of an unfinished line", path, len(content) - len(whole))
            os.truncate(path, len(whole))
        lines = whole.splitlines(keepends=True)
        self.count = self._starts[-1] + len(lines) - 1
        self.head = lines[-1][:_DIGEST].decode() if lines else self._head_before()
        self._offsets[-1] = _offsets(whole)
        self._size = len(whole)
        self._handle = os.open(path, durable.APPEND, 0o600)

    def _head_before(self) -> str:
        if len(self._starts) < 2:
            return FIRST
        return self._path(-2).read_bytes().splitlines()[-1][:_DIGEST].decode()

    def _ready(self, number: int) -> None:
        if self._torn:
            os.ftruncate(self._handle, self._size)
            self._torn = False
        if self._handle >= 0 and self._size < self._file_bytes:
            return
        path = self._folder / f"{number:012}.log"
        handle = os.open(path, durable.APPEND, 0o600)
        durable.sync_folder(self._folder)
        self.close()
        self._handle, self._size = handle, 0
        if not self._starts or self._starts[-1] != number:
            self._starts.append(number)
            self._offsets.append(array("Q"))

    def _take_back(self) -> None:
        try:
            if self._torn:
                os.ftruncate(self._handle, self._size)
                self._torn = False
        except OSError:
            _log.exception("%s: an unfinished line could not be removed", self._folder)

    def _keep_head(self) -> None:
        """Not synced: after a power cut it may be behind the lines, and never ahead of them."""
        try:
            durable.overwrite(self._folder / "head", _head(self.count, self.head))
        except OSError:
            _log.exception("the head of the audit in %s could not be written", self._folder)

    def _path(self, at: int) -> Path:
        return self._folder / f"{self._starts[at]:012}.log"

    def _of(self, at: int) -> "array[int]":
        if not self._offsets[at]:
            self._offsets[at] = _offsets(self._path(at).read_bytes())
        return self._offsets[at]


def verify(folder: Path, expected: str = "") -> Verdict:
    """Does every line fit the one before it, to the end? expected: a head noted elsewhere."""
    if not folder.is_dir():
        return Verdict(0, FIRST, f"there is no folder {folder}")
    files = _files(folder)
    if not files:
        missing = "" if not (folder / "head").exists() and not expected else "all lines are missing"
        return Verdict(0, FIRST, missing)
    first, seen = int(files[0].stem), dict[str, int]()
    count, head = first - 1, FIRST if first == 1 else ""
    for path in files:
        if int(path.stem) != count + 1:
            return Verdict(count, head, f"{path.name} does not follow entry {count}")
        for line in path.read_bytes().splitlines(keepends=True):
            wrong = _wrong(line, count + 1, head)
            if wrong:
                return Verdict(count, head, f"entry {count + 1} in {path.name} {wrong}")
            count, head = count + 1, line[:_DIGEST].decode()
            seen[head] = count
    return Verdict(count, head, _cut(folder, seen, expected), first)


def _wrong(line: bytes, number: int, head: str) -> str:
    if not line.endswith(b"\n") or line[_DIGEST : _DIGEST + 1] != b" ":
        return "is not whole"
    content = line[_DIGEST + 1 : -1]
    if hashlib.sha256(content).hexdigest().encode() != line[:_DIGEST]:
        return "was changed"
    entry = orjson.loads(content)
    if entry["n"] != number or (head and entry["before"] != head):
        return "does not follow the one before it"
    return ""


def _cut(folder: Path, seen: dict[str, int], expected: str) -> str:
    """Whether lines are missing at the end, as far as that can be told."""
    if expected and expected not in seen:
        return f"no entry has the expected head {expected}: entries at the end are missing"
    path = folder / "head"
    noted = path.read_text("ascii", "replace").split() if path.exists() else []
    if len(noted) != 2 or path.read_bytes() != f"{noted[0]} {noted[1]}\n".encode():
        return "the file `head` is missing or damaged: entries at the end may be missing"
    if str(seen.get(noted[1])) != noted[0]:
        return f"entry {noted[0]}, the last that was written, is missing or was changed"
    return ""


def _line(entry: dict[str, Any]) -> tuple[bytes, str]:
    content = orjson.dumps(entry)
    digest = hashlib.sha256(content).hexdigest()
    return digest.encode() + b" " + content + b"\n", digest


def _entry(line: bytes) -> dict[str, Any]:
    try:
        return orjson.loads(line[_DIGEST + 1 :])
    except orjson.JSONDecodeError:
        raise AuditError("the audit is damaged: `rapport verify` says where") from None


def _head(count: int, digest: str) -> bytes:
    return f"{count} {digest}\n".encode()


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]" * 12 + ".log"))


def _offsets(content: bytes) -> "array[int]":
    found, at = array("Q"), 0
    while at < len(content):
        found.append(at)
        at = content.index(b"\n", at) + 1
    return found


def _end(offsets: "array[int]", row: int, size: int) -> int:
    return offsets[row + 1] if row + 1 < len(offsets) else size
