"""A small world: devices that run the real firmware, people with phones, one hub, one time.

async with World(folder) as world:
    lamp = await world.device("lamp-1", "lamp", x_cm=0)
    ana = await world.person("Ana")
    await world.link(ana, lamp)
    await ana.walk_to(lamp)
    lamp.turn(KNOB, -5)
    await world.skip(hours=8)
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hub.config import Settings
from hub.link.certificates import Certificates
from protocol import claim
from tools.bench.air import Air
from tools.bench.board import Board, build_files
from tools.bench.hub import BenchHub
from tools.bench.person import Person
from tools.bench.phone import INTERVAL_MS
from tools.bench.radio import Radio
from tools.bench.wait import WAIT_S, WaitError, until
from tools.bench.wifi import AccessPoint

__all__ = ["BenchDevice", "Person", "WaitError", "World", "until"]

BROKER_PORT = 0  # any free one
_NUDGE_S, _NUDGE_MS = 2.0, 5_000
_KEYS_LAST_MS = 5 * 86_400_000  # a device holds keys for a week; renewed well before


class World:
    """interval_ms: of every phone's adverts; None: phones speak only when told (for replays).

    products: a folder of products of your own, beside those in firmware/products.
    """

    def __init__(
        self,
        folder: Path,
        *,
        air: Air | None = None,
        interval_ms: int | None = INTERVAL_MS,
        hub_port: int = 0,
        timezone: str = "UTC",
        products: Path | None = None,
    ) -> None:
        self.folder, self.air = folder, air or Air()
        self.radio = Radio(self.air)
        self.interval_ms = interval_ms
        self.devices: dict[str, BenchDevice] = {}
        self.people: dict[str, Person] = {}
        self.skipped_ms = 0
        self.hub = BenchHub(
            _settings(folder / "hub", hub_port, timezone, products),
            self.now_ms,
        )
        self._keys_ms = 0

    async def __aenter__(self) -> "World":
        self.folder.mkdir(parents=True, exist_ok=True)
        await self.radio.start()
        await self.hub.start()
        self._keys_ms = self.now_ms()
        return self

    async def __aexit__(self, *error: object) -> None:
        for person in self.people.values():
            await person.close()
        for device in self.devices.values():
            await device.close()
        await self.hub.stop()
        await self.radio.stop()

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.skipped_ms

    def now_s(self) -> int:
        return self.now_ms() // 1000

    async def skip(self, *, hours: float = 0, seconds: float = 0, ms: int = 0) -> None:
        """Let time pass for the hub, for people and for every device that has power."""
        await self._pass(ms + int(hours * 3_600_000 + seconds * 1000))
        if self.now_ms() - self._keys_ms > _KEYS_LAST_MS and self.hub.on:
            await self._renew_keys()

    async def _pass(self, ms: int) -> None:
        self.skipped_ms += ms
        for person in self.people.values():
            person.refresh()
        boards = [device.board for device in self.devices.values() if device.board.alive]
        await asyncio.gather(*[board.skip(ms) for board in boards])

    async def device(
        self, name: str, product: str, *, x_cm: float = 0, y_cm: float = 0, **made: Any
    ) -> "BenchDevice":
        """Make, register and switch on a device; made: further arguments of BenchDevice."""
        self.hub.parts.profiles.register(name, product)
        broker = self.hub.parts.broker
        assert broker
        await broker.admit(self.hub.parts.profiles.device_names())
        device = BenchDevice(self, name, product, **made)
        self.devices[name] = device
        device.place(x_cm, y_cm)
        await device.start()
        return device

    async def person(self, name: str, *, known: bool = True) -> Person:
        """Somebody with a phone, far away yet; a customer of the hub unless known is False."""
        customer = self.hub.parts.profiles.welcome(name) if known else None
        person = Person(self, name, customer)
        self.people[name] = person
        await person.start()
        return person

    async def link(self, person: Person, *devices: "BenchDevice") -> None:
        """Let devices know a person; returns when it is in their flash."""
        assert person.customer
        for device in devices:
            self.hub.parts.profiles.link(person.customer, device.name)
        person.enrol()
        for device in devices:
            await self.caught_up(device)

    async def caught_up(self, device: "BenchDevice", timeout_s: float = WAIT_S) -> None:
        """Wait until hub and device have nothing more to tell each other."""
        what = f"{device.name} and the hub agree"
        await self.patiently(what, lambda: self._agrees(device.name), timeout_s)

    async def patiently(
        self, what: str, happened: Callable[[], Any], timeout_s: float = WAIT_S
    ) -> Any:
        """Wait for something at the hub; pauses before a lost line is made again are skipped."""
        for _ in range(int(timeout_s / _NUDGE_S)):
            with contextlib.suppress(WaitError):
                return await until(what, happened, _NUDGE_S)
            await self._pass(_NUDGE_MS)
        return await until(what, happened, _NUDGE_S)

    async def until_hub_says(self, person: Person, setting: str, value: Any) -> None:
        """Wait until the hub's profile of a person has this value."""

        def says() -> bool:
            assert person.customer
            lines = self.hub.parts.profiles.about(person.customer)["settings"]
            return any((s["setting"], s["value"]) == (setting, value) for s in lines)

        await self.patiently(f"the hub says {setting} {value} for {person.name}", says)

    def _agrees(self, name: str) -> bool:
        state = self.hub.parts.profiles.device(name)
        return bool(state["online"]) and not state["waiting"]

    async def _renew_keys(self) -> None:
        self._keys_ms = self.now_ms()
        parts = self.hub.parts
        names = parts.profiles.device_names()
        for first in range(0, len(names), 50):
            parts.profiles.refresh_keys(names[first : first + 50])
        for device in self.devices.values():
            if device.board.alive and device.point.on:
                await self.caught_up(device)


class BenchDevice:
    """A board, its place and its Wi-Fi."""

    def __init__(
        self,
        world: World,
        name: str,
        product: str,
        *,
        files: dict[str, bytes] | None = None,
        code: str = "",
        **made: Any,
    ) -> None:
        """code: what is on its label, if it has one; made: further arguments of Board."""
        self.world, self.name, self.product = world, name, product
        broker: Any = world.hub.parts.broker
        self.point = AccessPoint("127.0.0.1", broker.port)
        self._files = files if files is not None else build_files(product)
        self._made, self._code = made, code
        self._board: Board | None = None
        self.x_cm = self.y_cm = 0.0

    @property
    def board(self) -> Board:
        assert self._board, "not started"
        return self._board

    def place(self, x_cm: float, y_cm: float) -> None:
        self.x_cm, self.y_cm = x_cm, y_cm
        self.world.air.place(self.name, x_cm, y_cm)

    async def start(self) -> None:
        if self._board is None:
            await self.point.start()
            folder = self.world.folder / "devices"
            self._board = Board(
                self.world.radio, folder, self.name, self._files, self._identity(),
                point=self.point, **self._made,
            )  # fmt: skip
        await self.board.start()

    async def close(self) -> None:
        if self._board:
            await self._board.stop()
        await self.point.stop()

    def _identity(self) -> dict[str, bytes]:
        identity = Certificates(self.world.folder / "hub" / "certificates").device(self.name)
        return {
            "id": self.name.encode(),
            "product": self.product.encode(),
            "key": identity.key_der,
            "cert": identity.certificate_der,
            "ca": identity.ca_der,
            "broker": f"127.0.0.1:{self.point.port}".encode(),
            "wifi": b"bench\0secret",
            **({"claim": claim.secret(self.name, self._code)} if self._code else {}),
        }


def _settings(data: Path, port: int, timezone: str, products: Path | None) -> Settings:
    settings = Settings(data=data, port=port, broker_port=BROKER_PORT, timezone=timezone)
    if products is None:
        return settings
    return settings.model_copy(update={"products": [*settings.products, products]})
