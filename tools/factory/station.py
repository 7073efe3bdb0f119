"""Many boards side by side: each port is its own, and no board waits for another's mishap.

await once(["/dev/ttyUSB0", "/dev/ttyUSB1"], one, jobs=4)
await watch(lambda: find("all"), one, jobs=4)       # plug in and it starts, until cancelled
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable

from rich.console import Console

from tools.factory import port as port_
from tools.factory.flash import Outcome, Work, flash
from tools.factory.loader import Link
from tools.factory.show import Show

One = Callable[[str], Awaitable[Outcome]]

_LOOK_S = 0.3
_UNPLUGGED_S = 2.0  # a chip with USB of its own is away for a moment when it is reset


async def run(
    work: Work, ports: str, link: Callable[[str], Link], jobs: int, watching: bool, out: Console
) -> int:
    """Flash what is asked for, and show it; how many boards failed. Watching ends by Ctrl-C."""
    with Show(out) as show:

        async def one(port: str) -> Outcome:
            outcome = await flash(link(port), work, lambda *at: show.at(port, *at))
            show.ended(outcome)
            return outcome

        if watching:
            out.print("Plug in a board and it starts. Ctrl-C ends.", highlight=False)
            await watch(lambda: port_.find(ports), one, jobs)
        await once(port_.wanted(ports), one, jobs)
    out.print(show.sum, highlight=False)
    return show.failed


async def once(ports: Iterable[str], one: One, jobs: int) -> list[Outcome]:
    """Every port, `jobs` at a time."""
    free = asyncio.Semaphore(jobs)

    async def work(port: str) -> Outcome:
        async with free:
            return await one(port)

    return list(await asyncio.gather(*[work(port) for port in ports]))


async def watch(find: Callable[[], list[str]], one: One, jobs: int) -> None:
    """Start at each port that appears, again when it was away; for ever."""
    free, tasks = asyncio.Semaphore(jobs), dict[str, asyncio.Task[Outcome]]()
    seen: dict[str, float] = {}

    async def work(port: str) -> Outcome:
        async with free:
            return await one(port)

    try:
        while True:
            now_s, there = time.monotonic(), find()
            for port in there:
                if port not in seen and port not in tasks:
                    tasks[port] = asyncio.create_task(work(port))
            ended = [port for port in tasks if tasks[port].done()]
            for port in ended:
                tasks.pop(port).result()
            seen |= dict.fromkeys([*there, *tasks, *ended], now_s)
            seen = {port: at_s for port, at_s in seen.items() if now_s - at_s < _UNPLUGGED_S}
            await asyncio.sleep(_LOOK_S)
    finally:
        for task in tasks.values():
            task.cancel()
        for task in tasks.values():
            with contextlib.suppress(asyncio.CancelledError):
                await task
