"""Writes a slot's half of the partition "romfs", whose code runs where it lies: firmware/slots.py.

The other half is what runs meanwhile. Nothing says here that a half is whole: its hash does, in the
list of the slot.
"""

_BLOCK_COUNT, _ERASE = 4, 6  # of ioctl
_BLOCK_BYTES = 4096
_FULL = 28  # ENOSPC


class Half:
    """Written as a file is, from its begin on, in pieces of which a whole number fills a block."""

    def __init__(self, slot):
        from esp32 import Partition

        self._partition = Partition.find(Partition.TYPE_DATA, label="romfs")[0]
        self._blocks = self._partition.ioctl(_BLOCK_COUNT, 0) // 2
        self._first = 0 if slot == "a" else self._blocks
        self._at = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def write(self, data):
        """Add a piece; a block is erased when it is begun. OSError when the half is full."""
        block, offset = divmod(self._at, _BLOCK_BYTES)
        if block >= self._blocks:
            raise OSError(_FULL)
        if not offset:
            self._partition.ioctl(_ERASE, self._first + block)
        self._partition.writeblocks(self._first + block, data, offset)
        self._at += len(data)
