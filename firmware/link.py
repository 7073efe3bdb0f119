"""The device's line to the broker: a small MQTT client on asyncio.

Nothing is kept here. A publish goes out with QoS 1, but is neither held nor repeated: the journal
above is the only retry, driven by the hub's own acknowledgement. The session is clean, so that
after every connect the hub's answer to `hello` is the one way to catch up.

    link = Link("lamp-0001", "hub.local", 8883, tls=tls_context(key, certificate, ca),
                will=("rapport/lamp-0001/up/online", b"0"), heard=heard, joined=joined,
                subscriptions=("rapport/lamp-0001/down/#",))
    await link.run()                                   # for ever
"""

import asyncio
import random

from firmware import mqtt
from firmware.mqtt import LinkError
from protocol.errors import ProtocolError

_MOST_QUEUED = 8  # packets; then publish says no
_CHUNK_BYTES = 512
_ANSWER_S = 15  # for each step of connecting
_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS = 1000, 30000
_COUNTERS = ("joined", "lost", "large", "malformed", "refused", "sent", "acknowledged", "full")


class Link:
    """One connection, made again for ever; nothing a broker sends ends `run`.

    `heard(topic: str, payload: bytes)` and `joined()` are called from `run`. A message is
    acknowledged to the broker when heard has returned, or has found it unreadable (ProtocolError).
    An OSError of theirs ends the connection; any other exception of theirs ends `run`.

    `server_hostname` is the name the broker's certificate must bear, by default `host`. `up` tells
    whether `publish` has a chance; `counters` what happened so far.
    """

    def __init__(
        self,
        client_id,
        host,
        port,
        *,
        heard,
        joined,
        tls=None,
        server_hostname=None,
        will=None,
        subscriptions=(),
        keepalive_s=30,
    ):
        self._host, self._port = host, port
        self._tls, self._server_hostname = tls, server_hostname or host
        self._hello = mqtt.connect(client_id, keepalive_s, will)
        self._subscriptions = subscriptions
        self._keepalive_s = keepalive_s
        self._heard, self._joined = heard, joined
        self._packet_id = 0
        self._queue = []  # of packets
        self.up = False
        self.counters: dict[str, int] = dict.fromkeys(_COUNTERS + ("heard", "unreadable"), 0)

    def publish(self, topic, payload, retain=False):
        """Send once. False when the line is down or busy: nothing was or will be sent."""
        if not self.up:
            return False
        if len(self._queue) >= _MOST_QUEUED:
            self.counters["full"] += 1
            return False
        self._send(mqtt.publish(self._next_id(), topic, payload, retain))
        self.counters["sent"] += 1
        return True

    async def run(self):
        """Keep connected, until cancelled."""
        pause_ms = _FIRST_PAUSE_MS
        while True:
            joined = self.counters["joined"]
            try:
                await self._connection()
            except LinkError as error:
                self.counters[str(error)] += 1
            except (OSError, EOFError, asyncio.TimeoutError) as error:
                print("link: %s:%d: %r" % (self._host, self._port, error))
            if self.counters["joined"] != joined:
                self.counters["lost"] += 1
                pause_ms = _FIRST_PAUSE_MS
            # Jitter: a thousand devices must not come back in the same moment.
            await asyncio.sleep_ms(pause_ms // 2 + random.getrandbits(15) % pause_ms)
            pause_ms = min(2 * pause_ms, _LONGEST_PAUSE_MS)

    async def _connection(self):
        reader, self._writer = await asyncio.wait_for(self._open(), _ANSWER_S)
        self._queue, self._queued = [], asyncio.Event()
        self._fault, self._over = None, asyncio.Event()
        self._unanswered = 0  # pings
        packets, tasks = mqtt.Packets(), []
        try:
            try:
                await asyncio.wait_for(self._enter(reader, packets), _ANSWER_S)
            except ValueError as error:  # how MicroPython's TLS says that a certificate is no good
                raise OSError(str(error).strip())
            for work in (self._read(reader, packets), self._write(), self._ping()):
                tasks.append(asyncio.create_task(self._until_over(work)))
            self.up = True
            self.counters["joined"] += 1
            self._joined()
            await self._over.wait()
            if self._fault:
                raise self._fault
            for task in tasks:
                if task.done():
                    await task  # raises what heard has raised
        finally:
            self.up = False
            for task in tasks:
                task.cancel()
            await self._close()

    async def _open(self):
        if not self._tls:
            return await asyncio.open_connection(self._host, self._port)
        return await asyncio.open_connection(
            self._host, self._port, ssl=self._tls, server_hostname=self._server_hostname
        )

    async def _close(self):
        try:
            self._writer.close()
            await self._writer.wait_closed()
        except OSError:
            pass  # over is over

    async def _until_over(self, work):
        try:
            await work
        except (OSError, EOFError, LinkError) as error:
            self._fault = error
        finally:
            self._over.set()

    async def _enter(self, reader, packets):
        """Up to the answer to our subscriptions: from then on nothing said to us is missed."""
        await self._write_packet(self._hello)
        head, body = await _next_packet(reader, packets)
        if head != mqtt.CONNACK or len(body) != 2:
            raise LinkError("malformed")
        if body[1]:
            raise LinkError("refused")
        if not self._subscriptions:
            return
        await self._write_packet(mqtt.subscribe(self._next_id(), self._subscriptions))
        head, body = await _next_packet(reader, packets)
        while head != mqtt.SUBACK:
            self._take(head, body)
            head, body = await _next_packet(reader, packets)
        if any(code & 0x80 for code in body[2:]):
            raise LinkError("refused")

    # What the three tasks of a connection do.

    async def _read(self, reader, packets):
        while True:
            head, body = await _next_packet(reader, packets)
            self._take(head, body)
            while len(self._queue) > 2 * _MOST_QUEUED:  # our acknowledgements pile up: read slower
                await asyncio.sleep_ms(10)

    async def _write(self):
        while True:
            await self._queued.wait()
            self._queued.clear()
            while self._queue:
                await self._write_packet(self._queue.pop(0))

    async def _ping(self):
        while True:
            await asyncio.sleep_ms(500 * self._keepalive_s)
            # Counted, not timed: a clock that jumps must not end a connection that works.
            if self._unanswered == 2:
                raise OSError("the broker is silent")
            self._unanswered += 1
            self._send(mqtt.PINGREQ)

    def _take(self, head, body):
        self._unanswered = 0
        if mqtt.is_publish(head):
            self._take_message(head, body)
        elif head == mqtt.PUBACK:
            self.counters["acknowledged"] += 1
        elif head != mqtt.PINGRESP:
            raise LinkError("malformed")

    def _take_message(self, head, body):
        topic, payload, packet_id = mqtt.message(head, body)
        self.counters["heard"] += 1
        try:
            self._heard(topic, payload)
        except ProtocolError:
            self.counters["unreadable"] += 1
        if packet_id is not None:
            self._send(mqtt.puback(packet_id))

    def _next_id(self):
        self._packet_id = self._packet_id % 0xFFFF + 1
        return self._packet_id

    def _send(self, packet):
        self._queue.append(packet)
        self._queued.set()

    async def _write_packet(self, packet):
        self._writer.write(packet)  # whole: many small writes would wait for each other (Nagle)
        await self._writer.drain()


async def _next_packet(reader, packets):
    while True:
        packet = packets.take()
        if packet:
            return packet
        chunk = await reader.read(_CHUNK_BYTES)
        if not chunk:
            raise EOFError
        packets.feed(chunk)


def tls_context(key_der, cert_der, ca_der):
    """An SSLContext that shows our certificate, and trusts only what this authority signed.

    Everything in DER, keys on P-256. ValueError for what is no key or certificate.
    """
    import tls  # not ssl, which wraps it in Python: more heap, and not every MicroPython has it

    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)  # as a client it requires a certificate
    context.load_cert_chain(cert_der, key_der)
    context.load_verify_locations(ca_der)
    return context
