"""Devices, three NATS nodes, two hub workers and PostgreSQL, each a process; some are killed."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.devices.device import Device
from hub.draft import Draft
from hub.past.use import read_use
from hub.people.customer import Customer
from tests.crash.publisher import Publisher
from tools.bench.balancer import Balancer
from tools.bench.workers import Site

DEVICES, PAUSE_S = 2, 0.05
LONG_S = 100


class Story:
    """Devices, each with a customer who visits it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.people: dict[str, str] = {}  # device -> customer
        self.devices: list[Publisher] = []
        with site.parts() as parts:
            self._lamp = parts.products["lamp"]
            for number in range(DEVICES):
                name = f"lamp-{number + 1}"
                parts.profiles.register(name, "lamp")
                customer = self.people[name] = parts.profiles.welcome(f"Customer {number + 1}")
                parts.profiles.link(customer, name)

    def plug_in(self, folder: Path, port: int) -> None:
        with self.site.parts() as parts:
            for name, customer in self.people.items():
                share = parts.profiles.credential(customer)["devices"][name]
                subject = bytes.fromhex(share["subject"])
                identity = self.site.certificates.device(name)
                self.devices.append(
                    Publisher(name, self._lamp, subject, folder / name, port, identity)
                )

    async def live(self) -> None:
        """Visits at all devices, for ever."""
        while True:
            for device in self.devices:
                device.visit()
            await asyncio.sleep(PAUSE_S)

    async def heard(self) -> None:
        """Until the hub has heard of something new at each device."""
        acks = [device.acks for device in self.devices]
        await self._until(
            lambda: all(d.acks > old for d, old in zip(self.devices, acks, strict=True))
        )

    async def quiet(self) -> None:
        await self._until(lambda: not any(device.journal.waiting() for device in self.devices))

    def count(self) -> tuple[int, int, int]:
        """Visits that devices had accepted; lost of them; counted twice."""
        made = lost = twice = 0
        with self.site.parts() as parts:
            draft = Draft(parts.store)
            for device, (name, customer) in zip(self.devices, self.people.items(), strict=True):
                state = Device(draft, name)
                use = read_use(Customer(draft, customer).use_of("lamp"), 1)
                unheard = sum(state.first_time(uid) for uid in device.accepted)
                made += len(device.accepted)
                lost += max(unheard, len(device.accepted) - use.visits)
                twice += max(use.visits - len(device.accepted), 0)
        return made, lost, twice

    async def _until(self, true: Callable[[], Any]) -> None:
        end = time.monotonic() + LONG_S
        while not true():
            links = "; ".join(f"{device.link}, {device.acks} acks" for device in self.devices)
            assert not self.site.fallen, self.site.said()
            assert time.monotonic() < end, f"waited too long: {links}\n{self.site.said()}"
            await asyncio.sleep(0.01)


@pytest.mark.timeout(400)
def test_nothing_is_lost_and_nothing_counts_twice_when_a_node_and_a_worker_are_killed(
    postgres: Any, tmp_path: Path
):
    async def story() -> tuple[int, int, int]:
        site = Site(tmp_path, postgres.database("cluster"), nodes=3, workers=2)
        told, balancer = Story(site), Balancer(site.cluster.mqtt_ports)
        try:
            await site.start(told.people)
            await balancer.start()
            told.plug_in(tmp_path / "devices", balancer.port)
            living = asyncio.create_task(told.live())
            await told.heard()
            site.cluster.kill(0)  # all devices are on it
            await told.heard()
            site.kill(0)
            await told.heard()
            site.cluster.run(0)
            site.run(0)
            await told.heard()
            site.kill(1)
            await told.heard()
            living.cancel()
            await told.quiet()
        finally:
            for device in told.devices:
                await device.close()
            await balancer.stop()
            site.stop()
        return told.count()

    made, lost, twice = asyncio.run(story())
    assert made > DEVICES
    assert (lost, twice) == (0, 0)
