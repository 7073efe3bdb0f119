"""The folder of a journal: which stream is in it, moving to a new one, and the room kept for that.

Loaded at the start, after an error of the flash, and when there is no room left.
"""

import os
from binascii import hexlify, unhexlify

from firmware.overflow import copy
from firmware.stream import Stream

_ENOSPC = 28
_SPARE = "spare"


class Streams:
    def __init__(self, folder, random, limits):
        """random(n) gives n bytes; limits: segment_bytes, most_segments."""
        self._folder, self._random, self._limits = folder, random, limits

    def open(self, was=None):
        """(name, Stream) of what is there; `was`: the name it had. What a power cut left goes."""
        self._clear()
        names = [name for name in _listing(self._folder) if len(name) == 16]
        if len(names) > 1:  # just moved, or cut while moving: both hold the same events
            left = was if was in names else names[0]
            names.remove(left)
            # Renamed first: a stream found under its own name is always whole.
            os.rename(self._folder + "/" + left, self._folder + "/old")
            self._clear()
        name = names[0] if names else self._new_name()
        held = self._stream(self._folder + "/" + name, name)
        return self.move(name, held) if held.damaged else (name, held)

    def move(self, was, held):
        """(name, Stream) with all that is held under new numbers, or with as much as fits."""
        without = 0
        while not self._copied(held, without):
            without += 1
        name, moved = self.open(was)
        moved.overflows += without
        return name, moved

    def _copied(self, held, without):
        """False: there is no room for all but so many segments."""
        try:
            self._copy(held, without)
            return True
        except OSError as error:
            if error.errno != _ENOSPC or without == len(held.segments):
                raise
            self.drop_spare()
            return False

    def _copy(self, held, without):
        """The old stream stays until the new one is whole."""
        self._clear()
        new, name = self._folder + "/new", self._new_name()
        fresh = self._stream(new, name)
        try:
            copy(held, fresh, without)
            fresh.flush()
        finally:
            fresh.close()
        held.close()
        os.rename(new, self._folder + "/" + name)

    def keep_spare(self):
        """Hold two blocks of flash: enough to declare what is lost before it goes. False: full."""
        path, size = self._folder + "/" + _SPARE, self._limits[0] // 32 * 64
        try:
            if _SPARE in _listing(self._folder) and os.stat(path)[6] == size:
                return True
            with open(path, "wb") as file:
                for _ in range(size // 64):
                    file.write(bytes(64))
            return True
        except OSError:
            return False

    def drop_spare(self):
        if _SPARE in _listing(self._folder):
            os.remove(self._folder + "/" + _SPARE)

    def _stream(self, path, name):
        _listing(path)
        return Stream(path, unhexlify(name), *self._limits)

    def _new_name(self):
        return hexlify(self._random(8)).decode()

    def _clear(self):
        for name in _listing(self._folder):
            if name in ("new", "old"):
                path = self._folder + "/" + name
                for file in os.listdir(path):
                    os.remove(path + "/" + file)
                os.rmdir(path)


def _listing(folder):
    """The names in a folder; it is made if there is none."""
    try:
        return os.listdir(folder)
    except OSError:
        os.mkdir(folder)
        return []
