"""A device that has much to tell: the real protocol and journal numbers, no interpreter, no flash.

talker = Talker("lamp-1", context, port, subject)
talker.record(100)                       # so many visits, from now on in its journal
await talker.run()                       # until the hub has all; comes back to any node

It tells one event a message, and the next when the hub has acknowledged it: the next but one would
overtake it where several workers take messages in parallel.
"""

import asyncio
import contextlib
import hashlib
import ssl
import time

from firmware import mqtt
from firmware.mqtt import LinkError
from protocol import chain, messages, topics
from protocol.events import EXACT, VISIT, Event, encode_event
from protocol.messages import Ack, Events, Hello, Welcome

_KEEPALIVE_S = 600
_ANSWER_S, _PAUSE_S = 3.0, 0.1
_CHUNK_BYTES = 4096
_BRIGHTNESS = 0


class Talker:
    """`upto`: how many events the hub has; `acks`: when each was acknowledged (monotonic, s)."""

    def __init__(self, name: str, context: ssl.SSLContext, port: int, subject: bytes) -> None:
        self.name, self.upto = name, 0
        self.acks: list[float] = []
        self._context, self._port, self._subject = context, port, subject
        self._stream = hashlib.sha256(name.encode()).digest()[:8]
        self._boot = self._stream[:4]
        self._records: list[tuple[int, bytes]] = []
        self._chain = chain.start(self._stream)
        self._packet_id = 0

    @property
    def recorded(self) -> int:
        return len(self._records)

    def record(self, visits: int) -> None:
        for number in range(self.recorded + 1, self.recorded + visits + 1):
            uid = self._boot + number.to_bytes(4, "big")
            values = ((_BRIGHTNESS, number % 21 * 5, 0, 60),)
            stamp = (time.time_ns() // 1_000_000, number & 0xFFFF)
            body = (2, 60, values, ())
            event = Event(VISIT, uid, stamp, EXACT, 1000, self._subject, number, body)
            self._records.append((chain.EVENT, encode_event(event)))
            self._chain = chain.link(self._chain, number, *self._records[-1])

    async def run(self) -> None:
        while self.upto < self.recorded:
            with contextlib.suppress(OSError, EOFError, LinkError, TimeoutError):
                await self._connection()
            if self.upto < self.recorded:
                await asyncio.sleep(_PAUSE_S)

    async def _connection(self) -> None:
        reader, writer = await asyncio.wait_for(
            asyncio.open_connection(
                "127.0.0.1", self._port, ssl=self._context, server_hostname="localhost"
            ),
            _ANSWER_S,
        )
        packets = mqtt.Packets()
        try:
            writer.write(mqtt.connect(self.name, _KEEPALIVE_S))
            await self._until(reader, writer, packets, mqtt.CONNACK)
            writer.write(mqtt.subscribe(self._next(), [topics.down(self.name, "#")]))
            await self._until(reader, writer, packets, mqtt.SUBACK)
            self._say(writer, topics.HELLO, self._hello())
            while self.upto < self.recorded:
                head, body = await self._packet(reader, packets)
                if mqtt.is_publish(head) and self._heard(head, body, writer):
                    self._tell(writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _until(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        packets: mqtt.Packets,
        wanted: int,
    ) -> None:
        while True:
            head, body = await self._packet(reader, packets)
            if head == wanted:
                if body[-1] & 0x80:
                    raise LinkError("refused")
                return
            if mqtt.is_publish(head):
                self._heard(head, body, writer)

    async def _packet(
        self, reader: asyncio.StreamReader, packets: mqtt.Packets
    ) -> tuple[int, bytes]:
        """TimeoutError when the broker says nothing for long: then all is begun again."""
        while (packet := packets.take()) is None:
            chunk = await asyncio.wait_for(reader.read(_CHUNK_BYTES), _ANSWER_S)
            if not chunk:
                raise EOFError
            packets.feed(chunk)
        return packet

    def _heard(self, head: int, body: bytes, writer: asyncio.StreamWriter) -> bool:
        """True when it is to tell on."""
        topic, payload, packet_id = mqtt.message(head, body)
        if packet_id is not None:
            writer.write(mqtt.puback(packet_id))
        kind = topics.parse(topic)[2]
        if kind not in (topics.ACK, topics.WELCOME):
            return False
        said = messages.decode(kind, payload)
        assert isinstance(said, Ack | Welcome)
        known, self.upto = self.upto, max(self.upto, said.upto)
        self.acks += [time.monotonic()] * (self.upto - known)
        return kind == topics.WELCOME or self.upto > known

    def _tell(self, writer: asyncio.StreamWriter) -> None:
        if self.upto < self.recorded:
            events = Events(self._stream, self.upto + 1, [list(self._records[self.upto])])
            self._say(writer, topics.EVENTS, events)

    def _hello(self) -> Hello:
        return Hello(
            "lamp", 1, self._stream, self._boot, self.recorded + 1, self._chain, 0, 0, None, None
        )

    def _say(self, writer: asyncio.StreamWriter, kind: str, message: Hello | Events) -> None:
        topic = topics.up(self.name, kind)
        writer.write(mqtt.publish(self._next(), topic, messages.encode(message)))

    def _next(self) -> int:
        self._packet_id = self._packet_id % 0xFFFF + 1
        return self._packet_id
