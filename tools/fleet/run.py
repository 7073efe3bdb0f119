"""A simulated fleet on one hub: comes up, lives, is cut off as one, and comes back as a storm.

report = await play(folder, Course(devices=100, live_s=30), track)

Each device is the firmware's exchange with the hub (firmware/sync.py) on a line of its own, by
mutual TLS to the hub's own broker; people behave as tools/fleet/behaviour.py says. Hub, broker and
devices are processes of their own on one machine, which they share.
"""

import asyncio
import contextlib
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from tools.fleet.crew import Cut, Join, Live, Made, Plan, Tally, run_crew
from tools.fleet.limits import allow
from tools.fleet.site import Site, Usage
from tools.measure.result import MeasureError, Track

_MOST_EACH = 2_500  # devices in a process
_LOOK_S = 0.2
_LONG_S = 1_800.0
_FORKS = multiprocessing.get_context("forkserver")


class FleetError(MeasureError):
    """It did not come so far; the text says what was waited for."""


class Course(NamedTuple):
    """What happens. every_s: between two visits to a device, on average."""

    devices: int
    live_s: float = 60.0
    every_s: float = 60.0
    storm_s: float = 60.0
    seed: int = 1


class Report(NamedTuple):
    """came_s, storm_s: from the first connection to agreement with all; cpu: of the steady load."""

    came_s: float
    events: int
    hub_cpu_us: float
    broker_cpu_us: float
    load: float
    hub_kb: float
    broker_kb: float
    storm_s: float
    storm_hub_cpu_ms: float
    lost: int
    twice: int
    recorded: int
    dropped: int
    streams: int


async def play(folder: Path, course: Course, track: Track) -> Report:
    """Raises MeasureError: too many devices for this machine, or it did not come so far."""
    allow(course.devices)
    site = Site(folder, course.devices)
    people = site.settle(track)
    with _crews(site, folder, people, course.seed) as crews:
        try:
            before = await _begin(site)
            report = await _through(site, crews, course, before)
            made = crews.made()
            crews.say(Cut())
        finally:
            site.stop()
    lost, twice = site.count(made)
    return report._replace(lost=lost, twice=twice)


async def _begin(site: Site) -> Usage:
    await site.start()
    return site.usage()


async def _through(site: Site, crews: "_Crews", course: Course, before: Usage) -> Report:
    start_s = time.monotonic()
    crews.say(Join(course.storm_s))
    await crews.agree(course.devices)
    came_s = time.monotonic() - start_s

    idle, known, start_s = site.usage(), crews.tally(), time.monotonic()
    crews.say(Live(course.every_s))
    await asyncio.sleep(course.live_s)
    crews.say(Live(0))
    await crews.agree(course.devices)
    busy, events = site.usage(), crews.tally().recorded - known.recorded
    hub_cpu_s = busy.hub_cpu_s - idle.hub_cpu_s
    lived_s = time.monotonic() - start_s

    crews.say(Live(course.every_s))
    crews.say(Cut())
    await crews.wait("all are cut off", lambda tally: tally.up == 0)
    start_s = time.monotonic()
    crews.say(Join(course.storm_s))
    await asyncio.sleep(course.storm_s)
    crews.say(Live(0))
    await crews.agree(course.devices)
    storm_s, after, tally = time.monotonic() - start_s, site.usage(), crews.tally()
    return Report(
        came_s=came_s,
        events=events,
        hub_cpu_us=1e6 * hub_cpu_s / max(events, 1),
        broker_cpu_us=1e6 * (busy.broker_cpu_s - idle.broker_cpu_s) / max(events, 1),
        load=hub_cpu_s / lived_s,
        hub_kb=(idle.hub_kb - before.hub_kb) / course.devices,
        broker_kb=(idle.broker_kb - before.broker_kb) / course.devices,
        storm_s=storm_s,
        storm_hub_cpu_ms=1e3 * (after.hub_cpu_s - busy.hub_cpu_s) / course.devices,
        lost=0,
        twice=0,
        recorded=tally.recorded,
        dropped=tally.lost,
        streams=tally.streams,
    )


class _Crews:
    """All processes of devices, spoken to as one."""

    def __init__(self, pipes: list[Connection]) -> None:
        self._pipes = pipes

    def say(self, what: Any) -> None:
        for pipe in self._pipes:
            pipe.send(what)

    def tally(self) -> Tally:
        self.say("tally")
        found: list[Tally] = [pipe.recv() for pipe in self._pipes]
        return Tally(*(sum(column) for column in zip(*found, strict=True)))

    def made(self) -> Made:
        self.say("made")
        found: list[Made] = [pipe.recv() for pipe in self._pipes]
        return Made(
            {name: many for one in found for name, many in one.recorded.items()},
            {name: many for one in found for name, many in one.visits.items()},
        )

    async def agree(self, devices: int) -> None:
        """Until the hub and every device agree on everything that was recorded."""
        await self.wait("the hub has everything", lambda tally: tally.quiet == devices)

    async def wait(self, what: str, happened: Callable[[Tally], bool]) -> None:
        deadline_s = time.monotonic() + _LONG_S
        while not happened(tally := self.tally()):
            if time.monotonic() > deadline_s:
                raise FleetError(f"{what}: not within {_LONG_S:g} s; {tally}")
            await asyncio.sleep(_LOOK_S)


@contextlib.contextmanager
def _crews(site: Site, folder: Path, people: dict[str, bytes], seed: int) -> Iterator[_Crews]:
    """Processes with the devices; they end with us."""
    _FORKS.set_forkserver_preload(["tools.fleet.crew"])
    most = max(-(-len(people) // _MOST_EACH), min(os.cpu_count() or 1, len(people)))
    names, pipes, processes = list(people), [], []
    pems = folder / "devices"
    pems.mkdir()
    try:
        for number in range(most):
            ours, theirs = _FORKS.Pipe()
            mine = {name: people[name] for name in names[number::most]}
            plan = Plan(site.certificates, pems, site.port, site.kind, mine, seed + number)
            process = _FORKS.Process(target=run_crew, args=(plan, theirs), daemon=True)
            process.start()
            theirs.close()
            pipes.append(ours)
            processes.append(process)
        for pipe in pipes:
            pipe.recv()
        yield _Crews(pipes)
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join(10)
            process.kill()
            process.join()
            process.close()
