"""Cut the power of a journal on littlefs at every nth program and erase, and look what is left.

    micropython tests/firmware/power_cut.py 2000 400      # so many images, and so many nested

Each image is started as a device would at its next boot, a hub takes all that is there, and has
counted what happened: what was flushed is told, or inside a declared gap with its totals kept; and
nothing that never was. A nested image is what a second cut leaves, while the first is mended.
"""

import os
import random
import sys

sys.path.insert(0, "")

import vfs

from firmware.journal import Journal
from firmware.memory import Memory
from tests.firmware.nor_flash import Flash
from tests.firmware.visits import Hub, Visits

SEGMENT_BYTES, SEGMENTS = 400, 5
STEPS = 90


class Life:
    """A device at work, and what it may rely on; `seed` decides on everything."""

    def __init__(self, seed):
        random.seed(seed)
        self.visits, self.hub = Visits(), Hub()
        self.saved = [b"0"]
        self.images = self.nested = 0
        self.flash = Flash()
        self.flash.format()
        self.flash.mount("/live")
        self._boot()
        self.memory.save("value", b"0")
        self.flash.every = random.randrange(3, 12)
        self.flash.cut = self._check

    def step(self):
        choice = random.randrange(100)
        if choice < 74:
            self._append()
        elif choice < 82:
            self._meet()
        elif choice < 90:
            self._save()
        elif choice < 93:
            self._flush()
            self.journal.welcome(0, 0)
        elif choice < 96:
            self._flush()
            self.journal.close()
            vfs.umount("/live")
            self.flash.mount("/live")
            self._boot()

    def end(self):
        self.flash.cut = None
        self.journal.close()
        vfs.umount("/live")

    def _boot(self):
        self.journal = self._journal("/live")
        self.memory = Memory("/live/memory")

    def _journal(self, root):
        return Journal(root + "/journal", os.urandom, SEGMENT_BYTES, SEGMENTS)

    def _append(self):
        self.journal.append(self.visits.next())
        if random.randrange(8) < 5:
            self._flush()

    def _flush(self):
        self.journal.flush()
        self.visits.flushed()

    def _meet(self):
        """The hub is there for a while; what it says last may be lost."""
        self.hub.greet(self.journal)
        for _ in range(random.randrange(3)):
            self.hub.take(self.journal, random.randrange(1, 9))
            if random.randrange(3):
                assert self.journal.ack(self.hub.upto, self.hub.chain)

    def _save(self):
        self.saved = [self.saved[-1], b"%d" % (int(self.saved[-1]) + 1)]
        self.memory.save("value", self.saved[-1])
        self.saved = self.saved[-1:]

    def _check(self, image):
        self.images += 1
        flash = Flash(data=image)
        if self.nested < NESTED * self.images // IMAGES:
            flash.every = 1 + self.images % 4
            flash.cut = self._check_nested
        self._start(flash, "/cut")

    def _check_nested(self, image):
        self.nested += 1
        self._start(Flash(data=image), "/again")

    def _start(self, flash, path):
        flash.mount(path)
        try:
            journal = self._journal(path)
            assert Memory(path + "/memory").load("value") in self.saved
            flash.cut = None
            hub = Hub(self.hub)
            hub.take_all(journal)
            self.visits.check(hub)
            assert not hub.corrupt, "damage, where there was none"
            journal.append(b"it still works")
            journal.flush()
            journal.close()
        finally:
            vfs.umount(path)


def sweep():
    done = nested = seed = overflows = 0
    while done < IMAGES or nested < NESTED:
        life = Life(seed)
        for _ in range(STEPS):
            life.step()
        overflows += life.journal.overflows
        life.end()
        done, nested = done + life.images, nested + life.nested
        seed += 1
    return done, nested, seed, overflows


if __name__ == "__main__":
    IMAGES, NESTED = int(sys.argv[1]), int(sys.argv[2])
    print("ok: {} images and {} nested of {} lives, {} overflows".format(*sweep()))  # noqa: T201
