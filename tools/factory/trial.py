"""A product lives a day on the bench: real firmware, radio, broker, hub, and somebody it knows."""

import json
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from protocol.product import Product, read_product
from protocol.schema import GUARDED
from tools.bench.air import Air
from tools.bench.console import Console
from tools.bench.wait import WaitError, until
from tools.bench.world import BenchDevice, Person, World
from tools.factory.errors import FactoryError
from tools.factory.layout import build_files

Told = Callable[[str, str], None]
Codes = tuple[int, ...]


class TrialError(FactoryError):
    """The product did not do what it should; the text says what."""


async def trial(folder: Path, told: Told = lambda what, outcome: None) -> None:
    """Play the day; told(what happens, what came of it) after each step. TrialError if one fails.

    folder: absolute, with product.json and driver.py.
    """
    described = json.loads((folder / "product.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="rapport-", ignore_cleanup_errors=True) as made:
        world = World(Path(made), air=Air(seed=1), interval_ms=None, products=folder.parent)
        async with world:
            day = _Day(world, folder, read_product(described))
            try:
                async for what, outcome in day.steps():
                    told(what, outcome)
            except WaitError as error:
                raise TrialError(f"{error}{day.tail()}") from None


class _Day:
    def __init__(self, world: World, folder: Path, product: Product) -> None:
        self._world, self._folder, self._product = world, folder, product
        self._console = Console()
        self._lines: list[str] = []
        self._start: Codes = tuple(setting.start for setting in product.settings)

    async def steps(self) -> AsyncIterator[tuple[str, str]]:
        device = await self._plugged_in()
        yield "It is plugged in", f"nobody is there: {self._shown(self._start)}"
        ana = await self._world.person("Ana")
        await self._world.link(ana, device)
        await self._comes(ana, device, self._start)
        await self._goes(ana, device)
        yield "Ana comes for the first time", "recognised, and nothing is known of her wishes"
        wanted = await self._wished(ana, device)
        yield "Support sets it for her from afar", self._shown(wanted)
        await self._comes(ana, device, wanted)
        yield "She comes again", f"it does so; pins: {self._pins(device)}"
        await self._goes(ana, device)
        yield "She leaves", self._shown(self._start)
        await device.board.cut_power()
        await device.start()
        await self._world.caught_up(device)
        await self._comes(ana, device, wanted)
        yield "The plug is pulled and put back; she returns", self._shown(wanted)

    def tail(self) -> str:
        """The last that the device said."""
        return "".join(f"\n  | {line}" for line in self._lines[-12:])

    async def _plugged_in(self) -> BenchDevice:
        name = self._product.name
        device = await self._world.device("one", name, files=build_files(self._folder))
        for line in list(device.board.lines):
            self._hear(line)
        device.board.on_line = self._hear
        await self._until_set("at the start", self._start)
        return device

    async def _comes(self, ana: Person, device: BenchDevice, codes: Codes) -> None:
        await ana.come(device, self._console)
        await self._until_set("for Ana", codes)

    async def _goes(self, ana: Person, device: BenchDevice) -> None:
        await ana.leave(device, self._console)
        await self._until_set("for nobody", self._start)

    async def _wished(self, ana: Person, device: BenchDevice) -> Codes:
        """Wish for something else in every setting that may be had from afar."""
        codes = list(self._start)
        for index, setting in enumerate(self._product.settings):
            if setting.cost != GUARDED:
                codes[index] = _other(setting)
                value = setting.show(codes[index])
                profiles = self._world.hub.parts.profiles
                assert ana.customer
                profiles.wish(ana.customer, self._product.name, setting.name, value, by="Sam")
        await self._world.caught_up(device)
        return tuple(codes)

    async def _until_set(self, when: str, codes: Codes) -> None:
        what = f"{self._product.title} is set to {self._shown(codes)} {when}"
        await until(what, lambda: self._console.codes == codes)

    def _hear(self, line: str) -> None:
        self._lines.append(line)
        self._console.take(line)

    def _shown(self, codes: Codes) -> str:
        pairs = zip(self._product.settings, codes, strict=True)
        return ", ".join(f"{s.name} {s.show(code)} {s.unit}".rstrip() for s, code in pairs)

    def _pins(self, device: BenchDevice) -> str:
        pwm = sorted(device.board.pwm.items())
        return ", ".join(f"{pin} at {duty * 100 // 65535} %" for pin, duty in pwm) or "none is set"


def _other(setting: Any) -> int:
    """A code that is not the one it starts with."""
    return setting.low if setting.start == setting.high else setting.high
