"""Flash that fails, is full or holds back: it stands in for `open`, on CPython and MicroPython."""

import builtins
import os

from protocol.chain import EVENT
from tests.both.test_journal import everything, fill

_ENOSPC, _EIO = 28, 5
_FOR_EVER = 400  # calls in a row


class _File:
    """A file whose every call the flash may refuse; it is as long as what has reached flash."""

    def __init__(self, flash, file):
        self._flash, self._file, self._held = flash, file, b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def write(self, data):
        if self._flash.holds_back:
            self._held += data
        else:
            self._put(data)
        return len(data)

    def flush(self):
        held, self._held = self._held, b""
        self._put(held)

    def read(self, *size):
        return self._file.read(*size)

    def seek(self, at):
        return self._file.seek(at)

    def close(self):
        self._file.write(self._held)
        self._file.close()

    def _put(self, data):
        try:
            self._flash.asked(len(data))
        except OSError:
            if self._flash.tears:
                self._file.write(data[: len(data) // 2])
            raise
        self._file.write(data)
        self._file.flush()


class Flash:
    """`with Flash(folder) as flash:` full beyond `room` bytes, or refusing from a call to another.

    `holds_back`: nothing is on flash before it is flushed. `tears`: of what is refused, half is.
    `reads`: how many files were opened to be read.
    """

    def __init__(self, folder):
        self._folder, self.calls, self.reads = folder, 0, 0
        self.room, self.first, self.last = 1 << 20, 1 << 20, 0
        self.holds_back = self.tears = False

    def __enter__(self):
        self._open = builtins.open
        builtins.open = self.open
        return self

    def __exit__(self, *_):
        builtins.open = self._open

    def open(self, path, mode="r"):
        if mode == "rb":
            self.reads += 1
            return self._open(path, mode)
        self.asked(0)
        return _File(self, self._open(path, mode))

    def refuse(self, first, last):
        self.calls, self.first, self.last = 0, first, last

    def asked(self, size):
        self.calls += 1
        assert self.calls < _FOR_EVER, "flash is asked for ever"
        if self.first <= self.calls <= self.last:
            raise OSError(_EIO, "input/output error")
        if size and used(self._folder) + size > self.room:
            raise OSError(_ENOSPC, "no space left")


def used(folder):
    """How many bytes the files in a folder take."""
    total = 0
    for name in os.listdir(folder):
        path = folder + "/" + name
        state = os.stat(path)
        total += used(path) if state[0] & 0x4000 else state[6]
    return total


def events(journal):
    return [record[2] for record in everything(journal) if record[1] == EVENT]


def numbered(first, last):
    """What tests/both/test_journal.py fills a journal with."""
    return [b"%04d" % n for n in range(first, last + 1)]


def attempt(journal, first, last):
    """True if flash took them all at once."""
    try:
        fill(journal, first, last)
        return True
    except OSError:
        return False
