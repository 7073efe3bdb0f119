"""One Bluetooth link to somebody: fragments in the interrupt become whole messages in a task."""

import asyncio
import errno
from collections import deque

from micropython import const

from protocol import gatt
from protocol.errors import ProtocolError

_MOST_FRAGMENTS = const(16)  # waiting on one connection
_FULL_PAUSE_MS = const(15)  # about one connection interval: by then the stack has sent something
_FULL_TRIES = const(200)


class Connection:
    """Whole messages in and out. `up` turns False when it is gone."""

    def __init__(self, radio, handle):
        self.up, self.mtu = True, gatt.SMALLEST_MTU
        self.handle, self.served = handle, False
        self.changed = asyncio.Event()
        self._radio = radio
        self._fragments: deque[bytes] = deque((), _MOST_FRAGMENTS)
        self._overrun = False
        self._reassembler = gatt.Reassembler()

    async def recv(self):
        """The next message (bytes), or None when the link is gone or the peer breaks the rules."""
        while True:
            try:
                while self._fragments:
                    message = self._reassembler.feed(self._fragments.popleft())
                    if message is not None:
                        return message
            except ProtocolError:
                break
            if self._overrun or not self.up:
                break
            await self.changed.wait()
            self.changed.clear()
        self.close()
        return None

    async def recv_within(self, ms):
        """The same, and None when nothing comes in time: who is silent makes room for others."""
        try:
            return await asyncio.wait_for_ms(self.recv(), ms)
        except asyncio.TimeoutError:
            return None

    async def send(self, message):
        """Send a message (bytes, at most MAX_MESSAGE); False if the link went before its end."""
        for fragment in gatt.fragments(message, self.mtu):
            if not await self._notify(fragment):
                self.close()
                return False
        return True

    def close(self):
        if self.up:
            self._radio.disconnect(self.handle)

    def written(self, fragment):
        """Called in the interrupt; a message that does not fit has a hole, so its link must end."""
        if self._overrun or len(self._fragments) == _MOST_FRAGMENTS:
            self._overrun = True
        else:
            self._fragments.append(fragment)

    async def _notify(self, fragment):
        for _ in range(_FULL_TRIES):
            if not self.up:
                return False
            try:
                self._radio.notify(self.handle, fragment)
                await asyncio.sleep_ms(0)
                return True
            except OSError as error:
                if error.errno != errno.ENOMEM:
                    return False
            await asyncio.sleep_ms(_FULL_PAUSE_MS)  # out of buffers: let the stack send some
        return False
