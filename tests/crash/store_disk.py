"""A disk under the hub's store: it records what is done to it, loses what was not synced, fails.

The store's own calls of `os` are stood in for, for paths below one folder. What is recorded is
played into a model of what a power cut may leave: of each file what was synced and then a part of
the rest, of each folder the names that were synced and then the first few changes after them.
"""

import errno
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from hub import durable

CALLS = ("open", "write", "pwrite", "fsync", "ftruncate", "replace", "rename", "unlink", "mkdir")


class Op(NamedTuple):
    """what: create, write, cut, sync (of a file, by its number); rename, unlink, mkdir, names; disk
    (syncs all)."""

    what: str
    where: Any = None
    to: Any = None
    content: bytes = b""


class Recorder:
    """Everything that is done below `root` while it records, in order; and marks between."""

    def __init__(self, root: Path) -> None:
        self.ops: list[Op] = []
        self._root, self._files = root, 0
        self._numbers: dict[str, int] = {}  # path -> number of the file that has this name
        self._handles: dict[int, tuple[int | str, int]] = {}

    def mark(self, number: int) -> None:
        self.ops.append(Op("mark", number))

    @contextmanager
    def recording(self) -> Iterator[None]:
        real = {name: getattr(os, name) for name in CALLS}
        whole = durable.sync_disk

        def stand_in(name: str) -> Callable[..., Any]:
            def call(first: Any, *rest: Any, **keywords: Any) -> Any:
                known = os.path.exists(first) if name == "open" else True
                result = real[name](first, *rest, **keywords)
                getattr(self, "_" + name)(result, known, first, *rest)
                return result

            return call

        try:
            for name in CALLS:
                setattr(os, name, stand_in(name))
            durable.sync_disk = lambda folder: self.ops.append(Op("disk"))
            yield
        finally:
            durable.sync_disk = whole
            for name, call in real.items():
                setattr(os, name, call)

    def _path(self, path: Any) -> str | None:
        path = Path(path)
        return str(path.relative_to(self._root)) if path.is_relative_to(self._root) else None

    def _open(self, handle: int, known: bool, path: Any, flags: int, mode: int = 0) -> None:
        self._handles.pop(handle, None)
        name = self._path(path)
        if name is None:
            return
        if os.path.isdir(path):
            self._handles[handle] = (name, 0)
            return
        if not known:
            self._files += 1
            self._numbers[name] = self._files
            self.ops.append(Op("create", self._files, name))
        elif flags & os.O_TRUNC:
            self.ops.append(Op("cut", self._numbers[name], 0))
        at = os.path.getsize(path) if flags & os.O_APPEND else 0
        self._handles[handle] = (self._numbers[name], at)

    def _write(self, done: int, _: bool, handle: int, content: Any) -> None:
        if handle in self._handles:
            number, at = self._handles[handle]
            self.ops.append(Op("write", number, at, bytes(content[:done])))
            self._handles[handle] = (number, at + done)

    def _pwrite(self, done: int, _: bool, handle: int, content: Any, at: int) -> None:
        if handle in self._handles:
            self.ops.append(Op("write", self._handles[handle][0], at, bytes(content[:done])))

    def _ftruncate(self, _: None, __: bool, handle: int, size: int) -> None:
        if handle in self._handles:
            number = self._handles[handle][0]
            self._handles[handle] = (number, size)
            self.ops.append(Op("cut", number, size))

    def _fsync(self, _: None, __: bool, handle: int) -> None:
        where = self._handles.get(handle, (None, 0))[0]
        if where is not None:
            self.ops.append(Op("names" if isinstance(where, str) else "sync", where))

    def _replace(self, _: None, __: bool, old: Any, new: Any) -> None:
        before, after = self._path(old), self._path(new)
        if before is not None and after is not None:
            self._numbers[after] = self._numbers.pop(before)
            self.ops.append(Op("rename", before, after))

    _rename = _replace

    def _unlink(self, _: None, __: bool, path: Any) -> None:
        name = self._path(path)
        if name is not None:
            del self._numbers[name]
            self.ops.append(Op("unlink", name))

    def _mkdir(self, _: None, __: bool, path: Any, mode: int = 0) -> None:
        name = self._path(path)
        if name is not None:
            self.ops.append(Op("mkdir", name))


class Image:
    """What the disk holds for sure, and what it may hold beyond."""

    def __init__(self) -> None:
        self._names: dict[str, int | None] = {}  # None: a folder
        self._changes: dict[str, list[Op]] = defaultdict(list)  # of the names in a folder
        self._synced: dict[int, bytes] = {}
        self._pending: dict[int, list[Op]] = defaultdict(list)

    def take(self, op: Op) -> None:
        if op.what == "create":
            self._synced[op.where] = b""
            self._changes[_folder(op.to)].append(op)
        elif op.what in ("rename", "unlink", "mkdir"):
            self._changes[_folder(op.where)].append(op)
        elif op.what in ("write", "cut"):
            self._pending[op.where].append(op)
        elif op.what == "sync":
            self._synced[op.where] = _played(
                self._synced[op.where], self._pending.pop(op.where, [])
            )
        elif op.what == "disk":
            for number in list(self._pending):
                self.take(Op("sync", number))
            for folder in list(self._changes):
                self.take(Op("names", folder))
        elif op.what == "names":
            for change in self._changes.pop(op.where, []):
                _rename(self._names, change)

    def build(self, folder: Path, random: Random, torn: Op | None = None) -> None:
        """Write what is left into a folder: everything synced, and a part of the rest."""
        names = dict(self._names)
        for changes in self._changes.values():
            for change in changes[: random.randint(0, len(changes))]:
                _rename(names, change)
        folder.mkdir()
        for name in sorted(name for name, number in names.items() if number is None):
            (folder / name).mkdir(exist_ok=True)
        for name, number in names.items():
            if number is not None and (folder / name).parent.is_dir():
                (folder / name).write_bytes(self._content(number, random, torn))
                (folder / name).chmod(0o600)

    def _content(self, number: int, random: Random, torn: Op | None) -> bytes:
        pending = list(self._pending.get(number, []))
        if torn is not None and torn.where == number:
            return _played(self._synced[number], [*pending, torn])
        kept = pending[: random.randint(0, len(pending))]
        if len(kept) < len(pending):
            after = pending[len(kept)]
            part = after.content[: random.randint(0, len(after.content))]
            kept += [after._replace(content=part)] if part else []
        return _played(self._synced[number], kept)


def _folder(name: str) -> str:
    return str(Path(name).parent)


def _rename(names: dict[str, int | None], change: Op) -> None:
    if change.what == "create":
        names[change.to] = change.where
    elif change.what == "mkdir":
        names[change.where] = None
    elif change.what == "unlink":
        names.pop(change.where, None)
    elif change.where in names:
        names[change.to] = names.pop(change.where)


def _played(content: bytes, ops: list[Op]) -> bytes:
    image = bytearray(content)
    for op in ops:
        if op.what == "cut":
            image = image[: op.to].ljust(op.to, b"\0")
        else:
            image = image.ljust(op.to, b"\0")
            image[op.to : op.to + len(op.content)] = op.content
    return bytes(image)


@contextmanager
def failing(root: Path, first: int, last: int, code: int = errno.ENOSPC) -> Iterator[list[int]]:
    """From the first to the last call below `root` nothing works; counted in what is yielded.

    Of a write a half is done: what a disk that is just filling up does.
    """
    of = dict.fromkeys(CALLS, os) | {"sync_disk": durable}
    real, calls, handles = {name: getattr(of[name], name) for name in of}, [0], set()

    def stand_in(name: str) -> Callable[..., Any]:
        def call(where: Any, *rest: Any, **keywords: Any) -> Any:
            path = None if isinstance(where, int) else Path(where)
            if not (where in handles if path is None else path.is_relative_to(root)):
                result = real[name](where, *rest, **keywords)
                if name == "open":
                    handles.discard(result)
                return result
            calls[0] += 1
            if first <= calls[0] <= last:
                if name in ("write", "pwrite") and len(rest[0]) > 1 and calls[0] == first:
                    return real[name](where, rest[0][: len(rest[0]) // 2], *rest[1:])
                raise OSError(code, os.strerror(code))
            result = real[name](where, *rest, **keywords)
            if name == "open":
                handles.add(result)
            return result

        return call

    try:
        for name, module in of.items():
            setattr(module, name, stand_in(name))
        yield calls
    finally:
        for name, call in real.items():
            setattr(of[name], name, call)
