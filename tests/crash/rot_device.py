"""A device on flash in RAM, and as much of a hub as it takes: for MicroPython, see bit_rot.py."""

import asyncio
import sys

import vfs

from firmware import flash, keeping, runtime, slots
from protocol import chain, messages, topics
from protocol.product import read_product

BLOCK_BYTES, BLOCKS = 512, 96
KEYS = messages.Keys(10, [], bytes(16), bytes(32), 690, None)
HUB_MS = 1790000000000

# one setting: deciding is the larger part of a visit, and has nothing to do with flash
SETTING = {"kind": "number", "name": "light", "low": 0, "high": 9, "start": 5}
LAMP = read_product({"product": "lamp", "settings": [SETTING]})


class Ticks:
    now_ms = 0


def later(ms):
    """Time does not wait for tests: a task goes on at its next turn."""
    yield


runtime.ticks_ms = lambda: Ticks.now_ms
runtime.ticks_diff = lambda a, b: a - b
asyncio.sleep_ms = later
runtime.print = keeping.print = lambda *words: None  # it says what it does, thousands of times
printed = []  # by flash.py: it only speaks when it formats
flash.print = lambda *words: printed.append(words)


class ResetError(Exception):
    """The device begins again."""


class Machine:
    """All that a device wants of its board here."""

    @staticmethod
    def reset():
        raise ResetError


sys.modules["machine"] = Machine


class Idle:
    """Collects nothing at every tick: there is one device after the other here, in a large heap."""

    @staticmethod
    def collect():
        pass


runtime.gc = Idle


class Flash:
    """A block device in RAM, as littlefs wants it."""

    def __init__(self, data=None):
        self.data = data or bytearray(b"\xff" * (BLOCKS * BLOCK_BYTES))
        self._view = memoryview(self.data)

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK_BYTES + offset
        buffer[:] = self._view[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        at = block * BLOCK_BYTES + offset
        self._view[at : at + len(buffer)] = buffer

    def ioctl(self, operation, block):
        if operation == 4:
            return BLOCKS
        if operation == 5:
            return BLOCK_BYTES
        if operation == 6:
            at = block * BLOCK_BYTES
            self.data[at : at + BLOCK_BYTES] = b"\xff" * BLOCK_BYTES
        return 0


class Hub:
    """As much of a hub as tells whether it heard everything: numbers, digests, uids, notices."""

    def __init__(self, other=None):
        self.stream = other.stream if other else None
        self.upto, self.chain = (other.upto, other.chain) if other else (0, 0)
        self.heard_of = dict(other.heard_of) if other else {}  # payload of each event by its uid
        self.notices = 0

    def hear(self, kind, payload):
        """The answer to a message, (kind, payload), or None."""
        if kind == topics.HELLO:
            return self._hello(messages.decode(kind, payload))
        if kind == topics.EVENTS:
            return self._events(messages.decode(kind, payload))
        return None

    def _hello(self, hello):
        self._new(hello.stream)
        answer = messages.Welcome(
            self.stream, hello.boot, self.upto, self.chain, HUB_MS + Ticks.now_ms, 720, None, None
        )
        return topics.WELCOME, messages.encode(answer)

    def _events(self, said):
        if said.first == 1:
            self._new(said.stream)
        for number, (kind, payload) in enumerate(said.records, said.first):
            if said.stream == self.stream and number == self.upto + 1:
                self.upto, self.chain = number, chain.link(self.chain, number, kind, payload)
                self._record(kind, payload)
        return topics.ACK, messages.encode(messages.Ack(said.stream, self.upto, self.chain))

    def _record(self, kind, payload):
        if kind == chain.GAP:
            self.notices += 1
        else:
            self.heard_of[bytes(payload)] = True

    def _new(self, stream):
        if stream == self.stream:
            return
        self.notices += self.stream is not None
        self.stream, self.upto, self.chain = stream, 0, chain.start(stream)


class Driver:
    hands = ()

    def __init__(self, act):
        self.codes = ()

    def apply(self, codes):
        self.codes = tuple(codes)

    def on(self):
        return False


class Device:
    """A runtime on a flash; `hub` hears it while `line` is up."""

    def __init__(self, flash_, hub):
        self.hub, self.line, self._said = hub, True, []
        sys.modules["slots"] = slots  # on a board it lies at the root of its flash
        self.runtime = flash.begin(
            flash_, lambda folder: runtime.Runtime("lamp-1", LAMP, Driver, folder)
        )
        self.runtime._link = self.runtime._radio = self
        self._tick = self.runtime._tick()

    def publish(self, topic, payload, retain=False):
        if self.line:
            self._said.append((topics.parse(topic)[2], payload))
        return self.line

    def join(self):
        """Say hello, and exchange until there is nothing more to say."""
        self.line = True
        self.runtime.joined()
        for _ in range(60):
            if not self._said and not self.runtime.journal.waiting():
                return
            said, self._said = self._said, []
            for kind, payload in said:
                self._answer(self.hub.hear(kind, payload))
            self.pass_ms(0 if self._said else 5000)
        raise AssertionError("they never stop talking")

    def _answer(self, answer):
        if answer:
            self.runtime.told(topics.down("lamp-1", answer[0]), answer[1])

    def introduce(self, revision, subject):
        """The hub says whom to know."""
        person = messages.Person(
            revision, revision - 1, subject, 1, KEYS, [], {}, [], None, None, None, None
        )
        self._answer((topics.PERSON, messages.encode(person)))

    def visit(self, subject):
        """Somebody comes, sets something, and goes: two events."""
        for _ in range(3):
            self.runtime.heard(subject, -50)
        self.runtime.turn(0, 1 if self.runtime.driver.codes[0] < 5 else -1)
        self.pass_ms(2000)
        self.pass_ms(120000)

    def pass_ms(self, ms):
        Ticks.now_ms += ms
        self._tick.send(None)

    def off(self):
        self._tick.close()
        self.runtime.journal.close()
        vfs.umount("/data")
