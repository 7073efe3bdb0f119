"""The MicroPython half of test_session_frames.py: frames of every kind into real sessions.

    micropython device_frames.py FRAMES SEED FOLDER     -> "frames N sessions N answers N drift N"

Some who connect know nothing, some repeat and spoil what they heard, some are at home and send
nonsense well sealed. The radio is not there; everything behind it is the firmware.
"""

import asyncio
import gc
import sys

from firmware.connection import Connection
from firmware.doorstep import Doorstep
from firmware.hands import Button
from firmware.runtime import Runtime
from protocol import cbor, gatt, session
from protocol.messages import USER, Keys
from protocol.product import read_product

_ANA = b"ana-ana-"
_TODAY = 700
_PAUSE_MS = 1_200_000  # between two who connect: nobody waits behind a closed door
_LOOKS = 12
_WARM = 600  # sessions before the heap is looked at: by then what is bounded is full


class _Chance:
    def __init__(self, seed):
        self._state = seed * 2654435761 + 1 & 0xFFFFFFFF

    def below(self, limit):
        self._state = (self._state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (self._state >> 8) % limit

    def bytes(self, count):
        return bytes([self.below(256) for _ in range(count)])


class _Driver:
    def __init__(self, act):
        self.hands = []  # such as a Button, which is loaded on every product
        self.asked = Button.asked

    def apply(self, codes):
        pass

    def on(self):
        return False


class _Radio:
    """Keeps what the device says; hangs up when it is told to."""

    table, seeking = {}, False

    def __init__(self):
        self.said, self.connection = [], None

    def notify(self, handle, fragment):
        self.said.append(bytes(fragment))

    def disconnect(self, handle):
        self.connection.up = False
        self.connection.changed.set()


class _Line:
    """To a hub that does not answer."""

    def publish(self, topic, payload):
        return True


class _NoLabel:
    class NVS:
        def __init__(self, namespace):
            pass

        def get_blob(self, name, buffer):
            raise OSError(-4354)


class _Idle:
    async def let_go(self):
        pass


class _Attack:
    def __init__(self, seed, folder):
        self._chance = _Chance(seed)
        described = {"kind": "number", "name": "light", "low": 0, "high": 100, "step": 5}
        product = read_product({"product": "lamp", "settings": [described]})
        self._device = Runtime("lamp-1", product, _Driver, folder)
        self._device._link, self._device._radio = _Line(), _Radio()
        self._device.updating = _Idle()
        self._now_ms = 0
        self._device.uptime_ms = lambda: self._now_ms
        self._door = Doorstep(self._device)
        self._hint, self._chain = bytes(range(16)), bytes(range(32))
        keys = Keys(10, [], self._hint, self._chain, _TODAY, (USER, 1 << 23))
        self._device.people.welcome(_ANA, keys)
        self._heard = b""  # an M1 that was right
        self.frames = self.sessions = self.answers = 0

    def alone(self):
        """Nobody is here, and nothing can be undone: what is held then is held for ever."""
        device = self._device
        device.recognised(device.recogniser.forget(_ANA))
        device.carry_out(device.companion.forgotten(_ANA, device.now()))
        gc.collect()
        return gc.mem_free()

    async def connect(self):
        """One who connects, says some frames, and is gone."""
        self._now_ms += _PAUSE_MS
        self.sessions += 1
        radio = _Radio()
        link = radio.connection = Connection(radio, 1)
        link.mtu = (23, 185, 247)[self._chance.below(3)]
        serving = asyncio.create_task(self._door.session(link))
        await (self._stranger, self._eavesdropper, self._at_home)[self._chance.below(3)](
            link, radio
        )
        link.close()
        await serving
        self.answers += len(radio.said)
        journal = self._device.journal
        journal.ack(journal.next - 1, journal.chain)  # the hub has it: else it fills up, at last

    async def _write(self, link, fragment):
        self.frames += 1
        link.written(fragment)
        link.changed.set()
        for _ in range(4):
            await asyncio.sleep_ms(0)

    async def _say(self, link, message):
        for fragment in gatt.fragments(message, link.mtu):
            await self._write(link, fragment)

    async def _stranger(self, link, radio):
        for _ in range(1 + self._chance.below(20)):
            await self._write(link, self._chance.bytes(self._chance.below(40)))

    async def _eavesdropper(self, link, radio):
        await self._say(link, self._spoilt(self._heard or self._chance.bytes(27)))
        await self._say(link, self._spoilt(b"\x30" + self._chance.bytes(16)))
        for _ in range(self._chance.below(6)):
            await self._say(link, b"\x41" + self._chance.bytes(2 + self._chance.below(30)))

    async def _at_home(self, link, radio):
        known = session.Credential(_ANA, self._hint, self._chain, _TODAY)
        who = session.Carrier(known, self._device.pairwise, _TODAY, self._chance.bytes)
        self._heard = who.hello()
        await self._say(link, self._heard)
        m2 = None
        for _ in range(200):
            ear = gatt.Reassembler()
            for fragment in radio.said:
                m2 = ear.feed(fragment)
            if m2:
                break
            await asyncio.sleep_ms(1)
        m3 = who.answer(m2 or b"")
        assert m3, "the device does not know its own people any more"
        await self._say(link, m3)
        for _ in range(1 + self._chance.below(12)):
            kind = self._chance.below(8) if self._chance.below(4) else self._chance.below(64)
            if kind == session.LEAVE:
                continue
            sealed = who.records.seal(kind, self._nonsense())
            await self._say(link, sealed if self._chance.below(8) else self._spoilt(sealed))
            await asyncio.sleep_ms(1)

    def _nonsense(self):
        chance = self._chance
        choice = chance.below(4)
        if choice == 0:
            return chance.bytes(chance.below(60))
        if choice == 1:
            return cbor.dumps([chance.below(3), chance.below(140) - 20])
        if choice == 2:
            return cbor.dumps([chance.below(1 << 20), {}, None, [b"", "", -1]])
        return cbor.dumps({0: chance.below(9), "a": [True, chance.bytes(9)]})

    def _spoilt(self, message):
        spoilt = bytearray(message)
        if spoilt and self._chance.below(4):
            spoilt[self._chance.below(len(spoilt))] ^= 1 << self._chance.below(8)
        return bytes(
            spoilt[: self._chance.below(len(spoilt) + 1)] if self._chance.below(8) == 0 else spoilt
        )


async def _free(attack):
    """The most of several looks: what still lies on the stack is taken for used (MicroPython's
    collector is conservative), each time something else."""
    most = 0
    for _ in range(_LOOKS):
        await attack.connect()
        most = max(most, attack.alone())
    return most


async def _run(attack, frames):
    while attack.sessions < _WARM:
        await attack.connect()
    before = await _free(attack)
    while attack.frames < frames:
        await attack.connect()
        gc.collect()
    return before - await _free(attack)


sys.modules["esp32"] = _NoLabel
made = _Attack(int(sys.argv[2]), sys.argv[3])
drift = asyncio.run(_run(made, int(sys.argv[1])))
said = (made.frames, made.sessions, made.answers, drift)
print("frames %d sessions %d answers %d drift %d" % said)  # noqa: T201, UP031
