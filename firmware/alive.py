"""Keeps tasks alive: no fault of one stops the others."""

import asyncio

_RESTART_MS = 1000


async def keep_alive(task, act):
    """Run a coroutine function for ever; what fails is said, counted in `act`, and begun again."""
    while True:
        try:
            await task()
        except Exception as error:  # noqa: BLE001
            act.faults += 1
            print("runtime: a task failed:", repr(error))
        await asyncio.sleep_ms(_RESTART_MS)
