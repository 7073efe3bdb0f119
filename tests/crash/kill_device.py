"""kill -9 of a device's interpreter, on its flash image, in the middle of live traffic.

    python -m tests.crash.kill_device 20

The device is the real firmware under a main.py of ours, in which its customer states one value
after the other, as in a session, and every event is printed before it goes to flash, and when it is
there. The hub is the real one.
"""

import asyncio
import contextlib
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

from hub.devices.device import Device
from hub.draft import Draft
from hub.past.use import read_use
from hub.people.customer import Customer
from protocol import events
from protocol.errors import ProtocolError
from protocol.events import Event, decode_event
from tools.bench.world import World
from tools.factory.layout import MAIN, build_files

_LAMP = "lamp"
_ACCEPTED_EACH = 12  # events between two kills, about
_MAIN = b"""
import asyncio
from binascii import hexlify
from firmware import runtime
from firmware.journal import Journal

append, flush, unflushed = Journal.append, Journal.flush, []

def noted(self, payload):
    print("tried", hexlify(payload).decode())
    unflushed.append(payload)
    return append(self, payload)

def flushed(self):
    flush(self)
    while unflushed:
        print("accepted", hexlify(unflushed.pop(0)).decode())

Journal.append, Journal.flush = noted, flushed

async def talk(device):
    code = 0
    while True:
        for subject in device.people.subjects:
            code = (code + 5) % 100
            device.carry_out(device.companion.said(0, code, device.prove(subject)))
        await asyncio.sleep_ms(5)

class Talking(runtime.Runtime):
    async def run(self, *others):
        asyncio.create_task(talk(self))
        await super().run(*others)

runtime.Runtime = Talking
from firmware.start import start
start()
"""


class Ordeal:
    def __init__(self, world: World, seed: int) -> None:
        self._world, self._random = world, Random(seed)
        self._tried: dict[bytes, Event] = {}
        self._accepted: dict[bytes, Event] = {}
        self._news = asyncio.Event()

    async def run(self, kills: int) -> Counter[str]:
        files = build_files(_LAMP) | {MAIN: _MAIN}
        lamp = await self._world.device("lamp-1", _LAMP, files=files)
        lamp.board.on_line = self._line
        ana = await self._world.person("Ana")
        await self._world.link(ana, lamp)
        for _ in range(kills):
            await self._more(1 + self._random.randrange(2 * _ACCEPTED_EACH))
            await asyncio.sleep(self._random.random() * 0.02)
            await lamp.board.cut_power()
            await lamp.start()
        await self._more(1)
        await lamp.board.cut_power()
        await lamp.board.update({MAIN: build_files(_LAMP)[MAIN]})
        await lamp.start()  # and now it only tells
        await self._world.patiently("the hub has heard all", lambda: not self._unheard())
        assert ana.customer
        return self._count(kills, ana.customer)

    async def _more(self, count: int) -> None:
        """So many further events are in flash."""
        wanted = len(self._accepted) + count
        while len(self._accepted) < wanted:
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), 60)

    def _line(self, line: str) -> None:
        word, _, payload = line.partition(" ")
        if word not in ("tried", "accepted"):
            return
        with contextlib.suppress(ProtocolError, ValueError):  # cut off, by a kill
            event = decode_event(bytes.fromhex(payload))
            (self._tried if word == "tried" else self._accepted)[event.uid] = event
            self._news.set()

    def _unheard(self) -> list[bytes]:
        device = Device(self._draft(), "lamp-1")
        return [uid for uid in self._accepted if device.first_time(uid)]

    def _heard(self) -> list[Event]:
        device = Device(self._draft(), "lamp-1")
        return [event for uid, event in self._tried.items() if not device.first_time(uid)]

    def _count(self, kills: int, customer: str) -> Counter[str]:
        """Each event that was heard was tried, and each word in it counted once."""
        heard, person = self._heard(), Customer(self._draft(), customer)
        stated = sum(event.kind == events.STATED for event in heard)
        counted = read_use(person.use_of(_LAMP), person.generation).ledger.stated
        tally = Counter(device_kills=kills, points=len(self._accepted))
        tally["lost"] = len(self._unheard()) + max(stated - counted, 0)
        tally["twice"] = max(counted - stated, 0)
        tally["phantom"] = Device(self._draft(), "lamp-1").state["heard"] - len(heard)
        return tally

    def _draft(self) -> Draft:
        return Draft(self._world.hub.parts.store)


async def endure(folder: Path, kills: int, seed: int = 1) -> Counter[str]:
    async with World(folder, interval_ms=None) as world:
        return await Ordeal(world, seed).run(kills)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="rapport-") as folder:
        tally = asyncio.run(endure(Path(folder), int(sys.argv[1])))
    print(json.dumps(tally))  # noqa: T201
