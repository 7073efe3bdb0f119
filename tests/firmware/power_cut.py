"""Cut the power of a journal on littlefs at every nth program and erase, and look what is left.

    micropython tests/firmware/power_cut.py 2000          # so many images

Each image is checked as a device would find it at its next boot: what was flushed is there in
order, or inside a declared gap, or acknowledged; nothing is there that was never appended.
"""

import os
import random
import struct
import sys

sys.path.insert(0, "")

import vfs

from firmware.journal import Journal
from firmware.memory import Memory
from protocol.chain import EVENT, GAP_FORMAT

BLOCK_BYTES, BLOCKS = 512, 48
SEGMENT_BYTES, SEGMENTS = 300, 5


class Flash:
    """A block device in RAM; `cut(image)` is called with what a power cut now would leave."""

    def __init__(self, data=None):
        self.data = data or bytearray(b"\xff" * (BLOCKS * BLOCK_BYTES))
        self.cut = None
        self.every = 1
        self.operations = 0

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK_BYTES + offset
        buffer[:] = self.data[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        at = block * BLOCK_BYTES + offset
        self._interrupted(at, bytes(buffer))
        self.data[at : at + len(buffer)] = buffer

    def ioctl(self, operation, argument):
        if operation == 4:
            return BLOCKS
        if operation == 5:
            return BLOCK_BYTES
        if operation == 6:
            at = argument * BLOCK_BYTES
            self._interrupted(at, b"\xff" * BLOCK_BYTES)
            self.data[at : at + BLOCK_BYTES] = b"\xff" * BLOCK_BYTES
        return 0

    def _interrupted(self, at, new):
        self.operations += 1
        if not self.cut or self.operations % self.every:
            return
        kind = self.operations // self.every % 3
        torn = bytearray(self.data)
        if kind == 1:  # the first half was done
            torn[at : at + len(new) // 2] = new[: len(new) // 2]
        elif kind == 2:  # every other byte was done
            for index in range(0, len(new), 2):
                torn[at + index] = new[index]
        self.cut(torn)


class Life:
    """A device at work, and what it may rely on; `seed` decides on everything."""

    def __init__(self, seed):
        random.seed(seed)
        self.appended = {}  # serial number of an event -> True once it is flushed
        self.acked = 0  # serials up to here may be gone
        self.unflushed = []
        self.saved = [b"0"]
        self.serial = 0
        self.images = 0
        self.flash = Flash()
        vfs.VfsLfs2.mkfs(self.flash, progsize=32, readsize=32, lookahead=32)
        vfs.mount(self._filesystem(self.flash), "/live")
        self._boot()
        self.memory.save("value", b"0")
        self.flash.every = random.randrange(3, 12)
        self.flash.cut = self._check

    def step(self):
        choice = random.randrange(100)
        if choice < 70:
            self._append()
        elif choice < 80:
            self._acknowledge()
        elif choice < 88:
            self._save()
        elif choice < 92:
            self._flush()
            self.journal.welcome(0, 0)
        elif choice < 96:
            self._flush()
            self.journal.close()
            vfs.umount("/live")
            vfs.mount(self._filesystem(self.flash), "/live")
            self._boot()

    def end(self):
        self.flash.cut = None
        self.journal.close()
        vfs.umount("/live")

    def _filesystem(self, flash):
        return vfs.VfsLfs2(flash, progsize=32, readsize=32, lookahead=32)

    def _boot(self):
        self.journal = self._journal("/live")
        self.memory = Memory("/live/memory")

    def _journal(self, root):
        return Journal(root + "/journal", os.urandom, SEGMENT_BYTES, SEGMENTS)

    def _append(self):
        self.serial += 1
        self.appended[self.serial] = False
        self.unflushed.append(self.serial)
        self.journal.append(payload(self.serial))
        if len(self.unflushed) > random.randrange(8):
            self._flush()

    def _flush(self):
        self.journal.flush()
        for serial in self.unflushed:
            self.appended[serial] = True
        self.unflushed = []

    def _acknowledge(self):
        records = self.journal.records(self.journal.first_unacked, random.randrange(1, 9))
        if not records:
            return
        for _, kind, data in records:
            if kind == EVENT:
                self.acked = max(self.acked, serial_of(data))
        upto = records[-1][0]
        assert self.journal.ack(upto, self.journal.chain_at(upto))

    def _save(self):
        self.saved = [self.saved[-1], b"%d" % (int(self.saved[-1]) + 1)]
        self.memory.save("value", self.saved[-1])
        self.saved = self.saved[-1:]

    def _check(self, image):
        self.images += 1
        vfs.mount(self._filesystem(Flash(image)), "/cut")
        try:
            journal = self._journal("/cut")
            self._check_journal(journal)
            journal.append(payload(self.serial + 1))  # and it still works
            journal.flush()
            journal.close()
            assert Memory("/cut/memory").load("value") in self.saved
        finally:
            vfs.umount("/cut")

    def _check_journal(self, journal):
        held, lost = [], 0
        records = journal.records(1)
        while records:
            for _, kind, data in records:
                if kind == EVENT:
                    assert data == payload(serial_of(data)), "phantom"
                    held.append(serial_of(data))
                else:
                    first, last, _ = struct.unpack(GAP_FORMAT, data)
                    lost += last - first + 1
            records = journal.records(records[-1][0] + 1)
        assert held == sorted(held), "out of order"
        assert all(serial in self.appended for serial in held), "phantom"
        missing = [
            n for n in self.appended if self.appended[n] and n > self.acked and n not in held
        ]
        assert len(missing) <= lost, ("lost, and not declared", missing)
        assert not held or all(n < held[0] for n in missing), ("a hole", missing)


def payload(serial):
    return struct.pack("<I", serial) * (1 + serial % 8)


def serial_of(data):
    return struct.unpack("<I", data[:4])[0]


def sweep(images):
    done = seed = overflows = 0
    while done < images:
        life = Life(seed)
        for _ in range(80):
            life.step()
        overflows += life.journal.overflows
        life.end()
        done += life.images
        seed += 1
    return done, seed, overflows


if __name__ == "__main__":
    done = sweep(int(sys.argv[1]))
    print("ok: {} images of {} lives, {} overflows".format(*done))  # noqa: T201
