"""A journal on littlefs whose flash fails at every nth operation, or is full.

    micropython tests/firmware/flash_faults.py 300        # so many faults

Whatever an operation answers, the device goes on with what it has, and a hub counts what happened.
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
STEPS = 60


class Trial:
    """A device for a while; `refused` counts the flushes that raised."""

    def __init__(self, seed, blocks):
        random.seed(seed)
        self.refused = 0
        self.visits, self.hub = Visits(), Hub()
        self.flash = Flash(blocks)
        self.flash.format()
        self.flash.mount("/live")
        self.journal = Journal("/live/journal", os.urandom, SEGMENT_BYTES, SEGMENTS)

    def live(self, steps):
        for _ in range(steps):
            self._do(self._append)
            if not random.randrange(12):
                self._do(self._meet)
            if not random.randrange(20):
                self._do(self._renumber)

    def end(self, restart):
        """The hub comes, before or after a restart, and the flash is well again."""
        self.flash.fail_at = None
        if restart:
            self.journal.close()
            vfs.umount("/live")
            self.flash.mount("/live")
            self.journal = Journal("/live/journal", os.urandom, SEGMENT_BYTES, SEGMENTS)
        self._append()
        self.hub.take_all(self.journal)
        self.visits.check(self.hub)
        assert max(self.hub.serials) == self.visits.serial, "it takes nothing any more"
        self.journal.close()
        vfs.umount("/live")

    def _do(self, what):
        try:
            what()
        except OSError:
            self.refused += 1

    def _append(self):
        self.journal.append(self.visits.next())
        self.journal.flush()
        self.visits.flushed()

    def _meet(self):
        self.hub.greet(self.journal)
        if self.hub.take(self.journal):
            self.journal.ack(self.hub.upto, self.hub.chain)

    def _renumber(self):
        self.journal.welcome(0, 0)


def fails_once(faults):
    """Each operation of some lives fails, one in each trial."""
    done = seed = refused = 0
    while done < faults:
        whole = Trial(seed, 48)
        start = whole.flash.operations
        whole.live(STEPS)
        last = whole.flash.operations
        whole.end(False)
        for at in range(start + 1, last + 1, 1 + (last - start) // 150):
            trial = Trial(seed, 48)
            trial.flash.fail_at = at
            trial.live(STEPS)
            refused += trial.refused
            trial.end(bool(done % 2))
            done += 1
        seed += 1
    return done, refused


def full(trials):
    """Others leave so many blocks to the journal: it makes do, and takes every event."""
    overflows = 0
    for seed in range(trials):
        trial = Trial(seed, 40)
        memory = Memory("/live/memory")
        for number in range(9 + seed % 4):
            memory.save("m" + str(number), bytes(900))
        trial.live(STEPS * 2)
        assert not trial.refused, ("refused", seed, trial.refused)
        overflows += trial.journal.overflows
        trial.end(bool(seed % 2))
    return overflows


if __name__ == "__main__":
    n = int(sys.argv[1])
    done = fails_once(n) + (full(n // 10),)  # noqa: RUF005  MicroPython cannot
    print("ok: {} faults, {} refused, {} overflows".format(*done))  # noqa: T201
