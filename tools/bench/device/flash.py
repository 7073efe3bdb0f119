"""A flash chip in a file: the block device that esp32.Partition is on a board.

4096-byte blocks, the extended interface that littlefs wants. `writes` and `erases` count what
reached the flash since power-on; `mirror`, if any, is what shows its content at every moment.
"""

from micropython import const

_BLOCK = const(4096)
_ERASE_PIECE = const(256)  # a whole blank block would take 4 KB of the device's heap
_BLOCK_COUNT = const(4)
_BLOCK_SIZE = const(5)
_ERASE = const(6)


class Flash:
    chips = []  # all there are, for who counts

    def __init__(self, file):
        self.chips.append(self)
        self._file = file
        self._blocks = file.seek(0, 2) // _BLOCK
        self._blank = b"\xff" * _ERASE_PIECE
        self.mirror = None
        self.writes = self.erases = 0

    def readblocks(self, block, buffer, offset=0):
        self._file.seek(block * _BLOCK + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=None):
        if offset is None:
            self.ioctl(_ERASE, block)
            offset = 0
        self._put(block * _BLOCK + offset, buffer)
        self.writes += 1

    def ioctl(self, request, block):
        if request == _BLOCK_COUNT:
            return self._blocks
        if request == _BLOCK_SIZE:
            return _BLOCK
        if request == _ERASE:
            for at in range(block * _BLOCK, (block + 1) * _BLOCK, _ERASE_PIECE):
                self._put(at, self._blank)
            self.erases += 1
        return 0

    def _put(self, at, data):
        self._file.seek(at)
        self._file.write(data)
        if self.mirror:
            self.mirror[at : at + len(data)] = data
