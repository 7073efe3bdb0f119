"""Waiting on the bench for something to come true, and saying what if it does not."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

WAIT_S = 60.0  # two busy cores may have more to do
_LOOK_S = 0.005


class WaitError(Exception):
    """What was waited for did not happen; the text says what."""


async def until(what: str, happened: Callable[[], Any], timeout_s: float = WAIT_S) -> Any:
    """Wait until `happened` returns something true, and return it; else WaitError(what)."""
    deadline = time.monotonic() + timeout_s
    while not (found := happened()):
        if time.monotonic() > deadline:
            raise WaitError(f"{what}: not within {timeout_s:g} s")
        await asyncio.sleep(_LOOK_S)
    return found
