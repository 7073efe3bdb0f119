"""One device as the room shows it: what its console and its outputs say, and its controls."""

import asyncio
import contextlib
from typing import Any

from firmware.recogniser import USUAL_RANGE
from protocol.product import Product
from tools.bench import console
from tools.bench.board import BoardError
from tools.bench.room import ticker
from tools.bench.room.hints import Hints
from tools.bench.room.light import light
from tools.bench.room.plan import Spot
from tools.bench.room.ticker import Ticker
from tools.bench.room.words import plain
from tools.bench.world import BenchDevice

KNOB = (4, 5)
_LONG_MS, _SHORT_MS = 900, 60
_LET_GO_S = 0.1  # between two presses, as a contact needs to settle
_PUMP_PIN, _FULL_CUP_ML, _FULL = 13, 120, 65535
_NEXT = "next"  # the lamp's short press: the knob's next setting

# product -> button -> (pin, ms it is held, what a hand does)
BUTTONS = {
    "lamp": {
        _NEXT: (6, _SHORT_MS, "press the button: the knob is now for {knob}"),
        "off": (6, _LONG_MS, "hold the button: off, or on again"),
    },
    "espresso": {
        "strength": (4, _SHORT_MS, "press Strength"),
        "more": (5, _SHORT_MS, "ask for more"),
        "less": (18, _SHORT_MS, "ask for less"),
        "hotter": (19, _SHORT_MS, "ask for hotter"),
        "cooler": (21, _SHORT_MS, "ask for cooler"),
        "brew": (22, _SHORT_MS, "press Brew"),
    },
}


class Appliance:
    """names: {subject (hex, as this device calls people): name}."""

    def __init__(
        self,
        device: BenchDevice,
        spot: Spot,
        product: Product,
        names: dict[str, str],
        said: Ticker,
        hints: Hints,
    ) -> None:
        self.device, self.spot, self.product = device, spot, product
        self.who: str | None = None
        self.how = ""
        self.why = ""
        self.wifi = True
        self._names, self._said, self._hints = names, said, hints
        self._codes: dict[int, int] = {}
        self._knob = self._turned = 0
        self._cup_ml = self._cups = 0
        self._faint_since_ms: int | None = None
        self._finger = asyncio.Lock()
        for line in list(device.board.lines):
            self._heard(line, aloud=False)
        device.board.on_line = lambda line: self._heard(line)
        device.board.on_output = lambda pin, duty: said.changed()

    @property
    def on(self) -> bool:
        return self.device.board.alive

    @property
    def controls(self) -> tuple[str, ...]:
        """What hands find on it."""
        knobs = ("knob",) if self.product.name == "lamp" else ()
        return (*BUTTONS[self.product.name], *knobs)

    # What hands do

    def turn(self, detents: int) -> None:
        key = f"turn {self.spot.id}"
        self._turned = detents + (self._turned if self._said.recent(key) else 0)
        steps = "a step" if abs(self._turned) == 1 else f"{abs(self._turned)} steps"
        way = "up" if self._turned >= 0 else "down"
        self._said.say(ticker.HAND, f"You turn the {self._name} {steps} {way}.", key)
        if self.on:
            self._hints.turned(self.spot.id, self.who)
        self.device.board.turn(KNOB, detents)

    async def press(self, button: str) -> None:
        pin, ms, words = BUTTONS[self.product.name][button]
        if button == _NEXT and self.on:
            self._knob = (self._knob + 1) % len(self.product.settings)
        knob = self.product.settings[self._knob].name
        self._said.say(ticker.HAND, f"{self.spot.title}: you {words.format(knob=knob)}.")
        async with self._finger:
            await self.device.board.press(pin, ms)
            await self._let_go()
        if button == "brew" and self.on:
            self._cup_ml = self.device.board.pwm.get(_PUMP_PIN, 0) * _FULL_CUP_ML // _FULL
            self._cups += 1
            self._said.changed()

    async def _let_go(self) -> None:
        """Returns when the device has done what the press is for, however busy this machine is."""
        with contextlib.suppress(BoardError):  # off, or unplugged meanwhile
            await self.device.board.skip(0)  # it has seen the contact open
            await asyncio.sleep(_LET_GO_S)
            await self.device.board.skip(0)  # and that it stays open

    async def power(self, on: bool) -> None:
        if on == self.on:
            return
        if on:
            await self.device.start()
            self._said.say(ticker.WIRE, f"The {self._name} has power again and starts.")
            self._hints.powered()
            return
        await self.device.board.cut_power()
        self.who, self.how, self.why, self._codes, self._knob = None, "", "", {}, 0
        self._said.say(ticker.WIRE, f"The {self._name} is unplugged.")

    async def join(self, on: bool) -> None:
        self.wifi = on
        await self.device.board.wifi(on)
        state = "has Wi-Fi again" if on else "has lost its Wi-Fi; it goes on by itself"
        self._said.say(ticker.WIRE, f"The {self._name} {state}.")

    # What is shown

    def snapshot(self, now_ms: int, told_why: str, online: bool) -> dict[str, Any]:
        """told_why: the hub's sentence, for a device that does not say it itself."""
        return {
            "id": self.spot.id,
            "title": self.spot.title,
            "product": self.product.name,
            "x": self.spot.x_cm,
            "y": self.spot.y_cm,
            "stand": self.spot.stand,
            "power": self.on,
            "wifi": self.wifi,
            "online": online,
            "who": self.who,
            "how": self.how,
            "thought": self._thought(),
            "why": plain(self.why or told_why) if self.who else "",
            "leaving": self._leaving(now_ms),
            "settings": [self._setting(i) for i in sorted(self._codes)] if self.on else [],
            "knob": self._knob,
            "light": light(self.device.board.pwm if self.on else {}),
            "cup": {"ml": self._cup_ml, "count": self._cups},
        }

    def shown(self, index: int) -> str:
        """A setting as the device applies it, with its unit; "" while it has not said so."""
        return self._setting(index)["shown"] if index in self._codes else ""

    @property
    def _name(self) -> str:
        return self.spot.title.lower()

    def _setting(self, index: int) -> dict[str, Any]:
        setting, code = self.product.settings[index], self._codes[index]
        value: Any = setting.show(code)  # type: ignore[attr-defined]
        ends = {"low": 0, "high": 1, "at": code}
        if setting.kind == "number":
            ends = {"low": setting.low, "high": setting.high, "at": value}  # type: ignore[attr-defined]
        elif setting.kind == "colour":
            palette = list(setting.palette)  # type: ignore[attr-defined]
            at = palette.index(code) if code in palette else 0
            ends = {"low": 0, "high": len(palette) - 1, "at": at}
        unit = getattr(setting, "unit", "") or ""
        name, shown = setting.name.replace("_", " "), f"{value} {unit}".strip()
        swatch = shown if setting.kind == "colour" else None
        return {"name": name, "shown": shown, "plain": plain(shown), "swatch": swatch} | ends

    def _thought(self) -> str:
        if not self.on:
            return "No power."
        if self.who is None:
            return "Nobody I know is here."
        return f"{self.who}, sure." if self.how == console.SURE else f"{self.who}, I think."

    def _leaving(self, now_ms: int) -> int | None:
        """Seconds until the device is sure that who was here has left; None if they have not."""
        air = self.device.world.air
        if self.who is None or not self.on:
            self._faint_since_ms = None
            return None
        if round(air.rssi_dbm(self.who, self.spot.id)) >= USUAL_RANGE.exit_dBm:
            self._faint_since_ms = None
            return None
        if self._faint_since_ms is None:
            self._faint_since_ms = now_ms
        wait_ms = (
            USUAL_RANGE.weak_ms if air.reaches(self.who, self.spot.id) else USUAL_RANGE.silent_ms
        )
        return max(0, -(-(self._faint_since_ms + wait_ms - now_ms) // 1000))

    # What the console says

    def _heard(self, line: str, aloud: bool = True) -> None:
        told = console.read(line)
        if isinstance(told, console.Sees):
            self._sees(told)
        elif isinstance(told, console.Sets):
            self._sets(told, aloud)

    def _sees(self, told: console.Sees) -> None:
        who = self._names.get(told.subject, "somebody")
        name = f"The {self._name}"
        if told.how == console.AWAY or not told.subject:
            self.who, self.how, self.why = None, "", ""
            self._said.say(ticker.AIR, f"{name} is sure that {who} has left.")
        elif told.how == console.NEAR:
            self.who, self.how, self.why = who, told.how, ""
            self._said.say(ticker.AIR, f"{name} hears {who}'s phone close by.")
        else:
            self.who, self.how = who, told.how
            self._said.say(ticker.AIR, f"{name} is sure that it is {who}.")
        self._hints.saw(self.spot.id, who, told.how)

    def _sets(self, told: console.Sets, aloud: bool) -> None:
        known = {i: c for i, c in told.codes.items() if i < len(self.product.settings)}
        moved = [index for index, code in known.items() if self._codes.get(index) != code]
        self._codes |= known
        self.why = told.why or self.why
        if not aloud or not moved:
            return
        shown = ", ".join(f"{(s := self._setting(i))['name']} {s['shown']}" for i in moved)
        self._said.say(
            ticker.DEVICE, f"The {self._name} sets {shown}.", f"sets {self.spot.id} {moved}"
        )
