"""A simulated device's line: mutual TLS and MQTT over one socket, in little memory.

A context of TLS costs more than a connection, so a process has one: before each connection it is
given the certificate of the device whose it will be.
"""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

from firmware import mqtt
from firmware.mqtt import LinkError
from protocol import topics
from protocol.errors import ProtocolError
from tools.fleet.device import Device

KEEPALIVE_S = 30  # the firmware's

_READ_BYTES = 4096


class Line(asyncio.Protocol):
    """One connection; lost(device) is called once when it has ended, however it did."""

    def __init__(
        self,
        device: Device,
        context: ssl.SSLContext,
        pem: Path,
        clock: Callable[[], int],
        lost: Callable[[Device], None],
    ) -> None:
        self.up = False
        self._device, self._clock, self._lost = device, clock, lost
        context.load_cert_chain(pem)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname="localhost")
        self._packets = mqtt.Packets()
        self._packet_id, self._secure = 0, False
        self._transport: asyncio.Transport | None = None

    def say(self, kind: str, payload: bytes) -> bool:
        if not self.up:
            return False
        topic = topics.up(self._device.name, kind)
        self._send(mqtt.publish(self._next(), topic, payload, kind == topics.ONLINE))
        return True

    def ping(self) -> None:
        if self.up:
            self._send(mqtt.PINGREQ)

    def cut(self) -> None:
        """As a router that is unplugged: nothing is said in parting."""
        if self._transport:
            self._transport.abort()

    # As asyncio calls it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._go_on()

    def data_received(self, data: bytes) -> None:
        self._in.write(data)
        self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        self.up = False
        self._device.left()
        self._lost(self._device)

    # Below: how

    def _go_on(self) -> None:
        try:
            if not self._secure:
                self._tls.do_handshake()
                self._secure = True
                name = self._device.name
                will = (topics.up(name, topics.ONLINE), b"0")
                self._send(mqtt.connect(name, KEEPALIVE_S, will))
            while chunk := self._tls.read(_READ_BYTES):
                self._packets.feed(chunk)
                while packet := self._packets.take():
                    self._take(*packet)
            self.cut()
        except ssl.SSLWantReadError:
            self._flush()
        except (ssl.SSLError, LinkError, ProtocolError):
            self.cut()

    def _take(self, head: int, body: bytes) -> None:
        if mqtt.is_publish(head):
            topic, payload, packet_id = mqtt.message(head, body)
            self._device.heard(topic, payload, self._clock())
            if packet_id is not None:
                self._send(mqtt.puback(packet_id))
        elif head == mqtt.CONNACK:
            if body[-1]:
                raise LinkError("refused")
            self._send(mqtt.subscribe(self._next(), [topics.down(self._device.name, "#")]))
        elif head == mqtt.SUBACK:
            if body[-1] & 0x80:
                raise LinkError("refused")
            self.up = True
            self._device.joined(self._clock())

    def _send(self, packet: bytes) -> None:
        self._tls.write(packet)
        self._flush()

    def _flush(self) -> None:
        if self._transport and self._out.pending:
            self._transport.write(self._out.read())

    def _next(self) -> int:
        self._packet_id = self._packet_id % 0xFFFF + 1
        return self._packet_id
