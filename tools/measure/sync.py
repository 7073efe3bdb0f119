"""How soon others know: from a hand at one lamp to the hub, from a visit there to a second lamp.

Beside it bare MQTT clients on the same broker, in the same rounds: one message at QoS 1 from this
process through the broker and back. Ours to the hub is one such message and more: the event is in
the device's flash before, and on the hub's disk after. To the second lamp and its answer are three,
and it has the news in its flash.
"""

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random
from typing import Any

from hub.changes import Change
from tools.bench.console import Console
from tools.bench.world import BenchDevice, Person, WaitError, World, until
from tools.measure.crowd import KNOB, LAMP, crowd
from tools.measure.peer import Peer
from tools.measure.result import Result, Track, median, percentile, table

_USUAL = 40
_ALONE = 1  # one customer: how many others there are does not matter here
_APART_CM = 10_000
_SETTLED_MS, _GONE_S = 2_000, 101
_QUIET_S = 10.0


async def measure(folder: Path, n: int, seed: int, track: Track) -> Result:
    async with World(folder, interval_ms=None) as world:
        stage = await _Stage.set(world, seed)
        async with Peer(world, stage.first.name) as peer:
            for number in track(range(n or _USUAL), "visits"):
                await stage.play(number, peer)
    return stage.result()


class _Stage:
    """Two lamps of the same person, who visits the first one."""

    def __init__(
        self, world: World, first: BenchDevice, second: BenchDevice, person: Person
    ) -> None:
        self.first = first
        self._world, self._second, self._person = world, second, person
        self._console = Console()
        first.board.on_line = self._console.take
        self._to_hub_ms: list[float] = []
        self._to_second_ms: list[float] = []
        self._bare_ms: list[float] = []
        self._topic_bytes: list[int] = []
        self._payload_bytes: list[int] = []

    @classmethod
    async def set(cls, world: World, seed: int) -> "_Stage":
        first = await world.device("lamp-1", LAMP)
        second = await world.device("lamp-2", LAMP, x_cm=_APART_CM)
        person = await crowd(world, Random(seed), _ALONE, first, second)
        return cls(world, first, second, person)

    async def play(self, number: int, peer: Peer) -> None:
        """One visit with one adjustment, and one bare round trip."""
        topic_bytes, payload_bytes = peer.topic_bytes, peer.payload_bytes
        await self._person.come(self.first, self._console)
        await self._turn(1 if number % 2 else -1)
        self._to_hub_ms.append(await self._adjusted())
        self._to_second_ms.append(await self._left())
        await self._world.caught_up(self.first)
        self._bare_ms.append(await peer.round_trip_ms())
        self._topic_bytes.append(peer.topic_bytes - topic_bytes)
        self._payload_bytes.append(peer.payload_bytes - payload_bytes)

    async def _turn(self, detents: int) -> None:
        codes = self._console.codes
        self.first.board.turn(KNOB, detents)
        await until("the lamp follows the knob", lambda: self._console.codes != codes)

    async def _adjusted(self) -> float:
        """ms from the hand's having rested to the adjustment in the customer's profile."""
        newest = self._newest("adjusted")
        with self._world.hub.parts.changed.listening(_QUIET_S) as news:
            start_s = time.perf_counter()
            await self._world.skip(ms=_SETTLED_MS)
            return await _ms_until(news, start_s, lambda: self._newest("adjusted") > newest)

    async def _left(self) -> float:
        """ms from the end of the visit to the second lamp's word that it is in its flash."""
        newest = self._newest("visit")
        await self._person.walk_away()

        def known() -> bool:
            waiting = self._world.hub.parts.profiles.device(self._second.name)["waiting"]
            return self._newest("visit") > newest and not waiting

        with self._world.hub.parts.changed.listening(_QUIET_S) as news:
            start_s = time.perf_counter()
            await self._world.skip(seconds=_GONE_S)
            return await _ms_until(news, start_s, known)

    def _newest(self, kind: str) -> int:
        """The number of the last entry of this kind in the customer's timeline."""
        assert self._person.customer
        about = self._world.hub.parts.profiles.about(self._person.customer)
        return max([each["id"] for each in about["timeline"] if each["kind"] == kind], default=-1)

    def result(self) -> Result:
        bare_p95_ms = percentile(self._bare_ms, 95)
        figures: dict[str, Any] = {
            "to_hub_p50_ms": median(self._to_hub_ms),
            "to_hub_p95_ms": percentile(self._to_hub_ms, 95),
            "to_second_device_p50_ms": median(self._to_second_ms),
            "to_second_device_p95_ms": percentile(self._to_second_ms, 95),
            "bytes_per_visit": median(self._topic_bytes) + median(self._payload_bytes),
            "payload_bytes_per_visit": median(self._payload_bytes),
            "bare_round_trip_p50_ms": median(self._bare_ms),
            "bare_round_trip_p95_ms": bare_p95_ms,
        }
        shown = table(
            "From one device to others, on loopback over TLS",
            *("", "p50, ms", "p95, ms", "x bare, p95"),
            caption=f"{len(self._bare_ms)} visits with one adjustment. From the device to the hub"
            f" each takes {figures['bytes_per_visit']:.0f} bytes: all topics, and"
            f" {figures['payload_bytes_per_visit']:.0f} of payload, as the broker passes them on;"
            " MQTT's and TLS's own come on top. To reach: 300 ms and 200 bytes.",
        )
        for what, key in (
            ("adjustment to the hub's profile", "to_hub"),
            ("end of a visit to the second lamp's flash", "to_second_device"),
            ("bare MQTT round trip", "bare_round_trip"),
        ):
            p50_ms, p95_ms = figures[f"{key}_p50_ms"], figures[f"{key}_p95_ms"]
            figures[f"{key}_ratio"] = p95_ms / bare_p95_ms
            shown.add_row(what, f"{p50_ms:.1f}", f"{p95_ms:.1f}", f"{p95_ms / bare_p95_ms:.1f}")
        del figures["bare_round_trip_ratio"]  # one, by its name
        return Result(shown, figures)


async def _ms_until(
    news: AsyncIterator[Change | None], start_s: float, happened: Callable[[], bool]
) -> float:
    """Look again at each change of the hub's; WaitError when there is none for long."""
    if happened():  # already while time was skipped
        return 1000 * (time.perf_counter() - start_s)
    async for change in news:
        if change is None:
            break
        if happened():
            return 1000 * (time.perf_counter() - start_s)
    raise WaitError(f"the hub hears nothing for {_QUIET_S:g} s")
