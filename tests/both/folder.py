"""A temporary folder that CPython and MicroPython make and remove alike."""

import os
from binascii import hexlify

_IS_FOLDER = 0x4000


class Folder:
    """`with Folder() as path:` an empty folder, gone afterwards with all that is in it."""

    def __enter__(self):
        parent = os.getenv("TMPDIR") or "/tmp"
        self._path = "%s/rapport-%s" % (parent, hexlify(os.urandom(6)).decode())
        os.mkdir(self._path)
        return self._path

    def __exit__(self, *_):
        remove(self._path)


def remove(path):
    """Remove a file, or a folder with all that is in it."""
    if not os.stat(path)[0] & _IS_FOLDER:
        os.remove(path)
        return
    for name in os.listdir(path):
        remove(path + "/" + name)
    os.rmdir(path)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)
