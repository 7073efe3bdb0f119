"""paho on a socket of which it sees no messages: a hub hears too many for what each costs there.

paho asks the system four times for a message and its acknowledgement, each time through TLS and
through Python's global lock, for which a busy hub makes it wait; and it makes of each an object
that somebody could wait for. So what arrives is read at once and sorted: messages go to whoever
takes them, paho sees all other packets, and what it writes leaves together.
"""

import contextlib
import logging
import socket
import ssl
import struct
from collections.abc import Callable, Iterable
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode

from hub.link.arrived import Arrived, BrokerError, sort

_log = logging.getLogger(__name__)

_READ_BYTES = 1 << 16
_PUBACK = struct.Struct("!BBH")  # MQTT 3.1.1, section 3.4
_PUBACK_HEAD = 0x40, 2

Take = Callable[[list[Arrived]], Any]


class Wire:
    """What paho takes for its socket. What `send` is given is sent by `flush`."""

    def __init__(self, sock: socket.socket, take: Take) -> None:
        self._socket, self._take = sock, take
        self._begun = b""  # of a packet that is not whole yet
        self._others = b""  # packets that paho has not read yet
        self._unsent = bytearray()

    @property
    def unsent(self) -> int:
        """Bytes."""
        return len(self._unsent)

    def recv(self, buffer_size: int) -> bytes:
        """As of a socket that does not block; b"" when the broker has closed it."""
        if not self._others:
            new = self._socket.recv(_READ_BYTES)
            if not new:
                return b""
            messages, self._others, self._begun = self._sorted(self._begun + new)
            if messages:
                self._take(messages)
        if not self._others:
            raise BlockingIOError
        piece, self._others = self._others[:buffer_size], self._others[buffer_size:]
        return piece

    def _sorted(self, data: bytes) -> tuple[list[Arrived], bytes, bytes]:
        try:
            return sort(data)
        except BrokerError as error:  # to paho it is a connection that was lost, like any other
            _log.error("%s: connecting anew", error)
            raise

    def send(self, buffer: bytes | bytearray) -> int:
        self._unsent += buffer
        return len(buffer)

    def flush(self) -> None:
        """Send what the system takes now; OSError when the connection is gone."""
        with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent)]

    def pending(self) -> int:
        """Bytes for which nobody needs to wait: paho asks before it does."""
        below = self._socket.pending() if isinstance(self._socket, ssl.SSLSocket) else 0
        return len(self._others) + below

    def fileno(self) -> int:
        return self._socket.fileno()

    def setblocking(self, flag: bool) -> None:
        self._socket.setblocking(flag)

    def close(self) -> None:
        with contextlib.suppress(OSError):  # nobody is there to hear a farewell
            self.flush()
        self._socket.close()


class WiredClient(Client):
    """paho's Client on a Wire. `take` is called with messages in the place of on_message."""

    take: Take
    _wire: Wire | None = None

    def step(self, timeout_s: float) -> MQTTErrorCode:
        """As `loop`; and all that is written by then is sent. OSError: the connection is gone."""
        code = self.loop(timeout_s)
        self.flush()
        return code

    def acknowledge(self, numbers: Iterable[int]) -> None:
        """PUBACK for each of these packets, on the thread that calls `step`."""
        if self._wire:
            self._wire.send(b"".join([_PUBACK.pack(*_PUBACK_HEAD, number) for number in numbers]))
            self.flush()

    def flush(self) -> None:
        if self._wire:
            self._wire.flush()

    def want_write(self) -> bool:
        return super().want_write() or bool(self._wire and self._wire.unsent)

    def _create_socket(self) -> Wire:  # where paho puts its own wrapper for websockets, too
        made = super()._create_socket()
        assert isinstance(made, socket.socket)
        self._wire = Wire(made, self.take)
        return self._wire
