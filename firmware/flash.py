"""Where a device keeps what it knows: on a partition "data" of its own, if the board has one.

What is flashed and what is learned then lie apart, and rot in the second never keeps the first from
starting: what cannot be read is formatted. Without one it is another folder that begins anew.
Everything is lost then, and the hub is told so by what follows, a new stream and revision 0, and
says again what the device must know.

    runtime = begin(partition(), lambda folder: Runtime(..., folder))
"""

import gc
import os

import vfs

_FOLDER = "/data"
_IN_ONE = ("", "/second", "/third")  # folders, where there is one file system for everything
_TRIES = 2  # to read what is there: a fault may pass
_SIZES = {"readsize": 32, "progsize": 32, "lookahead": 32}


def partition():
    """The block device, or None: then everything is in the one file system."""
    from esp32 import Partition

    found = Partition.find(Partition.TYPE_DATA, label="data")
    return found[0] if found else None


def begin(device, make):
    """What make(folder) makes of what is kept; where that cannot be read, of an empty folder."""
    if device is None:
        return _in_one(make)
    for _ in range(_TRIES):
        try:
            _mount(device)
            return make(_FOLDER)
        except (OSError, ValueError) as error:
            print("flash: cannot be read:", repr(error))
        _unmount()
    print("flash: formatted, what was kept is lost")
    vfs.VfsLfs2.mkfs(device, **_SIZES)
    _mount(device)
    return make(_FOLDER)


def _in_one(make):
    for folder in _IN_ONE[:-1]:
        for _ in range(_TRIES):
            try:
                return make(_folder(folder))
            except (OSError, ValueError) as error:
                print("flash: cannot be read:", repr(error))
        print("flash: begun anew, what was kept is lost")
    return make(_folder(_IN_ONE[-1]))


def _folder(path):
    try:
        os.mkdir(path)
    except OSError:
        pass  # it is there; if not, whoever uses it will say so
    return path


def _mount(device):
    vfs.mount(vfs.VfsLfs2(device, **_SIZES), _FOLDER)  # type: ignore[reportArgumentType]


def _unmount():
    gc.collect()  # what was open is closed while there still is a file system under it
    try:
        vfs.umount(_FOLDER)
    except OSError:
        pass  # it could not even be mounted
