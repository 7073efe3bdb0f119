"""A person's phone or tag on the air: says who it is, over and over.

phone = Phone(air, "anna", presence_advert(identifier, mask))
await phone.switch_on()
phone.move(50, 0)
await phone.advertise_now()
await phone.switch_off()
"""

import asyncio
import contextlib
from random import Random

from bumble import hci
from bumble.device import Device

from tools.bench.air import JITTER_S, Air, put_on_air
from tools.bench.antenna import Advert, Antenna

INTERVAL_MS = 1030  # 1022.5 ms is what phones use in the background; tags choose about the same


class Phone:
    """Advertises `data` (at most 31 bytes) every interval_ms while it is on.

    interval_ms=None advertises only when told (`advertise_now`). `device` is a bumble Device, so
    that the same phone can connect (see central.Central); RuntimeError while it is off.
    """

    def __init__(
        self,
        air: Air,
        name: str,
        data: bytes,
        *,
        address: str | None = None,
        interval_ms: int | None = INTERVAL_MS,
    ) -> None:
        self.name, self.data, self.interval_ms = name, data, interval_ms
        self._air = air
        self._chance = Random(name)
        self.address = hci.Address(address or self._some_address())
        self._radio: tuple[Device, Antenna] | None = None
        self._beacon: asyncio.Task[None] | None = None

    @property
    def device(self) -> Device:
        return self._parts()[0]

    async def switch_on(self) -> None:
        if self._radio:
            return
        self._radio = put_on_air(self._air, self.name, str(self.address))
        await self.device.power_on()
        if self.interval_ms is not None:
            self._beacon = asyncio.create_task(self._advertise())

    async def switch_off(self) -> None:
        if not self._radio:
            return
        if self._beacon:
            self._beacon.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._beacon
            self._beacon = None
        device, antenna = self._radio
        await device.power_off()
        self._air.vanish(antenna)
        self._radio = None

    def move(self, x_cm: float, y_cm: float) -> None:
        self._air.place(self.name, x_cm, y_cm)

    def change(self, data: bytes, address: str | None = None) -> None:
        """New advert and new address in the same instant, so that nothing links old to new."""
        self.data, self.address = data, hci.Address(address or self._some_address())

    async def advertise_now(self, times: int = 1) -> None:
        """Send adverts without waiting for the interval; they are on their way on return."""
        _, antenna = self._parts()
        for _ in range(times):
            self._air.transmit(antenna, Advert(self.address, self.data))
            await asyncio.sleep(0)

    async def _advertise(self) -> None:
        assert self.interval_ms is not None
        await asyncio.sleep(self._chance.uniform(0, self.interval_ms / 1000))
        while True:
            await self.advertise_now()
            await asyncio.sleep(self.interval_ms / 1000 + self._chance.uniform(0, JITTER_S))

    def _parts(self) -> tuple[Device, Antenna]:
        if not self._radio:
            raise RuntimeError(f"{self.name} is switched off")
        return self._radio

    def _some_address(self) -> str:
        value = self._chance.randbytes(6)
        value = bytes([value[0] & 0x3F | 0x40]) + value[1:]  # 0b01: resolvable private
        return value.hex(":").upper()
