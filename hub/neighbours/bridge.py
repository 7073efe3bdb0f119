"""Keeps Home Assistant in homes told of their devices, and takes what it asks for as wishes.

    await tell(homes, profiles, audit, changed)          # until it is cancelled

Nothing of a device is retained at a home's broker: Home Assistant says when it begins, and then all
is said again; when the hub goes, its last will makes everything unavailable. Settings are shown
only while the one whom the file names is an owner of the device, and the audit says so to them.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import orjson

from hub.access.audit import Audit
from hub.access.audit_log import AuditError
from hub.access.who import OPERATOR, Who
from hub.changes import Change, Changes
from hub.errors import AskedError
from hub.neighbours.home_assistant import ROOT, Look, command, entities, state
from hub.neighbours.home_link import HomeLink
from hub.neighbours.homes import Home
from hub.profiles import Profiles
from hub.store import StoreError
from protocol.errors import ProtocolError

_log = logging.getLogger(__name__)

BY = "Home Assistant"
_LOOK_S = 60.0  # without news: what holds changes with the time of day, too
_SETTLE_S = 3.0  # until Home Assistant listens to what it has read of
_LONGEST_VALUE = 100


async def tell(homes: Sequence[Home], profiles: Profiles, audit: Audit, changed: Changes) -> None:
    """One listener for all homes; each has a connection that comes back by itself."""
    if not homes:
        return
    async with AsyncExitStack() as stack:
        bridges = [_Bridge(home, profiles, audit) for home in homes]
        for bridge in bridges:
            stack.push_async_callback(bridge.close)
            bridge.open()
        with changed.listening(_LOOK_S) as news:
            async for change in news:
                for bridge in bridges:
                    bridge.hear(change)


class _Bridge:
    """One home."""

    def __init__(self, home: Home, profiles: Profiles, audit: Audit) -> None:
        self._home, self._profiles, self._audit = home, profiles, audit
        self._said: dict[str, bytes] = {}  # at a topic, since it began there
        self._noted = set[tuple[str, str]]()  # devices and owners that the audit knows of
        self._later: asyncio.TimerHandle | None = None
        self._link = HomeLink(home, self._begin, self._heard)
        self.open = self._link.open

    async def close(self) -> None:
        if self._later:
            self._later.cancel()
        await self._link.close()

    def hear(self, change: Change | None) -> None:
        """Something changed, or for None: perhaps something did."""
        for device, owner in self._home.devices.items():
            if change in (("device", device), ("customer", owner)):
                self._say(device)
            elif change is None:
                self._say_again(device)

    def _begin(self) -> None:
        """Say everything, again."""
        self._said.clear()
        for device in self._home.devices:
            self._say(device)

    def _heard(self, topic: str, payload: bytes) -> None:
        try:
            device, setting = command(topic)
            self._wish(device, setting, payload)
        except (AskedError, ProtocolError, StoreError, ValueError) as error:
            _log.warning("the home %s asked for what cannot be: %s", self._home.name, error)
            return
        self._say_again(device)

    def _wish(self, device: str, setting: str, payload: bytes) -> None:
        owner = self._owner(device)
        if owner is None:
            raise ValueError("it shows nobody's settings of this device")
        if len(payload) > _LONGEST_VALUE:
            raise ValueError(f"a value of {len(payload)} bytes")
        product, text = self._profiles.device(device)["product"], payload.decode()
        whole = text.removesuffix(".0")  # numbers of Home Assistant may be 60.0
        self._profiles.wish(owner, product, setting, whole, BY, own=True)

    def _owner(self, device: str) -> str | None:
        """Whose settings are shown; None where they are not an owner of it, or no more."""
        owner = self._home.devices.get(device)
        if owner is None:
            return None
        try:
            linked = {one["id"]: one["role"] for one in self._profiles.about(owner)["devices"]}
            if linked.get(device) != "owner":
                return None
            self._note(device, owner)
        except AskedError:
            return None
        except (AuditError, StoreError) as error:
            _log.error("settings are not shown to the home %s: %s", self._home.name, error)
            return None
        return owner

    def _note(self, device: str, owner: str) -> None:
        if (device, owner) in self._noted:
            return
        who = Who(OPERATOR, f"home {self._home.name}")
        self._audit.write(who, "showed settings at home", owner)
        self._noted.add((device, owner))

    def _say_again(self, device: str) -> None:
        """What stands, also where nothing changed."""
        self._said.pop(f"{ROOT}/{device}/state", None)
        self._say(device)

    def _say(self, device: str) -> None:
        """What Home Assistant does not know yet of a device."""
        try:
            wanted = self._wanted(device)
        except StoreError as error:
            _log.error("the home %s is not told of %s: %s", self._home.name, device, error)
            return
        gone = [t for t in self._said if t not in wanted and t.split("/")[-3:-2] == [device]]
        for topic in gone:
            self._link.say(topic, b"")
            del self._said[topic]
        new = {topic: one for topic, one in wanted.items() if self._said.get(topic) != one}
        for topic, payload in new.items():
            if self._link.say(topic, payload):
                self._said[topic] = payload
        if any(topic.endswith("/config") for topic in new):  # it listens only after it has read it
            if self._later:
                self._later.cancel()
            self._later = asyncio.get_running_loop().call_later(_SETTLE_S, self._settle)

    def _settle(self) -> None:
        for device in self._home.devices:
            self._say_again(device)

    def _wanted(self, device: str) -> dict[str, bytes]:
        """{topic: payload}: the documents, and then what stands; nothing for an unknown device."""
        try:
            known = self._profiles.device(device)
            product = self._profiles.products[known["product"]]
            owner = self._owner(device)
            shown = self._settings(owner, product.name) if owner else []
        except (AskedError, KeyError):
            return {}
        look = Look(device, known["title"], product, owner is not None, self._home.prefix)
        documents = {topic: orjson.dumps(one) for topic, one in entities(look).items()}
        return documents | {look.state: state(known["online"], known["totals"], shown)}

    def _settings(self, owner: str, product: str) -> list[tuple[str, Any]]:
        lines = self._profiles.about(owner)["settings"]
        return [(one["setting"], one["value"]) for one in lines if one["product"] == product]
