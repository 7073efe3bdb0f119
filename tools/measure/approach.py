"""Somebody steps near a lamp, over and over: from one advert to what the lamp puts out."""

import asyncio
import time

from tools.bench.console import Console
from tools.bench.world import BenchDevice, Person, World, until

_GONE_S = 101  # not heard for so long is away, see firmware/recogniser.py
_ANSWER_S = 1.0  # no output by then: this advert was not enough


class Approach:
    def __init__(self, world: World, lamp: BenchDevice, person: Person) -> None:
        self._world, self._lamp, self._person = world, lamp, person
        self._console = Console()
        self._changed = asyncio.Event()
        self._changed_s = 0.0
        lamp.board.on_line = self._console.take
        lamp.board.on_output = self._put_out

    async def step_near(self) -> None:
        await self._person.walk_to(self._lamp)
        await self._lamp.board.skip(0)  # all that was to be done before is done
        self._changed.clear()

    async def sighting_ms(self) -> float | None:
        """Real time from one advert sent to the first pin changed; None if nothing changes."""
        sent_s = time.perf_counter()
        await self._person.phone.advertise_now()
        try:
            await asyncio.wait_for(self._changed.wait(), _ANSWER_S)
        except TimeoutError:
            return None
        return 1000 * (self._changed_s - sent_s)

    async def step_away(self) -> None:
        """In simulated time, until the lamp has noticed."""
        await self._person.walk_away()
        await self._world.skip(seconds=_GONE_S)
        await until("the lamp is nobody's again", lambda: not self._console.subject)

    def _put_out(self, pin: int, duty_u16: int) -> None:
        if not self._changed.is_set():
            self._changed_s = time.perf_counter()
            self._changed.set()
