"""The room as a whole: what is shown of it, what may be done in it, and who watches.

room = Room(world)                # a world that is furnished (plan.furnish)
await room.run()                  # follows the hub until cancelled
room.snapshot()
async for text in room.views():   # JSON, whenever something has changed
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import orjson

from tools.bench.room import passing, people, plan, ticker
from tools.bench.room.appliance import Appliance
from tools.bench.room.hints import Hints
from tools.bench.room.memory import HubMemory
from tools.bench.room.people import Inhabitant
from tools.bench.room.ticker import Ticker
from tools.bench.world import World

_PAUSE_S = 0.1  # between two views: ten a second
_LOOK_S = 1.0  # even when nothing said that it changed: countdowns, the clock
_QUIET_LOOKS = 15  # then a sign of life, so that a page that is gone is noticed
_NIGHT = (21, 7)  # hours


class RefusedError(Exception):
    """What a visitor asked cannot be done now; the text says why."""


class Room:
    def __init__(self, world: World) -> None:
        self._world = world
        self._zone = world.hub.parts.zone
        self._watching: set[asyncio.Event] = set()
        self._closed = False
        self._step = asyncio.Lock()  # power, hub and time: one after the other
        self._said = Ticker(world.now_ms, self.changed)
        self._hints = Hints()
        titles = {spot.id: spot.title for spot in plan.SPOTS}
        self._memory = HubMemory(world, titles, self._said)
        self.devices = {spot.id: self._appliance(spot) for spot in plan.SPOTS}
        self.people = {
            guest.name: Inhabitant(world, world.people[guest.name], guest.home)
            for guest in plan.GUESTS
        }
        self._said.say(ticker.TIME, "Everybody is outside. Drag Ana to a lamp.")

    async def run(self) -> None:
        await self._memory.run(self.changed)

    # What a visitor may do

    def walk(self, who: str, x_cm: float, y_cm: float) -> None:
        person = self._person(who)
        before = {device for device in self.devices if person.heard(device) == people.NEAR}
        person.walk(x_cm, y_cm)
        if not person.known:
            self._notice_stranger(person, before)
        self.changed()

    def turn(self, device: str, detents: int) -> None:
        self._device(device, "knob").turn(detents)

    async def press(self, device: str, button: str) -> None:
        await self._device(device, button).press(button)

    async def power(self, device: str, on: bool) -> None:
        async with self._step:
            await self._device(device).power(on)

    async def wifi(self, device: str, on: bool) -> None:
        await self._device(device).join(on)

    async def hub(self, on: bool) -> None:
        async with self._step:
            if on == self._world.hub.on:
                return
            if on:
                await self._world.hub.start()
                self._said.say(ticker.WIRE, "The hub is back; devices tell it what it missed.")
                return
            await self._world.hub.stop()
            self._said.say(ticker.WIRE, "The hub is off. Nobody in the room should notice.")

    async def let_pass(self, what: str) -> None:
        async with self._step:
            if what == passing.MORNING:
                await self._sleep()
                return
            minutes = {passing.MINUTES: 2, passing.HOUR: 60}[what]
            await passing.pass_time(self._world, minutes * 60)
            passed = "Two minutes" if what == passing.MINUTES else "An hour"
            self._said.say(ticker.TIME, f"{passed} pass.".replace("hour pass.", "hour passes."))

    def desk(self) -> str:
        """A link to the hub's own pages that works once."""
        if not self._world.hub.on:
            raise RefusedError("The hub is off, and its desk with it. Switch the hub on first.")
        return f"{self._world.hub.url}/start/{self._world.hub.parts.access.link()}"

    # Who watches

    def changed(self) -> None:
        for event in self._watching:
            event.set()

    def close(self) -> None:
        """End every view, now and later."""
        self._closed = True
        self.changed()

    async def views(self) -> AsyncIterator[bytes]:
        """The snapshot as JSON at first and whenever it differs; b"" now and then if not."""
        event = asyncio.Event()
        self._watching.add(event)
        last, quiet = b"", 0
        try:
            while not self._closed:
                event.clear()
                view = orjson.dumps(self.snapshot())
                quiet = 0 if view != last else quiet + 1
                if view != last or quiet % _QUIET_LOOKS == 0:
                    yield b"" if view == last else view
                last = view
                await asyncio.sleep(_PAUSE_S)
                await _first(event, _LOOK_S)
        finally:
            self._watching.discard(event)

    def snapshot(self) -> dict[str, Any]:
        """Everything the page shows."""
        at = datetime.fromtimestamp(self._world.now_s(), self._zone)
        return {
            "clock": f"{at:%A}, {at:%H:%M}",
            "night": at.hour >= _NIGHT[0] or at.hour < _NIGHT[1],
            "busy": self._step.locked(),
            "hub": self._world.hub.on,
            "circle": people.CIRCLE_CM,
            "devices": [self._shown(device) for device in self.devices.values()],
            "people": [
                person.snapshot(list(self.devices), self._memory.of(name))
                for name, person in self.people.items()
            ],
            "ticker": self._said.entries(),
            "hints": self._hints.shown(),
        }

    # Below: how

    def _appliance(self, spot: plan.Spot) -> Appliance:
        parts, names = self._world.hub.parts, {}
        for name, person in self._world.people.items():
            if person.customer:
                shares = parts.profiles.credential(person.customer)["devices"]
                names[shares[spot.id]["subject"]] = name
        product = parts.products[spot.product]
        device = self._world.devices[spot.id]
        return Appliance(device, spot, product, names, self._said, self._hints)

    def _shown(self, device: Appliance) -> dict[str, Any]:
        shown = {s.name: device.shown(i) for i, s in enumerate(device.product.settings)}
        why = self._memory.why(device.who, device.product.name, shown)
        online = self._memory.online(device.spot.id)
        return device.snapshot(int(time.monotonic() * 1000) + self._world.skipped_ms, why, online)

    def _notice_stranger(self, person: Inhabitant, before: set[str]) -> None:
        for name, device in self.devices.items():
            if device.on and name not in before and person.heard(name) == people.NEAR:
                title = device.spot.title.lower()
                text = f"The {title} hears a phone it cannot place, and leaves it at that."
                self._said.say(ticker.AIR, text)

    async def _sleep(self) -> None:
        """Everybody goes home, and it is morning."""
        for person in self.people.values():
            person.go_home()
        await passing.pass_time(self._world, 120)
        await self._world.skip(seconds=passing.until_morning_s(self._world.now_s(), self._zone))
        self._said.say(ticker.TIME, "Everybody went home and slept. It is seven in the morning.")

    def _person(self, name: str) -> Inhabitant:
        if name not in self.people:
            raise RefusedError(f"Nobody here is called {name}.")
        return self.people[name]

    def _device(self, name: str, control: str = "") -> Appliance:
        """The device of this id; RefusedError if there is none, or none with this control."""
        if name not in self.devices:
            raise RefusedError(f"There is no device called {name}.")
        device = self.devices[name]
        if control and control not in device.controls:
            raise RefusedError(f"The {device.spot.title.lower()} has no {control}.")
        return device


async def _first(event: asyncio.Event, timeout_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):  # wait_for of 3.11 may miss a cancel
            await event.wait()
