"""What a device keeps: small named values, each in a file of its own that is replaced whole.

    memory = Memory("/memory")
    memory.save("7f3a", data)
    memory.load("7f3a") == data        # or None: never saved, forgotten, or damaged

A file is the value and its CRC-32. It is written beside the old one and renamed over it, so a power
cut leaves the one or the other.
"""

import os
import struct
from binascii import crc32

_CRC_BYTES = 4
_NEW = ".new"
_LONGEST_NAME = 32
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_"


class Memory:
    """The values in a folder, which is made if there is none.

    `damaged` counts the loads that found something else than what was saved.
    """

    def __init__(self, folder):
        self.folder = folder
        self.damaged = 0
        try:
            os.mkdir(folder)
        except OSError:
            pass  # it is there; if not, the next line says so
        for name in os.listdir(folder):
            if name.endswith(_NEW):  # a power cut left it
                os.remove(folder + "/" + name)

    def load(self, name):
        """The value saved under a name, or None."""
        try:
            with open(self._path(name), "rb") as file:
                data = file.read()
        except OSError:
            return None
        value, crc = data[:-_CRC_BYTES], data[-_CRC_BYTES:]
        if crc != _crc(value):
            self.damaged += 1
            return None
        return value

    def save(self, name, data):
        """Keep bytes under a name; when this returns, they outlive a power cut.

        OSError (flash full, or worn): the old value is still there.
        """
        path = self._path(name)
        with open(path + _NEW, "wb") as file:
            file.write(data)
            file.write(_crc(data))
        os.rename(path + _NEW, path)

    def forget(self, name):
        """The value is gone for good; one that is not there is no error."""
        try:
            os.remove(self._path(name))
        except OSError:
            if name in self.names():
                raise

    def names(self):
        """The names of all values, sorted."""
        return sorted([name for name in os.listdir(self.folder) if not name.endswith(_NEW)])

    def _path(self, name):
        if not 1 <= len(name) <= _LONGEST_NAME or any(letter not in _LETTERS for letter in name):
            raise ValueError("%r is no name of 1 to 32 of %s" % (name, _LETTERS))
        return self.folder + "/" + name


def _crc(data):
    return struct.pack("<I", crc32(data))
