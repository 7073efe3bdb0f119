"""Somebody is erased, wherever they were: no byte of them is left, and others notice nothing.

The whole thing as it is shipped: hub with TinyDB and its own broker, two lamps in a real
MicroPython with flash images of their own, a phone on the virtual radio.
"""

import base64
import io
import os
from pathlib import Path
from typing import Any

import littlefs

from hub.access.signing import check
from hub.config import Settings
from hub.engines import open_store
from hub.office import Office
from hub.people.directory import Directory
from hub.privacy.erasure import finish
from hub.restore import restore
from hub.start import now_ms
from hub.store import Store
from hub.store.backup import snapshot
from hub.store.tiny import TinyStore
from protocol import presence, session
from tools.bench.console import Console
from tools.bench.world import BenchDevice, Person, World

KNOB = (4, 5)
NAME, EMAIL = "Anastasia Quince", "quince@example.org"
BLOCK = 4096
KNOWN = "u"  # what the name of such a file begins with; keys are renewed all the time


class Evening:
    """Ana and Ben with two lamps; Ana is erased while one of them is without a network."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.consoles: dict[str, Console] = {}
        self.backup = b""

    async def begin(self) -> None:
        world = self.world
        self.near = await self._lamp("lamp-1", 0)
        self.far = await self._lamp("lamp-2", 5_000)
        self.ana, self.ben = await world.person(NAME), await world.person("Ben")
        self.profiles = world.hub.parts.profiles
        for person in (self.ana, self.ben):
            await world.link(person, self.near, self.far)

    async def live(self) -> None:
        """Both use a lamp; Ana is asked something of, says yes and no, and is backed up."""
        for person in (self.ana, self.ben):
            await self._visit(person)
        parts, ana = self.world.hub.parts, self.ana.customer
        assert ana
        parts.profiles.wish(
            ana, "lamp", "brightness", 35, by="Sam", reason=f"{NAME}, {EMAIL}, called"
        )
        parts.consents.say(ana, "cohort", True, NAME)
        parts.access.invite(ana)
        for lamp in (self.near, self.far):
            await self.world.caught_up(lamp)
        assert isinstance(parts.store, TinyStore)
        self.backup = b"".join(snapshot(parts.store))

    async def _lamp(self, name: str, x_cm: float) -> BenchDevice:
        lamp = await self.world.device(name, "lamp", x_cm=x_cm)
        console = self.consoles[name] = Console()
        lamp.board.on_line = console.take
        return lamp

    async def _visit(self, person: Person) -> None:
        console = self.consoles[self.near.name]
        await person.come(self.near, console)
        self.near.board.turn(KNOB, -5)
        await self.near.board.skip(3_000)
        await person.leave(self.near, console)
        await self.world.caught_up(self.near)

    def online(self, lamp: str) -> bool:
        return bool(self.profiles.device(lamp)["online"])

    def of_ben(self) -> list[dict[str, bytes]]:
        found = [self.known(lamp, self.ben) for lamp in (self.near, self.far)]
        assert all(len(files) == 2 for files in found), "keys, and what is known"
        return [{name: files[name] for name in files if name[0] == KNOWN} for files in found]

    def known(self, lamp: BenchDevice, person: Person) -> dict[str, bytes]:
        """What of somebody is in the files of a lamp's flash."""
        assert person.customer
        share = self.profiles.credential(person.customer)["devices"][lamp.name]
        content = lamp.board.image_path.read_bytes()
        flash = littlefs.LittleFS(block_size=BLOCK, block_count=len(content) // BLOCK, mount=False)
        flash.context.buffer = bytearray(content)
        flash.mount()
        found = {}
        for name in flash.listdir("/memory"):
            if share["subject"] in name:
                with flash.open(f"/memory/{name}", "rb") as file:
                    found[name] = file.read()
        return found


def needles(world: World, person: Person) -> dict[str, bytes]:
    """Everything by which somebody could be found, as it may stand in a file."""
    assert person.customer
    credential = world.hub.parts.profiles.credential(person.customer)
    master, now_s = bytes.fromhex(credential["master"]), world.now_s()
    secrets = {"master": master}
    secrets |= {f"period {n}": key for n, key in presence.period_keys(master, now_s)}
    for device, share in credential["devices"].items():
        ticket = bytes.fromhex(share["ticket"])
        secrets |= {f"subject at {device}": bytes.fromhex(share["subject"])}
        secrets |= {f"ticket at {device}": ticket}
        secrets |= {f"hint at {device}": session.hint_key(ticket)}
        secrets |= {f"chain at {device}": session.first_chain_key(ticket)}
    found = {"name": NAME.encode(), "e-mail": EMAIL.encode(), "id": person.customer.encode()}
    for what, raw in secrets.items():
        found |= {what: raw, f"{what}, hex": raw.hex().encode()}
        found |= {f"{what}, base64": base64.b64encode(raw).rstrip(b"=")[:-1]}
    return found


def hits(folder: Path, wanted: dict[str, bytes]) -> list[str]:
    """Where in the files below a folder they stand, names of files included."""
    found = []
    for path in sorted(folder.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        content += path.name.encode()
        found += [
            f"{path.relative_to(folder)}: {what}" for what in wanted if wanted[what] in content
        ]
    return found


def inside(store: Store, wanted: dict[str, bytes]) -> list[str]:
    """The same in what an open store holds: all tables of all vaults, unsealed."""
    found = []
    for name in store.vaults():
        tables: Any = store._vaults.get(name).storage.read() or {}  # type: ignore[attr-defined]
        text = repr(tables).encode()
        found += [f"{name}: {what}" for what in wanted if wanted[what] in text]
    return found


def states(receipt: dict[str, Any]) -> dict[str, str]:
    return {copy["device"]: copy["state"] for copy in receipt["copies"] if "device" in copy}


def brought_back(folder: Path, backup: bytes) -> Store:
    """The store as the backup has it, in the place of the present one; opened."""
    settings = Settings(data=folder / "hub")

    def opened(at: Path) -> TinyStore:
        return open_store(settings, at)

    restore(io.BytesIO(backup), settings.data / "store", opened, now_ms())
    return open_store(settings)


async def test_whoever_is_erased_is_nowhere_and_the_receipt_says_so(tmp_path: Path):
    async with World(tmp_path / "world", interval_ms=None) as world:
        evening = Evening(world)
        await evening.begin()
        await evening.live()
        near, far, parts = evening.near, evening.far, world.hub.parts
        wanted = needles(world, evening.ana)
        assert {found.partition(": ")[0] for found in hits(world.folder, wanted)} == {
            "devices/lamp-1.flash",
            "devices/lamp-2.flash",
        }, "what the hub keeps is sealed; what devices keep is not"
        bens = evening.of_ben()
        await far.board.wifi(False)
        await world.patiently("lamp-2 is gone", lambda: not evening.online("lamp-2"))

        assert evening.ana.customer
        receipt = parts.erasures.begin(evening.ana.customer, NAME)
        await world.caught_up(near)
        shown = parts.erasures.receipt(receipt)
        assert (shown["state"], states(shown)) == (
            "open",
            {"lamp-1": "erased", "lamp-2": "waiting"},
        )
        await world.skip(hours=24 * 20)
        await far.board.wifi(True)
        await world.caught_up(far)
        shown = parts.erasures.receipt(receipt)
        assert (shown["state"], set(states(shown).values())) == ("closed", {"erased"})
        assert check(shown) == parts.erasures.key()["fingerprint"]
        assert not [what for what in wanted if wanted[what] in repr(shown).encode()]
        assert evening.of_ben() == bens, "what lamps know of others is as it was"
        # the number that a device is told to forget, nobody's by now, in case its flash turns older
        tombstones = {f"device/{name}: subject at {name}, hex" for name in ("lamp-1", "lamp-2")}
        assert set(inside(parts.store, wanted)) <= tombstones
    assert not hits(world.folder, wanted)
    store = brought_back(world.folder, evening.backup)
    finish(Office(store, {}, now_ms, os.urandom), Directory(store))
    assert set(inside(store, wanted)) <= tombstones
    store.close()
    assert not hits(world.folder, wanted)
