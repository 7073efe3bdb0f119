"""Writes files into a littlefs image, formatting it first if it holds no file system.

micropython -m fill IMAGE, and on standard input for each file: a line "SIZE PATH", then the bytes.
"""

import os
import sys

import vfs
from flash import Flash


def _mount(flash):
    try:
        return vfs.VfsLfs2(flash, readsize=32, progsize=32, lookahead=32)
    except OSError:
        vfs.VfsLfs2.mkfs(flash, readsize=32, progsize=32, lookahead=32)
        return vfs.VfsLfs2(flash, readsize=32, progsize=32, lookahead=32)


def _make_folders(path):
    at = path.find("/", 1)
    while at > 0:
        try:
            os.mkdir(path[:at])
        except OSError:
            pass  # it is there
        at = path.find("/", at + 1)


def _fill():
    source = sys.stdin.buffer
    while True:
        line = source.readline()
        if not line:
            return
        size, path = line.decode().strip().split(" ", 1)
        _make_folders(path)
        with open(path + ".new", "wb") as file:
            file.write(source.read(int(size)))
        os.rename(path + ".new", path)


_flash = Flash(open(sys.argv[-1], "r+b"))  # noqa: SIM115
vfs.umount("/")
vfs.mount(_mount(_flash), "/")
_fill()
vfs.umount("/")
