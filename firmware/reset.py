"""Makes a device what it was when it left the factory: it knows nobody, and nobody owns it.

How often that happened is counted in NVS, outside what is wiped; flash says for which count it was
begun. So a power cut at any point ends with all of it wiped, and the hub is told by the count.
"""

import os

from firmware.memory import Memory
from protocol import cbor

_KEPT = "life"
_PIECE = bytes(512)


def life():
    """How often this device was reset."""
    from esp32 import NVS

    buffer = bytearray(4)
    try:
        NVS("rapport").get_blob(_KEPT, buffer)
    except OSError:
        return 0
    return int.from_bytes(buffer, "big")


def begin_anew():
    """From here on nothing comes back; the device restarts, and is nobody's."""
    from esp32 import NVS
    from machine import reset

    nvs = NVS("rapport")
    nvs.set_blob(_KEPT, (life() + 1).to_bytes(4, "big"))
    nvs.commit()
    print("reset: begins anew")
    reset()


def renew(folder):
    """At the start, before anything is read: wipe what belongs to an earlier life."""
    memory, now = Memory(folder + "/memory"), life()
    kept = memory.load(_KEPT)
    if (cbor.load_list(kept, 1)[0] if kept else 0) == now:
        return
    _remove(folder + "/memory")
    _remove(folder + "/journal")
    _overwrite(folder + "/wiped")
    Memory(folder + "/memory").save(_KEPT, cbor.dumps([now]))


def _remove(path):
    try:
        inside = os.listdir(path)
    except OSError:
        return  # it is not there
    for name in inside:
        if os.stat(path + "/" + name)[0] & 0x4000:
            _remove(path + "/" + name)
        else:
            os.remove(path + "/" + name)
    os.rmdir(path)


def _overwrite(path):
    """Fill what is free once: what was removed lies in flash until something else does."""
    try:
        with open(path, "wb") as file:
            while file.write(_PIECE):
                pass
    except OSError:
        pass  # full
    os.remove(path)
