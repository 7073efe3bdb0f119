"""Flip one programmed bit of a device's flash, start the device, and see what became of its past.

    micropython tests/crash/bit_rot.py 3000 1             # so many images, first seed

Each life is a real Runtime on littlefs with people, visits and a hub that was told some of it; each
image is that flash with one bit rotten. The device must start, tell the hub what it still has,
claim nothing that never was, and work; and the hub must notice if something is missing.
"""

# ruff: noqa: T201, UP031 - printing is how it speaks, in the words of MicroPython

import gc
import json
import random
import sys

sys.path.insert(0, "")

import vfs

from protocol import chain
from tests.crash.rot_device import BLOCK_BYTES, Device, Flash, Hub, ResetError, printed

IMAGES_A_LIFE = 60
PEOPLE = (b"ana-ana-", b"ben-ben-")


def accepted(journal):
    """The payloads of every event that is in flash and not acknowledged."""
    found, records = {}, journal.records(journal.first_unacked)
    while records:
        for _, kind, payload in records:
            if kind == chain.EVENT:
                found[bytes(payload)] = True
        records = journal.records(records[-1][0] + 1)
    return found


def live():
    """(flash, hub, what was accepted) of a device whose power just went."""
    flash_, hub = Flash(), Hub()
    device = Device(flash_, hub)
    device.join()
    for revision, subject in enumerate(PEOPLE, 1):
        device.introduce(revision, subject)
    told = random.randrange(6)
    for visit in range(6):
        device.visit(random.choice(PEOPLE))
        if visit < told:
            device.join()
        device.line = visit < told
    there = accepted(device.runtime.journal)
    device.off()
    return flash_, hub, there


def unmountable(data):
    """A copy of which both superblocks are gone."""
    image = bytearray(data)
    image[: 2 * BLOCK_BYTES] = bytes(2 * BLOCK_BYTES)
    return image


def rotten(data):
    """A copy with one bit flipped where something was programmed."""
    image = bytearray(data)
    at = random.randrange(len(image))
    while image[at] == 0xFF:
        at = random.randrange(len(image))
    image[at] ^= 1 << random.randrange(8)
    return image


def check(image, hub, there):
    """What became of an image: the names of the tallies that it counts in."""
    story = Story(Hub(hub), there)
    while True:
        try:
            return story.told(image)
        except ResetError:  # what it found there will never be right again: it begins anew
            vfs.umount("/data")
            gc.collect()


class Story:
    """What a hub that knew this device hears from now on."""

    def __init__(self, hub, there):
        self._hub, self._there, self._before = hub, there, dict(hub.heard_of)
        self._found, self._told = [], False
        printed.clear()

    def told(self, image):
        """Start, tell, live on; the names of the tallies that all this counts in."""
        device = Device(Flash(image), self._hub)
        device.join()
        if not self._told:
            self._told = True
            self._look()
        _works(device, self._hub)  # what it tells now shows the hub a new stream, if there is one
        device.off()
        if any("formatted" in words[0] for words in printed):
            self._found.append("formatted")
        if any(payload not in self._hub.heard_of for payload in self._there):
            self._found.append("reported" if self._hub.notices else "unreported")
        return self._found

    def _look(self):
        for payload in self._hub.heard_of:
            if payload not in self._there and payload not in self._before:
                self._found.append("phantom")


def _works(device, hub):
    """The device learns and tells, whatever it lost."""
    heard = len(hub.heard_of)
    device.introduce(device.runtime.sync.revision + 1, PEOPLE[0])
    device.visit(PEOPLE[0])
    assert device.runtime.people.known(PEOPLE[0]).rows, "learns nothing"
    device.join()
    assert len(hub.heard_of) == heard + 2, "tells nothing"


def sweep(images, seed):
    tally = {"points": 0, "formatted": 0, "reported": 0, "unreported": 0, "phantom": 0}
    while tally["points"] < images:
        random.seed(seed * 7919)  # small seeds begin alike
        flash_, hub, there = live()
        for number in range(min(IMAGES_A_LIFE, images - tally["points"])):
            image = rotten(flash_.data) if number else unmountable(flash_.data)
            try:
                found = check(image, hub, there)
            except Exception:
                print("SEED=%d, image %d" % (seed, number))
                raise
            for name in found:
                tally[name] += 1
            if "phantom" in found or "unreported" in found:
                print("SEED=%d, image %d:" % (seed, number), *found)
            tally["points"] += 1
        seed += 1
    return tally


if __name__ == "__main__":
    print(json.dumps(sweep(int(sys.argv[1]), int(sys.argv[2]))))
