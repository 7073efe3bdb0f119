"""Finds the application after a reset: in slot /a or /b, so an update never touches what runs.

/slots.json says {"good": "a", "trial": null, "left": 0, "failed": null}. An update is written into
the other slot and put on trial; it has `left` starts to prove itself with `keep`, else the good one
is back, and `failed` names the slot that was not kept. While a trial runs a watchdog waits to be
fed: an application that breaks so badly that nothing of it runs is reset, and loses a start. The
file is replaced by a rename, so a power cut leaves the old state or the new. This module lies at
the root of the board's file system beside boot.py, outside both slots: no update changes it.

A board whose MicroPython has VfsRom and a partition "romfs" runs its modules where they lie in the
flash: each half of that partition is the code of a slot, in its list as the file `app.rom`.
"""

import json
import os
import sys
from binascii import hexlify
from hashlib import sha256

_FILE = "/slots.json"
_HASHES = "/files.txt"
_PIECE = 512  # bytes read at once
ROM = "app.rom"  # no file of the slot's folder: a ROMFS image in its half of the partition
_MOUNTED = "/rom"  # where MicroPython by itself mounts what the partition begins with
_SEGMENT = 2  # of rom_ioctl: what is mapped
_BLOCK_BYTES = 4096
WATCHDOG_MS = 60_000  # a trial that is silent for so long is reset


def enter():
    """Make the slot to run the current folder: there the board looks for main.py and modules."""
    slot = _chosen(load())
    os.chdir("/" + slot)
    code = half(slot)
    if code is not None:
        _mount(code)
    return "/" + slot


def load():
    """The state; where it cannot be read, whichever slot is whole is the good one."""
    try:
        with open(_FILE) as file:
            state = json.load(file)
        return _state(state["good"], state["trial"], state["left"], state.get("failed"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _state("a" if whole("/a") or not whole("/b") else "b")


def save(state):
    with open(_FILE + ".new", "w") as file:
        json.dump(state, file)
    os.rename(_FILE + ".new", _FILE)


def keep():
    """What runs on trial has proved itself."""
    state = load()
    if state["trial"]:
        save(_state(state["trial"]))


def try_out(good, trial, starts):
    """From the next reset on the slot `trial` runs, for so many starts unless it is kept."""
    save(_state(good, trial, starts))


def clear(good):
    """The other slot holds nothing that could be tried, or has failed."""
    save(_state(good))


def whole(folder):
    """True if every file of a slot is there as its list of hashes says."""
    try:
        with open(folder + _HASHES) as file:
            lines = 0
            for line in file:
                wanted, size, path = line.strip().split(" ", 2)
                if stored(folder, path, int(size)) != wanted:
                    return False
                lines += 1
        return lines > 0
    except (OSError, ValueError):
        return False


def stored(folder, path, size):
    """SHA-256 in hex of what a slot has under a path; OSError if it has nothing there."""
    if path != ROM:
        return digest(folder + "/" + path)
    code = half(folder[1:])
    if code is None:
        raise OSError("no flash to run code in")
    return hexlify(sha256(code[:size]).digest()).decode()


def half(slot):
    """What is mapped of a slot's half of the partition; None on a board without one."""
    import vfs

    try:
        both = vfs.rom_ioctl(_SEGMENT, 0)
    except AttributeError:
        return None
    if isinstance(both, int):
        return None  # an errno: it could map one, but there is none
    size = half_bytes(len(both))
    start = 0 if slot == "a" else size
    return memoryview(both)[start : start + size]


def half_bytes(both):
    """Whole blocks, of so many bytes in the partition."""
    return both // 2 // _BLOCK_BYTES * _BLOCK_BYTES


def digest(path):
    """SHA-256 of a file in hex; OSError if it cannot be read."""
    hashed, piece = sha256(), bytearray(_PIECE)
    with open(path, "rb") as file:
        while True:
            count = file.readinto(piece)
            if not count:
                return hexlify(hashed.digest()).decode()
            hashed.update(memoryview(piece)[:count])


def _state(good, trial=None, left=0, failed=None):
    return {"good": good, "trial": trial, "left": left, "failed": failed}


def _chosen(state):
    """The slot to run; a trial costs one of its starts before it has begun."""
    good, trial, left = state["good"], state["trial"], state["left"]
    if trial:
        fit = left > 0 and whole("/" + trial)
        try:
            save(_state(good, trial, left - 1) if fit else _state(good, failed=trial))
        except OSError:
            return good  # flash takes nothing: a start that is not counted would be one for ever
        if fit:
            _watch()
            return trial
    other = "b" if good == "a" else "a"
    rotten = other not in (trial, state["failed"]) and not whole("/" + good)
    return other if rotten and whole("/" + other) else good


def _mount(code):
    """Have modules looked for in a ROMFS image, before any folder."""
    import vfs

    try:
        vfs.umount(_MOUNTED)
    except OSError:
        pass  # the partition does not begin with an image
    vfs.mount(vfs.VfsRom(code), _MOUNTED)  # type: ignore[reportAttributeAccessIssue]
    sys.path.insert(0, _MOUNTED)


def _watch():
    try:
        from machine import WDT
    except ImportError:
        return  # no watchdog here: a trial that hangs then waits for the power to go
    WDT(timeout=WATCHDOG_MS)
