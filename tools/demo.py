"""`rapport demo`: the room to play in, or a scripted day that checks itself.

Everything in both is the real part: firmware on MicroPython, Bluetooth on a virtual radio, MQTT
over TLS, hub and store.
"""

import asyncio
import contextlib
import signal
import tempfile
import time
from pathlib import Path

from rich.console import Console as Terminal
from rich.table import Table

from tools.bench.air import Air
from tools.bench.room.app import play
from tools.bench.world import WaitError, World
from tools.day import DAY, Day, Step, WrongError


async def room(out: Terminal, port: int) -> int:
    """Serve the room until interrupted."""
    _end_in_order()
    with tempfile.TemporaryDirectory(prefix="rapport-", ignore_cleanup_errors=True) as folder:
        async with World(Path(folder)) as world:
            with contextlib.suppress(asyncio.CancelledError):
                await play(world, port, lambda url: out.print(f"The room is open at {url}"))
    return 0


def _end_in_order() -> None:
    """SIGTERM ends the demo as Ctrl-C does: no broker or device is left behind."""
    task = asyncio.current_task()
    assert task
    with contextlib.suppress(NotImplementedError):  # Windows has no such signals
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


async def day(out: Terminal) -> int:
    """Play the day; 0 if every step came out right, else 1."""
    table = Table(title="A day, on real parts")
    for heading in ("", "what happens", "what comes of it", "s"):
        table.add_column(heading, justify="right" if heading == "s" else "left")
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="rapport-", ignore_cleanup_errors=True) as folder:
        async with World(Path(folder), air=Air(seed=1), interval_ms=None) as world:
            today = Day(world)
            for step in DAY:
                with out.status(_title(step)):
                    right, outcome, took_s = await _try(step, today)
                wrong += not right
                mark = "[green]right[/]" if right else "[red]WRONG[/]"
                table.add_row(mark, _title(step), outcome, f"{took_s:.1f}")
    out.print(table)
    out.print(f"{len(DAY) - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


async def _try(step: Step, today: Day) -> tuple[bool, str, float]:
    started = time.monotonic()
    try:
        return True, await step(today), time.monotonic() - started
    except (WrongError, WaitError, RuntimeError, OSError) as error:
        return False, str(error), time.monotonic() - started


def _title(step: Step) -> str:
    return (step.__doc__ or "").strip().rstrip(".")
