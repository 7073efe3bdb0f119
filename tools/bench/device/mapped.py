"""Stand-in for flash that is mapped into memory: what vfs.rom_ioctl is on a board with a "romfs".

The memory is of this heap here; the bench adds as much to it.
"""

import sys

import vfs

_EINVAL = -22


class Mapped:
    """The module vfs, which takes no new name, on a board with such flash."""

    def __init__(self, memory):
        self._memory = memory

    def __getattr__(self, name):
        return getattr(vfs, name)

    def rom_ioctl(self, request, *_):
        return (1, memoryview(self._memory))[request - 1] if request in (1, 2) else _EINVAL


def install(flash):
    """Map a partition: what is written to it is seen at once. And mount it, as MicroPython does."""
    memory = bytearray(flash.ioctl(4, 0) * flash.ioctl(5, 0))
    flash.readblocks(0, memory)
    flash.mirror = memory
    sys.modules["vfs"] = Mapped(memory)
    try:
        vfs.mount(vfs.VfsRom(memory), "/rom")
    except OSError:
        return  # no image is at its beginning
    sys.path += ["/rom", "/rom/lib"]
