"""Starts a device, and forgets how: what puts it together leaves the heap before it runs."""

import asyncio
import gc

from firmware.unload import unload

_GARBAGE_BYTES = 4096  # collected after so many: what is kept stays together, holes stay large
_GARBAGE_RUNNING_BYTES = 8192  # later: a collection delays the light more than a hole costs


def start():
    """Runs for ever; called by main.py."""
    gc.threshold(_GARBAGE_BYTES)
    from firmware.assembly import assemble

    device = assemble()
    del assemble
    unload("firmware.assembly")
    gc.threshold(_GARBAGE_RUNNING_BYTES)
    asyncio.run(device)
