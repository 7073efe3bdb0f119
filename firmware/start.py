"""Starts a device, and forgets how: what puts it together leaves the heap before it runs."""

import asyncio
import gc

from firmware import garbage
from firmware.unload import unload


def start():
    """Runs for ever; called by main.py."""
    gc.threshold(garbage.STARTING_BYTES)
    from firmware.assembly import assemble

    device = assemble()
    del assemble
    unload("firmware.assembly")
    gc.threshold(garbage.RUNNING_BYTES)
    asyncio.run(device)
