"""Judges an application on trial: kept once it has shown that it works, else the board restarts.

It works if no task has failed and the hub has answered; or, where there is no hub, if it has run
for some minutes without a fault. A restart costs one of the starts that the trial has.
"""

import sys

from firmware.updating import slots_module

_LEAST_MS = 30_000  # so long it has to run in any case
_ALONE_MS = 10 * 60_000  # so long without a hub
_MOST_MS = 15 * 60_000  # then it has had its chance
_MOST_FAULTS = 3  # a fault on the way may be the world's, three are its own


def watchdog():
    """What has to be fed while what runs is on trial, and until the next reset; else None."""
    try:
        slots = slots_module()
    except ImportError:
        return None  # run from somewhere else than a slot, as in tests on a host
    del sys.modules["slots"]
    if not slots.load()["trial"]:
        return None
    from machine import WDT

    return WDT(timeout=slots.WATCHDOG_MS)


def is_over(act, now_ms):
    """True once what runs is kept; act: the Runtime."""
    if act.faults >= _MOST_FAULTS or now_ms >= _MOST_MS:
        from machine import reset

        print("trial: not kept, faults:", act.faults)
        reset()
    needed_ms = _LEAST_MS if act.sync.welcomed else _ALONE_MS
    if now_ms < needed_ms or (act.faults and now_ms < _ALONE_MS):
        return False
    slots_module().keep()
    del sys.modules["slots"]
    print("trial: kept")
    return True
