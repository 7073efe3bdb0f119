"""What the hub knows of the people in the room, and what it says when that changes."""

import asyncio
from collections.abc import Callable
from typing import Any

from hub.errors import AskedError
from tools.bench.room import ticker
from tools.bench.room.ticker import Ticker
from tools.bench.room.words import plain
from tools.bench.world import World

_LOOK_S = 0.2  # for a hub that is off: whether it is back
_STRENGTH = {"said": 4, "hand": 4, "learned": 3, "carried": 2, "cohort": 1, "default": 0}


class HubMemory:
    """titles: {device id: what people call it}. `run` follows the hub until it is cancelled."""

    def __init__(self, world: World, titles: dict[str, str], said: Ticker) -> None:
        self._world, self._titles, self._said = world, titles, said
        self._known: dict[str, dict[str, Any]] = {}  # name -> Profiles.about
        self._online: dict[str, bool] = {}
        self._newest: dict[str, int] = {}  # name -> id of the newest timeline entry
        self.look(aloud=False)

    async def run(self, changed: Callable[[], None]) -> None:
        while True:
            if not self._world.hub.on:
                await asyncio.sleep(_LOOK_S)
                continue
            self.look()
            with self._world.hub.parts.changed.listening(quiet_s=1.0) as news:
                async for change in news:
                    if change:
                        self.look()
                        changed()
                    if not self._world.hub.on:
                        break
            changed()
            await asyncio.sleep(_LOOK_S)

    def look(self, aloud: bool = True) -> None:
        """Ask the hub again about everybody; aloud: what is new goes to the ticker."""
        if not self._world.hub.on:
            return
        profiles = self._world.hub.parts.profiles
        for device in self._titles:
            self._connected(device, bool(profiles.device(device)["online"]), aloud)
        for name, person in self._world.people.items():
            if not person.customer:
                continue
            try:
                self._known[name] = profiles.about(person.customer)
            except AskedError:  # forgotten at the desk, which is anybody's right
                self._known.pop(name, None)
                continue
            self._tell(name, aloud)

    def online(self, device: str) -> bool:
        """Whether the hub hears this device now."""
        return self._world.hub.on and self._online.get(device, False)

    def of(self, name: str) -> dict[str, Any] | None:
        """{"facts": [{device kind, setting, shown, source, why}], "visits": {..}} or None."""
        known = self._known.get(name)
        if known is None:
            return None
        wanted = ("product", "setting", "shown", "source", "why")
        facts = [
            {key: one[key] for key in wanted}
            for one in known["settings"]
            if one["source"] != "default"
        ]
        for fact in facts:
            fact["setting"] = fact["setting"].replace("_", " ")
            fact["shown"], fact["why"] = plain(fact["shown"]), plain(fact["why"])
        visits = sum(use["visits"] for use in known["use"])
        return {"facts": facts, "visits": visits}

    def why(self, name: str | None, product: str, shown: dict[str, str]) -> str:
        """The hub's best reason for what a device applies; only where it says the same value.

        shown: {setting: value with unit} as the device applies it.
        """
        known = self._known.get(name or "")
        if known is None:
            return ""
        same = [
            one
            for one in known["settings"]
            if one["product"] == product and _same(one, shown.get(one["setting"]))
        ]
        best = max(same, key=lambda one: _STRENGTH.get(one["source"], 0), default=None)
        return best["why"] if best else ""

    def _connected(self, device: str, online: bool, aloud: bool) -> None:
        if self._online.get(device) == online:
            return
        self._online[device] = online
        if aloud:
            state = "is connected to the hub" if online else "is not heard by the hub any more"
            self._said.say(ticker.WIRE, f"The {self._titles[device].lower()} {state}.")

    def _tell(self, name: str, aloud: bool) -> None:
        newest = self._newest.get(name, 0)
        entries = sorted(self._known[name]["timeline"], key=lambda entry: entry["id"])
        for entry in entries:
            if entry["id"] > newest and aloud:
                self._said.say(ticker.HUB, f"The hub notes about {name}: {self._plain(entry)}")
        if entries:
            self._newest[name] = max(newest, entries[-1]["id"])

    def _plain(self, entry: dict[str, Any]) -> str:
        """The hub's sentence with devices called as in the room."""
        text = entry["text"]
        for device, title in self._titles.items():
            text = text.replace(f"at {device}", f"at the {title.lower()}").replace(device, title)
        return text[:1].lower() + text[1:]


def _same(one: dict[str, Any], shown: str | None) -> bool:
    return shown is not None and one["shown"] == shown
