"""The link to a NATS cluster: devices speak MQTT to its nodes, hub workers share one consumer.

What a device says is in the stream of the MQTT sessions, replicated, until a worker has made it
durable and acknowledged it; then it is gone. A worker that dies leaves what it had to the others.
What the hub says goes through no stream: who is away asks for it anew (protocol/README.md).

    link = JetStreamLink(["tls://a:4222", "tls://b:4222"], tls=certificates.hub_context())
"""

import asyncio
import contextlib
import itertools
import json
import logging
import ssl
from dataclasses import dataclass
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import ConnectionClosedError
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError

from hub.link import HOOKS, Heard, check_said
from hub.link.incoming import Incoming
from hub.link.node_client import AWAY, connect, end
from hub.link.place import Place
from protocol import topics

STREAM = "$MQTT_msgs"
CONSUMER = "rapport-hub"

_log = logging.getLogger(__name__)

_PREFIX = "$MQTT.msgs."
_FILTER = f"{_PREFIX}rapport.*.up.>"
_NEXT = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{CONSUMER}"
_ACK, _NAK = b"+ACK", b"-NAK"
_BEAT, _ASK_AGAIN = "100", ("404", "408")  # what there is to say when no message is
_GROUP = "workers"
_AT_ONCE = 128  # messages asked for, at most twice; when they are there, the next worker's turn
_MOST_PENDING = 8_000  # given to workers and not acknowledged, of all of them
_ASKED_S = 5.0  # what is given to a worker whose node hangs comes again only after ack_wait_s
_BEAT_S, _SILENT_S = 1.0, 3.5  # without a heartbeat so long, it is asked again
_CONNECT_S, _API_S = 5, 2.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 15.0
_MOST_SAID = 10_000  # messages to devices held while no node is there; then the newest are lost


@dataclass
class _Shared(ConsumerConfig):
    """A consumer whose messages go to the first worker of the row that asks (hub/link/place.py)."""

    priority_policy: str = "prioritized"
    priority_groups: tuple[str, ...] = (_GROUP,)


class JetStreamLink:
    """Implements hub.link.Link and Broadcaster, for any number of workers.

    servers: each is asked in its turn. ack_wait_s: what a worker does not acknowledge so long is
    given to another. place: in the row of workers, by default one that no other has. Counters:
    `refused` messages from devices (malformed topic, or too large), `unsaid` ones to devices,
    given up.
    """

    def __init__(
        self,
        servers: list[str],
        *,
        tls: ssl.SSLContext | None = None,
        ack_wait_s: float = 30.0,
        place: Place | None = None,
    ) -> None:
        self.unsaid = 0
        self._servers = itertools.cycle(servers)
        self._tls, self._ack_wait_s = tls, ack_wait_s
        self._incoming = Incoming()
        self._client: Client | None = None
        self._inbox: Subscription | None = None
        self._waiting: list[Msg] = []  # arrived and not acknowledged
        self._place = place or Place()
        self._asked = 0  # messages that may still arrive unasked
        self._lost = False  # the consumer may be gone, or what was asked of it
        self._woken = asyncio.Event()
        self._to_say: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(_MOST_SAID)
        self._running: asyncio.Task[None] | None = None
        self._listening, self._noted = False, ""

    @property
    def connected(self) -> bool:
        return self._listening and self._client is not None and self._client.is_connected

    @property
    def refused(self) -> int:
        return self._incoming.refused

    async def open(self, heard: Heard) -> None:
        self._running = asyncio.create_task(self._run(heard))

    def say(self, device: str, kind: str, payload: bytes, retain: bool = False) -> None:
        check_said(device, payload)
        self._queue(topics.down(device, kind).replace("/", "."), payload)

    def broadcast(self, kind: str, payload: bytes) -> None:
        self._queue(f"{HOOKS}.{kind}", payload)

    async def close(self) -> None:
        if self._running:
            await _cancel(self._running)
        self._running, self._listening = None, False
        if self._client is not None:
            with contextlib.suppress(*AWAY):
                if self._inbox is not None:
                    await self._inbox.unsubscribe()
                await self._answer(self._client, self._waiting, _NAK)  # for another worker, now
                await self._client.flush(_CONNECT_S)
            await end(self._client)
        self._waiting.clear()

    # Connecting

    async def _run(self, heard: Heard) -> None:
        """With one node until it is away, or does not answer; then with the next."""
        while True:
            try:
                await self._connect()
                await self._serve(heard)
            except AWAY as error:
                self._note(error)
            except Exception:  # noqa: BLE001 - a broker's nonsense must not end the link
                _log.exception("the connection to the brokers failed")
            self._listening = False
            await asyncio.sleep(_FIRST_PAUSE_S)

    async def _connect(self) -> None:
        if self._client is not None:
            await end(self._client)
        self._client = self._inbox = None
        self._client = await connect(
            next(self._servers),
            self._tls,
            within_s=_CONNECT_S,
            lost=self._lose,
            name="rapport hub",
            ping_interval=5,
        )

    async def _serve(self, heard: Heard) -> None:
        client = self._client
        assert client
        speaking = asyncio.create_task(self._speak(client))
        try:
            inbox = client.new_inbox()
            self._inbox = await client.subscribe(inbox, cb=self._arrived)
            self._lost = True
            while True:
                await self._ask(client, inbox)
                await self._wait(client)
                await self._take(client, heard)
        finally:
            await _cancel(speaking)

    async def _bind(self, client: Client) -> None:
        """Have the consumer that all workers share, as soon as a first device made the stream."""
        wanted = _Shared(
            durable_name=CONSUMER,
            filter_subject=_FILTER,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=self._ack_wait_s,
            max_ack_pending=_MOST_PENDING,
        )
        while True:
            try:
                await client.jetstream(timeout=_API_S).add_consumer(STREAM, wanted)
                break
            except NotFoundError:
                self._answered()  # no device has ever been connected: there is nothing to hear
            await asyncio.sleep(_FIRST_PAUSE_S)
        await self._place.claim(client)
        self._answered()

    def _answered(self) -> None:
        self._listening, self._noted = True, ""

    def _note(self, error: Exception) -> None:
        """Once, until a node answers again."""
        said = f"{type(error).__name__} {error}"
        if said != self._noted:
            _log.warning("the brokers do not answer: %s", said)
        self._noted = said

    async def _lose(self) -> None:
        self._woken.set()

    # Hearing

    async def _ask(self, client: Client, inbox: str) -> None:
        if self._lost:
            self._lost, self._asked = False, 0
            await self._bind(client)
        if self._asked < _AT_ONCE:
            self._asked += _AT_ONCE
            wanted = {
                "batch": _AT_ONCE,
                "expires": _nanos(_ASKED_S),
                "idle_heartbeat": _nanos(_BEAT_S),
                "group": _GROUP,
                "priority": self._place.number,
            }
            await client.publish(_NEXT, json.dumps(wanted).encode(), reply=inbox)

    async def _arrived(self, message: Msg) -> None:
        status = (message.headers or {}).get("Status")
        if message.subject.startswith(_PREFIX):
            self._asked -= 1
            self._waiting.append(message)
        elif status != _BEAT:
            self._asked = 0
            self._lost = self._lost or status not in _ASK_AGAIN
        self._woken.set()

    async def _wait(self, client: Client) -> None:
        try:
            async with asyncio.timeout(_SILENT_S):  # wait_for of 3.11 may miss a cancel
                await self._woken.wait()
        except TimeoutError:
            self._lost = True
        self._woken.clear()
        if not client.is_connected:
            raise ConnectionClosedError

    async def _take(self, client: Client, heard: Heard) -> None:
        """Let the hub hear all that waits, again and again until it takes it."""
        batch, pause_s = list(self._waiting), _FIRST_PAUSE_S
        messages = [message for one in batch if (message := self._read(one))]
        while messages:
            try:
                heard(messages)
                break
            except Exception:  # noqa: BLE001 - whatever it is: not durable, so not acknowledged
                _log.exception("%d messages not taken; again in %.1f s", len(messages), pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        del self._waiting[: len(batch)]
        await self._answer(client, batch, _ACK)

    def _read(self, message: Msg) -> Any:
        topic = message.subject.removeprefix(_PREFIX).replace(".", "/")
        return self._incoming.read(topic, message.data)

    async def _answer(self, client: Client, batch: list[Msg], answer: bytes) -> None:
        for message in batch:
            await client.publish(message.reply, answer)

    # Speaking

    def _queue(self, subject: str, payload: bytes) -> None:
        try:
            self._to_say.put_nowait((subject, payload))
        except asyncio.QueueFull:
            self.unsaid += 1

    async def _speak(self, client: Client) -> None:
        """Until the node is away; the rest waits for the next."""
        while True:
            subject, payload = await self._to_say.get()
            try:
                await client.publish(subject, payload)
            except AWAY:
                self.unsaid += 1
                if not client.is_connected:
                    return


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _nanos(seconds: float) -> int:
    return int(seconds * 1e9)
