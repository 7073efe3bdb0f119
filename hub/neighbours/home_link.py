"""The connection to a home's broker: MQTT 3.1.1 by paho, on a thread of its own, that comes back.

link = HomeLink(home, begun, heard)         # both are called on the event loop
link.open()
link.say("rapport-home/lamp-1/state", b"{}")
await link.close()
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from hub.neighbours.home_assistant import DOWN, ROOT, STATUS, UP
from hub.neighbours.homes import Home

_log = logging.getLogger(__name__)

_KEEPALIVE_S = 30
_WAIT_S, _PATIENCE_S = 1.0, 3.0  # for what comes; for a connection
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0


class HomeLink:
    """begun(): nothing is known there, as with each connection, or Home Assistant began anew.

    heard(topic, payload): what it asks for.
    """

    def __init__(
        self, home: Home, begun: Callable[[], None], heard: Callable[[str, bytes], None]
    ) -> None:
        self._home, self._begun, self._heard = home, begun, heard
        self._birth = f"{home.prefix}/status"
        self._loop = asyncio.get_running_loop()
        self._ending = threading.Event()
        self._client = self._make_client()
        self._thread = threading.Thread(target=self._run, name=f"home {home.name}", daemon=True)

    def open(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def say(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        """False where it cannot be said: nothing waits for a home that is away."""
        if not self._client.is_connected():
            return False
        said = self._client.publish(topic, payload, qos=1, retain=retain)
        return said.rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    async def close(self) -> None:
        self.say(STATUS, DOWN, retain=True)
        self._ending.set()
        self._client.disconnect()
        await asyncio.to_thread(self._thread.join)
        self._client.on_connect = self._client.on_message = None

    def _make_client(self) -> Client:
        home = self._home
        client = Client(CallbackAPIVersion.VERSION2)
        if home.user:
            client.username_pw_set(home.user, home.password)
        if home.tls:
            client.tls_set(home.ca or None)
        client.connect_timeout = _PATIENCE_S
        client.connect_async(home.host, home.port, _KEEPALIVE_S)
        client.will_set(STATUS, DOWN, qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        # without this, paho would write to the socket from the thread of the event loop
        client.on_socket_register_write = lambda _client, _data, _socket: None
        return client

    # On the network thread.

    def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._ending.is_set():
            try:
                self._client.reconnect()
                while self._client.loop(_WAIT_S) == MQTTErrorCode.MQTT_ERR_SUCCESS:
                    pause_s = _FIRST_PAUSE_S
            except OSError as error:
                _log.warning("no way to the home %s: %s", self._home.name, error)
            except Exception:  # noqa: BLE001 - a broker's nonsense must not end the thread
                _log.exception("the connection to the home %s failed", self._home.name)
            self._ending.wait(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _on_connect(self, client: Client, _data: Any, _flags: Any, code: Any, _: Any) -> None:
        if code.is_failure:
            _log.error("the broker of the home %s refuses the hub: %s", self._home.name, code)
            return
        client.subscribe([(f"{ROOT}/+/set/+", 1), (self._birth, 1)])
        client.publish(STATUS, UP, qos=1, retain=True)
        self._loop.call_soon_threadsafe(self._begun)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        payload = bytes(message.payload)
        if message.topic != self._birth:
            self._loop.call_soon_threadsafe(self._heard, message.topic, payload)
        elif payload == UP:
            self._loop.call_soon_threadsafe(self._begun)
