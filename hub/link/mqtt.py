"""The link over MQTT 3.1.1, by paho: QoS 1, one persistent session, acknowledged by hand.

A network thread of its own owns the socket (wire.py). What arrives waits in a list until the event
loop takes all of it at once; only when the hub has made the batch durable is it acknowledged to the
broker. A batch that the hub refuses stays here, unacknowledged, and is offered again after a pause:
brokers differ in when they would send it again by themselves.
"""

import asyncio
import logging
import ssl
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from paho.mqtt.client import Client, error_string
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from hub.link import HOOKS, Heard, Message, check_said
from hub.link.arrived import Arrived
from hub.link.incoming import Incoming
from hub.link.wire import WiredClient
from protocol import topics

_log = logging.getLogger(__name__)

_KEEPALIVE_S = 30
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 15.0
_LOOK_S = 1.0
_MOST_SAID = 10_000  # messages to devices held while the broker is away; then the newest are lost
_MOST_WAITING = 20_000  # from devices; then the newest are not taken, and come again at QoS 1
_SUCCESS = MQTTErrorCode.MQTT_ERR_SUCCESS


class _Waiting(NamedTuple):
    session: int  # which connection it came by: only that one can acknowledge it
    arrived: Arrived


class MqttLink:
    """Implements hub.link.Link and Broadcaster.

    `client_id` names the session at the broker; whoever knows it can end the hub's connection, so
    make it hard to guess (Certificates.hub_client_id). `tls` holds the hub's certificate.

    Counters: `refused` messages from devices (malformed topic, too large, or too many at once),
    `unsaid` messages to devices that were given up.
    """

    def __init__(
        self, host: str, port: int, *, client_id: str, tls: ssl.SSLContext | None = None
    ) -> None:
        self.unsaid = 0
        self._incoming = Incoming()
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._durable: list[_Waiting] = []  # to be acknowledged by the network thread
        self._session = 0
        self._subscribed = False
        self._ending = threading.Event()
        self._retry: asyncio.TimerHandle | None = None
        self._refusals = 0
        self._thread: threading.Thread | None = None
        self._client = self._make_client(client_id, tls)
        self._client.connect_async(host, port, _KEEPALIVE_S)

    @property
    def connected(self) -> bool:
        return self._subscribed

    @property
    def refused(self) -> int:
        return self._incoming.refused

    async def open(self, heard: Heard) -> None:
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(self._take, heard)

        self._thread = threading.Thread(target=self._run, args=(wake,), name="mqtt", daemon=True)
        self._thread.start()

    def say(self, device: str, kind: str, payload: bytes, retain: bool = False) -> None:
        check_said(device, payload)
        said = self._client.publish(topics.down(device, kind), payload, qos=1, retain=retain)
        if said.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            self.unsaid += 1

    def broadcast(self, kind: str, payload: bytes) -> None:
        self._client.publish(f"{HOOKS}/{kind}", payload, qos=1)

    async def close(self) -> None:
        if not self._thread:
            return
        self._ending.set()
        if self._retry:
            self._retry.cancel()
        self._client.disconnect()
        await asyncio.to_thread(self._thread.join)
        self._thread = None

    def _make_client(self, client_id: str, tls: ssl.SSLContext | None) -> WiredClient:
        client = WiredClient(
            CallbackAPIVersion.VERSION2, client_id, clean_session=False, manual_ack=True
        )
        client.max_queued_messages_set(_MOST_SAID)
        client.max_inflight_messages_set(200)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        # Without this, paho would write to the socket from whichever thread publishes.
        client.on_socket_register_write = _leave_to_the_network_thread
        if tls:
            client.tls_set_context(tls)
        return client

    # On the network thread.

    def _run(self, wake: Callable[[], None]) -> None:
        self._client.take = lambda messages: self._arrived(messages, wake)
        pause_s = _FIRST_PAUSE_S
        while not self._ending.is_set():
            worked = self._connect_and_serve()
            pause_s = _FIRST_PAUSE_S if worked else min(2 * pause_s, _LONGEST_PAUSE_S)
            self._ending.wait(pause_s)
        # The callbacks hold this object and this object the client: let go, so that it can close.
        self._client.take = len
        self._client.on_connect = self._client.on_subscribe = None

    def _connect_and_serve(self) -> bool:
        """One connection from beginning to end; True when it came up."""
        with self._lock:
            self._session += 1
            self._waiting.clear()  # unacknowledged, so it comes again
        worked = False
        try:
            self._client.reconnect()
            if self._ending.is_set():
                self._client.disconnect()
            while (code := self._client.step(_LOOK_S)) == _SUCCESS:
                worked = worked or self._subscribed
                self._acknowledge_rest()
            if not self._ending.is_set():
                _log.warning("the broker ended the connection: %s", error_string(code))
        except OSError as error:
            _log.warning("no way to the broker: %s", error)
        except Exception:  # noqa: BLE001 - a broker's nonsense must not end the thread
            _log.exception("the connection to the broker failed")
        self._subscribed = False
        return worked

    def _acknowledge_rest(self) -> None:
        with self._lock:
            durable, self._durable = self._durable, []
        if durable:
            self._client.acknowledge(
                one.arrived.number
                for one in durable
                if one.arrived.number and one.session == self._session
            )

    def _on_connect(self, client: Client, _data: Any, _flags: Any, code: Any, _: Any) -> None:
        if code.is_failure:
            _log.error("the broker refuses the hub: %s", code)
            return
        client.subscribe(topics.EVERY_UP, qos=1)

    def _on_subscribe(self, _client: Client, _data: Any, _mid: int, codes: Any, _: Any) -> None:
        if any(code.is_failure for code in codes):
            _log.error("the broker does not let the hub listen to %s", topics.EVERY_UP)
            return
        self._subscribed = True

    def _arrived(self, messages: list[Arrived], wake: Callable[[], None]) -> None:
        with self._lock:
            first = not self._waiting
            room = max(0, _MOST_WAITING - len(self._waiting))
            self._incoming.refused += len(messages[room:])
            self._waiting += [_Waiting(self._session, one) for one in messages[:room]]
        if first:
            wake()

    # On the event loop.

    def _take(self, heard: Heard) -> None:
        if self._ending.is_set():
            return  # closed: what waits comes again at the next start
        with self._lock:
            batch, self._waiting = self._waiting, []
        messages = [message for waiting in batch if (message := self._read(waiting.arrived))]
        try:
            if messages:
                heard(messages)
        except Exception:  # noqa: BLE001 - whatever it is: not durable, so not acknowledged
            self._offer_again(batch, heard)
            return
        self._refusals = 0
        self._acknowledge(batch)

    def _offer_again(self, batch: list[_Waiting], heard: Heard) -> None:
        pause_s = min(_FIRST_PAUSE_S * 2**self._refusals, _LONGEST_PAUSE_S)
        _log.exception("%d messages not taken; again in %.1f s", len(batch), pause_s)
        self._refusals += 1
        with self._lock:
            self._waiting[:0] = [waiting for waiting in batch if waiting.session == self._session]
        self._retry = asyncio.get_running_loop().call_later(pause_s, self._take, heard)

    def _read(self, arrived: Arrived) -> Message | None:
        try:
            return self._incoming.read(arrived.topic.decode(), arrived.payload)
        except UnicodeDecodeError as error:
            self._incoming.refuse("?", error)
            return None

    def _acknowledge(self, batch: list[_Waiting]) -> None:
        """The first here, which wakes the network thread; the rest is cheaper for that to do."""
        with self._lock:  # so that no new connection begins, where the same number is another's
            for at, (session, arrived) in enumerate(batch):
                if session == self._session and arrived.number:
                    self._durable += batch[at + 1 :]
                    self._client.ack(arrived.number, 1)
                    return


def _leave_to_the_network_thread(_client: Client, _data: Any, _socket: Any) -> None:
    """paho's network loop looks by itself for what waits to be written."""
