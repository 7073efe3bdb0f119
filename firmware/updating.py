"""Takes an update when nobody would mind, and judges one that is on trial.

Next to nothing of it is in the heap: what does the work is loaded for as long as it takes. It goes
chunk by chunk, each asked for when the one before is in flash and no hand is on the device. When
somebody opens a session it is let go, and begun again later where it was: what is in flash stays.
"""

import asyncio
import gc
import sys

from firmware.unload import unload
from protocol import topics

_QUIET_MS = 3_000  # no hand for so long: flash may be busy for a moment
_AGAIN_MS = 60_000  # after a fault that may pass, such as a line that was lost
_LOADED = ("firmware.update", "protocol.update", "protocol.rsa")


class Updating:
    """act: the Runtime; send(kind, payload) -> False if the line is down."""

    def __init__(self, act, send):
        self._act, self._send = act, send
        self._offer = self._task = self._watchdog = None
        self._trial = True  # until it is known better
        self._next_ms = 0
        self.chunk = None  # what came last, until it is taken

    def told(self, kind, payload):
        """Something of an update."""
        if kind == topics.CHUNK:
            self.chunk = payload
        else:
            self._offer, self._next_ms = payload, 0

    def passed(self, now_ms):
        """Time has passed, and all that runs regularly has run."""
        if self._watchdog:
            self._watchdog.feed()
        if self._trial:
            self._judge(now_ms)
        elif self._offer and not self._task and now_ms >= self._next_ms and self.quiet():
            self._next_ms = now_ms + _AGAIN_MS
            self._task = asyncio.create_task(self._run())

    def quiet(self):
        """True while nobody would notice that the device is busy."""
        act = self._act
        return not act.sessions and act.uptime_ms() - act.touched_ms >= _QUIET_MS

    async def let_go(self):
        """The heap is needed for something else."""
        if self._task:
            self._task.cancel()
            await asyncio.sleep_ms(0)

    async def _run(self):
        gc.collect()
        offer = self._offer
        try:
            from firmware.update import Update

            answered = await Update(self._act, self._send).run(offer)
            if answered and self._offer == offer:
                self._offer = None
        except (OSError, MemoryError) as error:
            print("update: later:", repr(error))
        finally:
            self._task = self.chunk = None
            unload(*_LOADED)

    def _judge(self, now_ms):
        from firmware import trial

        if not self._watchdog:
            self._watchdog = trial.watchdog()
        if not self._watchdog or trial.is_over(self._act, now_ms):
            self._trial = False
            unload("firmware.trial")


def slots_module():
    """firmware/slots.py, which lies at the root of the file system, outside what is updated."""
    sys.path.append("/")
    try:
        import slots
    finally:
        sys.path.pop()
    return slots
