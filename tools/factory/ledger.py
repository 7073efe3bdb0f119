"""What happened to every board, in order: a file that is only ever appended to.

    ledger = Ledger(folder)                  # the only one who writes; ledger.close() when done
    device = ledger.bind(mac, "lmp-000123")  # durable before anything is written to the board
    ledger.done(mac, ...)

A MAC is bound to one id for ever, an id to one MAC. Each line is JSON and on the disk when its call
returns. A last line that a power cut left unfinished never counted, and is cut off.
"""

import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub import durable
from hub.store import StoreError
from hub.store.lock import FolderLock
from tools.factory.errors import FactoryError

BOUND, DONE, FAILED, RELEASED = "bound", "done", "failed", "released"
_FILE = "ledger.jsonl"
_MOST_LOST = 3  # times in a row that the line to a board is lost; then the board is at fault

Entry = dict[str, Any]


@dataclass(slots=True)
class Board:
    """What the ledger says of one MAC.

    last, done, failed: the last entry, the last of these (failed: since it was done); lost: times
    in a row.
    """

    mac: str
    device: str = ""
    last: Entry = field(default_factory=dict)
    done: Entry | None = None
    failed: Entry | None = None
    quarantined: bool = False
    lost: int = 0


@dataclass(slots=True)
class Book:
    """The ledger, read: boards by MAC, and every entry in order."""

    boards: dict[str, Board] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    devices: dict[str, str] = field(default_factory=dict)
    """{device: MAC}."""

    def board(self, mac: str) -> Board:
        return self.boards.get(mac) or Board(mac)

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        if not entry["mac"]:
            return
        board = self.boards.setdefault(entry["mac"], Board(entry["mac"]))
        board.last = entry
        match entry["what"]:
            case "bound":
                board.device = entry["device"]
                self.devices[entry["device"]] = entry["mac"]
            case "done":
                board.done, board.failed, board.lost = entry, None, 0
            case "failed":
                board.failed = entry
                board.lost = board.lost + 1 if entry["fault"] == "lost" else 0
                board.quarantined |= entry["quarantine"] or board.lost >= _MOST_LOST
            case "released":
                board.quarantined, board.lost = False, 0
            case _:
                pass  # of a later version


def read(folder: Path) -> Book:
    """The ledger of a line as it is now, also while somebody writes it."""
    book, path = Book(), folder / _FILE
    for entry in _entries(path, path.read_bytes() if path.exists() else b"")[0]:
        book.add(entry)
    return book


class Ledger:
    """FactoryError when another one is at work, or when the file is damaged."""

    def __init__(self, folder: Path, who: str, clock: Callable[[], int] | None = None) -> None:
        durable.make_folder(folder)
        try:
            self._lock = FolderLock(folder)
        except StoreError:
            raise FactoryError(f"another `rapport flash` is at work on {folder}") from None
        self._who, self._clock = who, clock or (lambda: time.time_ns() // 1_000_000)
        self._path = folder / _FILE
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self.book = self._mended()
        except FactoryError:
            self.close()
            raise
        durable.sync_folder(folder)

    def close(self) -> None:
        os.close(self._handle)
        self._lock.release()

    def bind(self, mac: str, free: Iterable[str]) -> str:
        """The device that this board is: the one it has been, or else the first that is free.

        Returns "" when none is free.
        """
        if device := self.book.board(mac).device:
            return device
        device = next((each for each in free if each not in self.book.devices), "")
        if device:
            self._add(BOUND, mac, device)
        return device

    def done(self, mac: str, **about: Any) -> None:
        """It has been written, verified, and says who it is."""
        self._add(DONE, mac, self.book.board(mac).device, **about)

    def failed(self, mac: str, fault: str, quarantine: bool, **about: Any) -> None:
        """mac: "" when there was nobody to ask."""
        device = self.book.board(mac).device
        self._add(FAILED, mac, device, fault=fault, quarantine=quarantine, **about)

    def release(self, mac: str) -> None:
        """Somebody looked after a board that was put aside: it may be tried again."""
        if not self.book.board(mac).quarantined:
            raise FactoryError(f"{mac} is not put aside; `rapport status` shows which boards are")
        self._add(RELEASED, mac, self.book.board(mac).device)

    def _add(self, what: str, mac: str, device: str, **about: Any) -> None:
        head = {"at_ms": self._clock(), "who": self._who, "what": what}
        entry = head | {"mac": mac, "device": device} | about
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        if os.write(self._handle, line) != len(line):
            raise OSError(f"{self._path}: the disk is full")
        os.fsync(self._handle)
        self.book.add(entry)

    def _mended(self) -> Book:
        content = self._path.read_bytes()
        entries, whole = _entries(self._path, content)
        if whole < len(content):
            os.truncate(self._handle, whole)
            os.fsync(self._handle)
        book = Book()
        for entry in entries:
            book.add(entry)
        return book


def _entries(path: Path, content: bytes) -> tuple[list[Entry], int]:
    """(the entries, how many bytes they are); FactoryError if one but the last is unreadable."""
    whole = content.rfind(b"\n") + 1
    lines = content[:whole].splitlines()
    entries: list[Entry] = []
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            entry["what"], entry["mac"], entry["device"]
        except (ValueError, KeyError, TypeError):
            if number == len(lines):
                return entries, whole - len(line) - 1  # a power cut can leave rubbish of any length
            raise FactoryError(
                f"{path}, line {number} is damaged: bring the file back from a copy"
            ) from None
        entries.append(entry)
    return entries, whole
