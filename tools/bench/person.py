"""Somebody on the bench: walks, carries a phone, speaks with devices."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from bumble.device import Device as BumbleDevice

from tools.bench.bleak_backend import BumbleClient, BumbleScanner, Central
from tools.bench.console import Console
from tools.bench.phone import Phone
from tools.bench.wait import until
from tools.companion import Companion

if TYPE_CHECKING:  # a world makes people; they only live in it
    from tools.bench.world import BenchDevice, World

NEAR_CM = 80
FAR_CM = 2_000
WEAK_CM = 1_300  # heard, but too weakly to be near
_ADVERTISE_S = 0.01
_STAY_MS = 20_000  # who goes sooner only passed
_STEP_MS, _MOST_STEPS = 6_000, 6  # in which a person leaves; ten weak seconds are enough


class Person:
    """Somebody with a phone in their pocket. customer: their id at the hub, None for a stranger."""

    def __init__(self, world: "World", name: str, customer: str | None) -> None:
        self.world, self.name, self.customer = world, name, customer
        self.x_cm, self.y_cm = float(FAR_CM), float(FAR_CM)
        self.companion: Companion | None = None
        self._step = -1
        self.phone = Phone(world.air, name, b"\x02\x01\x06", interval_ms=world.interval_ms)

    async def start(self) -> None:
        self.place(self.x_cm, self.y_cm)
        if self.customer:
            self.enrol()
        await self.phone.switch_on()

    async def close(self) -> None:
        await self.phone.switch_off()

    def enrol(self) -> None:
        """Fetch from the hub what this person's phone needs."""
        assert self.customer
        credential = self.world.hub.parts.profiles.credential(self.customer)
        self.companion = Companion(credential, BumbleScanner, BumbleClient)
        self._step = -1
        self.refresh()

    def refresh(self) -> None:
        """The advert and the address of this time, both in the same instant."""
        if self.companion is None:
            return
        now_s = self.world.now_s()
        step = self.companion.step(now_s)
        if step != self._step:
            self._step = step
            self.phone.change(self.companion.advert(now_s))

    def place(self, x_cm: float, y_cm: float) -> None:
        self.x_cm, self.y_cm = x_cm, y_cm
        self.phone.move(x_cm, y_cm)

    async def walk_to(self, device: "BenchDevice", distance_cm: float = NEAR_CM) -> None:
        self.refresh()
        self.place(device.x_cm + distance_cm, device.y_cm)

    async def come(self, device: "BenchDevice", console: Console) -> tuple[int, ...]:
        """Walk up, advertising until it is sure who this is; what the device is set to then."""
        await self.walk_to(device)

        async def advertise() -> None:
            while True:
                await self.phone.advertise_now()
                await asyncio.sleep(_ADVERTISE_S)

        advertising = asyncio.create_task(advertise())
        try:
            await until(f"{device.name} recognises {self.name}", lambda: console.sure)
        finally:
            advertising.cancel()
        return console.codes

    async def leave(self, device: "BenchDevice", console: Console) -> tuple[int, ...]:
        """Stay a while, then walk away in simulated time; what it is set to once it has noticed."""
        await self.world.skip(ms=_STAY_MS)
        await self.phone.advertise_now()
        await device.board.skip(0)
        self.place(device.x_cm + WEAK_CM, device.y_cm)
        for _ in range(_MOST_STEPS):
            await self.phone.advertise_now()
            await device.board.skip(0)
            await self.world.skip(ms=_STEP_MS)
            if not console.subject:
                break
        await until(f"{device.name} notices that {self.name} left", lambda: not console.subject)
        await self.walk_away()
        return console.codes

    async def walk_away(self) -> None:
        self.place(FAR_CM, FAR_CM)

    async def connect(self, device: "BenchDevice", talk: Callable[[Any], Awaitable[Any]]) -> Any:
        """Meet a device over GATT and talk; returns what `talk(meeting)` returns."""
        assert self.companion
        central: BumbleDevice = self.phone.device
        Central(central).use()
        found = await self.companion.find_one(device.board.mac)
        async with self.companion.meet(found, self.world.now_s()) as meeting:
            return await talk(meeting)
