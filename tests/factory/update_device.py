"""Runs on MicroPython: real updates into a littlefs in RAM, with the power cut at every operation.

    micropython tests/factory/update_device.py FOLDER [EVERY] [NESTED]

FOLDER holds key (a modulus), bundles as CBOR: old, new and later, which has the code of old; and
bad/*, bundles that are none for us, the file's name saying what has to come of it. The old one is
in slot a as from the factory; if it is for boards that run code in their flash, this is such a one.
"""

import asyncio
import os
import sys

sys.path.insert(0, "")

import vfs

from firmware import slots, update
from protocol import cbor, messages, topics, up  # noqa: F401  the host is unmounted later
from protocol.product import read_product
from protocol.update import STATES, Chunk, Offer, read_head, read_line
from tests.firmware.nor_flash import BLOCK_BYTES, Flash
from tools.bench.device.mapped import Mapped

BLOCKS = 96
ROM_BLOCKS = 4  # of 4 KB, behind those; two for each slot
ROM_AT = BLOCKS * BLOCK_BYTES


class ResetError(Exception):
    """The board restarts."""


class Machine:
    """What is used of a board's own module; no watchdog bites here."""

    def WDT(self, timeout):  # noqa: N802
        pass

    def reset(self):
        raise ResetError


class Partition:
    """The partition "romfs": of the same flash, its blocks larger."""

    TYPE_DATA = 1
    flash = None  # of the board that is on

    def find(self, kind, label):
        return [self]

    def ioctl(self, request, block):
        return ROM_BLOCKS if request == 4 else self.writeblocks(block, b"\xff" * 4096, 0)

    def writeblocks(self, block, data, offset):
        return self.flash._change(ROM_AT + block * 4096 + offset, bytes(data))


class Esp32:
    """What is used of a board's own module."""

    Partition = Partition()


class Older:
    """What finds the slot, as boards have it that were made before code could run in the flash."""

    load, save, keep, whole, digest = slots.load, slots.save, slots.keep, slots.whole, slots.digest
    try_out, clear = slots.try_out, slots.clear


class Bundle:
    def __init__(self, path):
        with open(path, "rb") as file:
            head, signature, self.body = cbor.loads(file.read())
        self.offer = messages.encode(Offer(head, signature))
        self.head = read_head(head) if head else None

    def files(self):
        """(path, content) of all it brings."""
        at = self.head.list_bytes
        yield "files.txt", self.body[:at]
        for line in self.body[:at].decode().splitlines():
            _, size, path = read_line(line)
            yield path, self.body[at : at + size]
            at += size


class Act:
    """What an update asks of the runtime: nobody is there, and no hand."""

    subject = None
    touched_ms = 0

    def __init__(self, hub, version):
        on = {"kind": "switch", "name": "on"}
        self.product = read_product({"product": "lamp", "version": version, "settings": [on]})
        self.updating, self.companion = hub, self

    def uptime_ms(self):
        return 1_000_000


class Hub:
    """Answers what a device asks for, and notes what it says."""

    def __init__(self, bundle):
        self._bundle, self.chunk, self.said, self.fetched = bundle, None, [], 0

    def quiet(self):
        return True

    def send(self, kind, payload):
        said = messages.decode(kind, payload)
        if kind == topics.PROGRESS:
            self.said.append(STATES[said.state])
        else:
            data = self._bundle.body[said.at : said.at + said.count]
            self.fetched += len(data)
            self.chunk = messages.encode(Chunk(said.version, said.at, data))
        return True


class Board:
    """Its flash; in a `with` that is the root, as on a device."""

    def __init__(self, data=None, phase=0):
        self.flash = Flash(BLOCKS, data or bytearray(b"\xff" * (ROM_AT + ROM_BLOCKS * 4096)))
        self.flash.operations = phase
        if data is None:
            self.flash.format()
            with self:
                put("/update.key", KEY)
                put("/slots.json", b'{"good": "a", "trial": null, "left": 0}')
                for path, content in OLD.files():
                    if path == slots.ROM:
                        self.flash.data[ROM_AT : ROM_AT + len(content)] = content
                    else:
                        put("/a/" + path, content)

    def __enter__(self):
        vfs.umount("/")
        self.flash.mount("/")
        os.chdir("/")
        Esp32.Partition.flash = self.flash
        if OLD.head.rom:
            sys.modules["vfs"] = Mapped(memoryview(self.flash.data)[ROM_AT:])
        return self

    def __exit__(self, *_):
        os.chdir("/")
        vfs.umount("/")
        if "/rom" in sys.path:
            vfs.umount("/rom")
            sys.path[:] = [path for path in sys.path if path != "/rom"]  # each start adds it
        vfs.mount(HOST, "/")

    def starts(self, times=1):
        """The versions that so many starts run, each of them whole."""
        with self:
            ran = ""
            for _ in range(times):
                slot = slots.enter()
                assert slots.whole(slot), slot + " is not whole"
                with open("main.py") as file:
                    ran += file.readline()[-2]
                if OLD.head.rom:
                    assert ("new.mpy" in os.listdir("/rom/firmware")) == (ran[-1] == "2"), ran
            return ran

    def take(self, bundle, version=1):
        """Start, and be offered a bundle; (what the device said, bytes fetched)."""
        hub = Hub(bundle)
        with self:
            slots.enter()
            sys.modules["slots"] = slots if OLD.head.rom else Older
            try:  # noqa: SIM105  MicroPython has no contextlib
                asyncio.run(update.Update(Act(hub, version), hub.send).run(bundle.offer))
            except ResetError:
                pass
        return hub.said, hub.fetched


def put(path, content):
    at = path.find("/", 1)
    while at > 0:
        try:  # noqa: SIM105
            os.mkdir(path[:at])
        except OSError:
            pass
        at = path.find("/", at + 1)
    with open(path, "wb") as file:
        file.write(content)


def takes_the_new():
    board = Board()
    assert board.starts() == "1"
    said, fetched = board.take(NEW)
    assert said[-2:] == ["ready", "trial"] and said[0] == "fetching", said
    assert fetched < NEW.head.body_bytes, "what did not change is not fetched"
    assert board.starts(5) == "22211", "a trial that nobody keeps"
    assert board.take(NEW) == (["rolled_back"], 0)
    board = Board()
    said, fetched = board.take(LATER)
    assert said[-1] == "trial" and fetched == LATER.head.list_bytes + len("# 3\n"), fetched
    assert board.starts() == "3"
    board = Board()
    board.take(NEW)
    assert board.starts() == "2"
    with board:
        slots.keep()
    assert board.starts(5) == "22222"
    assert board.take(NEW, 2) == (["done"], 0)
    assert board.take(OLD, 2) == (["refused"], 0)


def refuses_the_bad():
    for name, bundle in BAD:
        board = Board()
        before, operations = bytes(board.flash.data), board.flash.operations
        said, _ = board.take(bundle)
        assert said[-1:] == [name.split("-")[0]], (name, said)
        if said[-1] == "refused":
            assert said == ["refused"] and board.flash.operations == operations, name
            assert bytes(board.flash.data) == before, name
        assert board.starts(2) == "11", name


def cuts(phase, every, data=None):
    """What a cut leaves at each operation of an update, of its trial, and of its being kept."""
    board, images = Board(data, phase), []
    board.flash.every = every
    board.flash.cut = images.append
    board.take(NEW)
    board.starts()
    with board:
        slots.keep()
    return images


def survives(image):
    """Old or new, then the new one after all, and what was not kept is gone again; True if new."""
    board = Board(bytearray(image))
    ran = board.starts()
    assert ran in "12", ran
    if ran == "2":
        rest = board.starts(4)
        assert rest == "2222" or not rest.lstrip("2").strip("1"), rest
        return True
    said, _ = board.take(NEW)
    assert said[-1] == "trial", said
    assert board.starts() == "2"
    with board:
        slots.keep()
    assert board.starts(2) == "22"
    return False


def sweep(every, nested):
    done = again = new = 0
    for phase in range(3):
        images = cuts(phase, every)
        for number, image in enumerate(images):
            new += survives(image)
            done += 1
            if nested and number % nested == phase and Board(bytearray(image)).starts() == "1":
                for second in cuts(number, 7, bytearray(image)):
                    survives(second)
                    again += 1
    return done, again, new


HOST = vfs.VfsPosix(os.getcwd())
sys.modules["machine"] = Machine()
sleep_ms = asyncio.sleep_ms
asyncio.sleep_ms = lambda ms: sleep_ms(0)  # nobody waits here
update.print = lambda *words: None
folder = sys.argv[1]
with open(folder + "/key", "rb") as file:
    KEY = file.read()
OLD, NEW, LATER = [Bundle(folder + "/" + name) for name in ("old", "new", "later")]
BAD = [(name, Bundle(folder + "/bad/" + name)) for name in sorted(os.listdir(folder + "/bad"))]
if OLD.head.rom:
    sys.modules["esp32"] = Esp32
takes_the_new()
refuses_the_bad()
swept = sweep(*[int(word) for word in sys.argv[2:4]])
print("ok: {} bad, {} cuts, {} nested, {} ran the new".format(len(BAD), *swept))  # noqa: T201
