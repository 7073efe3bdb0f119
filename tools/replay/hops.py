"""A panel through every hop: phone, radio, firmware on MicroPython, flash, TLS, broker, hub.

Each row is a visit at its own simulated time: the person walks up, the device applies what it
would, a hand turns the knob where they chose otherwise, they leave, and the visit reaches the hub,
which must then expect of that person exactly what the device would do.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from protocol.product import Product
from tools.bench.console import Console
from tools.bench.panel import FIRST_PIN
from tools.bench.world import BenchDevice, Person, World, until
from tools.factory.layout import build_files
from tools.replay.panel import Panel, Visit
from tools.replay.score import Score, differs

MOST_PEOPLE = 16  # that one device knows
_APART_CM = 20_000  # nobody hears what happens at the next device
_DRIVER = Path(__file__).parents[1] / "bench" / "panel" / "driver.py"
_WEEK_MS = 7 * 86_400_000


class MismatchError(Exception):
    """Device and hub do not agree on a person: a defect, never a matter of data."""


async def replay(
    panel: Panel, product: Product, folder: Path, done: Callable[[Visit], None]
) -> Score:
    """Play every visit; done(visit) after each. Returns the score."""
    score = Score(product)
    products = folder / "products"
    files = _files(panel, products / "panel")
    world = World(folder, interval_ms=None, products=products)
    world.skipped_ms = _to_time_of(panel.visits[0], world.now_ms())
    shift_ms = world.now_ms() - panel.visits[0].time_s * 1000
    async with world:
        stage = await _Stage.set(world, panel, product, files)
        for visit in panel.visits:
            wait_ms = visit.time_s * 1000 + shift_ms - world.now_ms()
            if wait_ms > 0:
                await world.skip(ms=wait_ms)
            await stage.play(visit, score)
            done(visit)
    return score


def _to_time_of(first: Visit, now_ms: int) -> int:
    """How far to skip for the same weekday and time of day as the first visit's."""
    return (first.time_s * 1000 - now_ms) % _WEEK_MS


class _Stage:
    """The people of a panel and the devices they use, sixteen people a device."""

    def __init__(self, world: World, product: Product) -> None:
        self._world, self._product = world, product
        self._parts: dict[str, tuple[Person, BenchDevice, Console]] = {}
        self._visits: dict[str, int] = {}

    @classmethod
    async def set(
        cls, world: World, panel: Panel, product: Product, files: dict[str, bytes]
    ) -> "_Stage":
        stage = cls(world, product)
        for first in range(0, len(panel.people), MOST_PEOPLE):
            number = first // MOST_PEOPLE + 1
            place_cm = number * _APART_CM
            device = await world.device(f"panel-{number}", "panel", files=files, x_cm=place_cm)
            console = Console()
            device.board.on_line = console.take
            for name in panel.people[first : first + MOST_PEOPLE]:
                person = await world.person(name)
                await world.link(person, device)
                stage._parts[name] = (person, device, console)
        return stage

    async def play(self, visit: Visit, score: Score) -> None:
        person, device, console = self._parts[visit.person]
        expected = self._expected(person)
        await person.come(device, console)
        applied = dict(zip(expected, console.codes, strict=True))
        if applied != expected:
            raise MismatchError(f"{person.name}: hub expects {expected}, device does {applied}")
        score.take(visit, applied)
        await self._correct(visit, device, console)
        await self._leave(person, device, console)

    async def _correct(self, visit: Visit, device: BenchDevice, console: Console) -> None:
        for index, setting in enumerate(self._product.settings):
            if setting.name not in visit.choices:
                continue
            wanted = setting.parse(visit.choices[setting.name])
            if not differs(setting, console.codes[index], wanted):
                continue
            pins = (FIRST_PIN + 2 * index, FIRST_PIN + 2 * index + 1)
            device.board.turn(pins, setting.rung(wanted) - setting.rung(console.codes[index]))
            await until(
                f"{device.name} sets {setting.name} to {wanted}",
                lambda index=index, wanted=wanted: console.codes[index] == wanted,
            )

    async def _leave(self, person: Person, device: BenchDevice, console: Console) -> None:
        await person.leave(device, console)
        count = self._visits[person.name] = self._visits.get(person.name, 0) + 1
        await self._world.patiently(
            f"the hub has visit {count} of {person.name}",
            lambda: self._known_visits(person) == count,
        )

    def _known_visits(self, person: Person) -> int:
        use = self._about(person)["use"]
        return use[0]["visits"] if use else 0

    def _expected(self, person: Person) -> dict[str, int]:
        """What the hub says that the device will do: setting name -> code."""
        settings = {setting.name: setting for setting in self._product.settings}
        lines = self._about(person)["settings"]
        return {line["setting"]: settings[line["setting"]].parse(line["value"]) for line in lines}

    def _about(self, person: Person) -> dict:
        assert person.customer
        return self._world.hub.parts.profiles.about(person.customer)


def _files(panel: Panel, product: Path) -> dict[str, bytes]:
    """What is flashed: the firmware, with the panel as its product."""
    product.mkdir(parents=True)
    shutil.copy(_DRIVER, product)
    (product / "product.json").write_text(json.dumps(panel.definition), encoding="utf-8")
    return build_files(product)
