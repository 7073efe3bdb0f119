"""The hub of a simulated fleet: the real one, in a process of its own, with its own broker.

site = Site(folder, devices)
people = site.settle()               # registers devices, each with its customer; {device: subject}
await site.start()
site.usage()                         # what hub and broker have taken so far
site.stop()
site.count(made)                     # (lost, twice), by what is in its store
"""

import multiprocessing
import os
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from hub.api.parts import Parts
from hub.config import Settings
from hub.devices.device import Device
from hub.draft import Draft
from hub.link.ports import free_port
from hub.office import Office
from hub.past.use import read_use
from hub.people.customer import Customer
from hub.profiles import Profiles
from hub.start import build
from tools.bench.processor import alone_s
from tools.bench.wait import until
from tools.bench.workers import run_worker
from tools.fleet.crew import Made
from tools.fleet.device import Kind

PRODUCT = "lamp"

_AT_ONCE = 50  # devices in one commit, when they are registered
_STARTED_S, _STOPPED_S = 300.0, 60.0
_FORKS = multiprocessing.get_context("forkserver")


class Usage(NamedTuple):
    """Processor time so far, and memory."""

    hub_cpu_s: float
    broker_cpu_s: float
    hub_kb: int
    broker_kb: int


class Site:
    def __init__(self, folder: Path, devices: int) -> None:
        self.names = [f"lamp-{number + 1:06d}" for number in range(devices)]
        self.certificates = folder / "hub" / "certificates"
        self.port = free_port()
        self._folder = folder / "hub"
        self._values: dict[str, Any] = {
            "data": self._folder, "port": free_port(), "broker_port": self.port
        }  # fmt: skip
        self._customers: dict[str, str] = {}
        self._hub: Any = None

    def settle(self, track: Callable[[Iterable[Any], str], Iterable[Any]]) -> dict[str, bytes]:
        """Registers the devices, each with a customer of its own; {device: subject}."""
        parts, people = build(Settings(**self._values)), {}
        try:
            firsts = range(0, len(self.names), _AT_ONCE)
            for first in track(firsts, "registering devices"):
                people |= self._register(parts, self.names[first : first + _AT_ONCE])
        finally:
            _close(parts)
        return people

    @property
    def kind(self) -> Kind:
        from hub import products

        made = products.load(Settings(**self._values).products)[PRODUCT]
        return Kind(made.name, made.version)

    async def start(self) -> None:
        """Returns once devices are let in and heard."""
        _FORKS.set_forkserver_preload(["hub.start"])
        self._hub = _FORKS.Process(target=run_worker, args=(self._values,))
        self._hub.start()
        await until("the hub is ready", self._ready, _STARTED_S)

    def usage(self) -> Usage:
        """Linux only: /proc/PID/stat and status."""
        hub = self._hub.pid
        broker = int((self._folder / "broker" / "nats.pid").read_text())
        return Usage(alone_s(hub), alone_s(broker), _kb(hub), _kb(broker))

    def all_folded(self) -> bool:
        """Is all that the hub has taken in folded too?"""
        inbox = self._folder / "store" / "inbox"
        return not inbox.with_name("inbox.old").exists() and (
            not inbox.exists() or not inbox.stat().st_size
        )

    def stop(self) -> None:
        if self._hub is None:
            return
        self._hub.terminate()
        self._hub.join(_STOPPED_S)
        if self._hub.is_alive():
            self._hub.kill()
            self._hub.join()
        self._hub.close()
        self._hub = None

    def count(self, made: Made) -> tuple[int, int]:
        """(lost, twice): events that devices recorded beside those that count in the store."""
        parts, lost, twice = build(Settings(**self._values)), 0, 0
        try:
            parts.intake.settle()
            draft = Draft(parts.store)
            for name, recorded in made.recorded.items():
                heard = Device(draft, name).state["heard"]
                use = read_use(Customer(draft, self._customers[name]).use_of(PRODUCT), 1)
                apart = heard - recorded, use.visits - made.visits[name]
                lost += max(0, *(-one for one in apart))
                twice += max(0, *apart)
        finally:
            _close(parts)
        return lost, twice

    def _register(self, parts: Parts, names: list[str]) -> dict[str, bytes]:
        office = _AtOnce(parts.store, parts.products, parts.clock, os.urandom)
        profiles, people = Profiles(office), {}
        for name in names:
            profiles.register(name, PRODUCT)
            self._customers[name] = customer = profiles.welcome(f"Of {name}")
            profiles.link(customer, name)
            share = Customer(office.together, customer).devices[name]
            people[name] = bytes.fromhex(share["subject"])
        office.together.keep()
        return people

    def _ready(self) -> bool:
        if not self._hub.is_alive():
            raise RuntimeError("the hub of the fleet does not start")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._values['port']}/ready") as answer:
                return answer.status == 200
        except OSError:
            return False


class _Together(Draft):
    """Of many acts; kept once."""

    def commit(self) -> None:
        pass

    def keep(self) -> None:
        super().commit()


class _AtOnce(Office):
    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.together = _Together(self.store)

    def draft(self) -> Draft:
        return self.together


def _close(parts: Parts) -> None:
    parts.audit.close()
    parts.store.close()


def _kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
