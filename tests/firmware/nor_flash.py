"""A block device in RAM for littlefs under MicroPython, whose power or luck can be made to fail."""

import vfs

BLOCK_BYTES = 512
_SIZES = {"progsize": 32, "readsize": 32, "lookahead": 32}
_EIO = -5


class Flash:
    """`cut(image)` is called with what a power cut now would leave, at each operation in `every`.

    `fail_at`: the operation (counted from 1 in `operations`) that fails with an I/O error.
    """

    def __init__(self, blocks=48, data=None):
        self.blocks = blocks
        self.data = data or bytearray(b"\xff" * (blocks * BLOCK_BYTES))
        self.cut = None
        self.every = 1
        self.fail_at = None
        self.operations = 0

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK_BYTES + offset
        buffer[:] = self.data[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        return self._change(block * BLOCK_BYTES + offset, bytes(buffer))

    def ioctl(self, operation, argument):
        if operation == 4:
            return self.blocks
        if operation == 5:
            return BLOCK_BYTES
        if operation == 6:
            return self._change(argument * BLOCK_BYTES, b"\xff" * BLOCK_BYTES)
        return 0

    def format(self):
        vfs.VfsLfs2.mkfs(self, **_SIZES)

    def mount(self, path):
        vfs.mount(vfs.VfsLfs2(self, **_SIZES), path)

    def _change(self, at, new):
        self.operations += 1
        if self.operations == self.fail_at:
            return _EIO
        if self.cut and self.operations % self.every == 0:
            self.cut(self._torn(at, new, self.operations // self.every % 3))
        self.data[at : at + len(new)] = new
        return 0

    def _torn(self, at, new, kind):
        torn = bytearray(self.data)
        if kind == 1:  # the first half was done
            torn[at : at + len(new) // 2] = new[: len(new) // 2]
        elif kind == 2:  # every other byte was done
            for index in range(0, len(new), 2):
                torn[at + index] = new[index]
        return torn
