"""The firmware's runtime on this interpreter: what a board has and a host has not is lent to it.

Time is `ticks.now_ms`, and stands still unless somebody moves it.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

ticks = SimpleNamespace(now_ms=0)

# the few names that MicroPython adds to time; that of asyncio below, where each user needs its own
time.ticks_ms = lambda: ticks.now_ms  # type: ignore[attr-defined]
time.ticks_diff = lambda a, b: a - b  # type: ignore[attr-defined]


def lent_runtime(random: Callable[[int], bytes]) -> Any:
    """The module firmware.runtime, for devices in this process; random(n) gives n bytes."""
    from firmware import runtime, slots, unload, updating  # after the names above are there

    asyncio.sleep_ms = lambda ms: asyncio.sleep(0)  # type: ignore[attr-defined]

    # on a board it lies at the root of its flash; each of ours here unloads it once
    updating.slots_module = lambda: sys.modules.setdefault("slots", slots)
    # a collection at every tick is right in a heap of 200 KB, and takes for ever in a host's
    runtime.gc = SimpleNamespace(collect=lambda: None)  # type: ignore[assignment]
    unload.gc = runtime.gc  # type: ignore[assignment]
    runtime.urandom = random
    return runtime
