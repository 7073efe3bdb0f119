"""Plain MQTT clients beside the hub, on the same broker: what a message costs without any of us.

One has the hub's certificate: it also hears what a device says, to count it. The other is a device
that the broker admits and the hub knows nothing of: the first one speaks to it.
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from hub.link.certificates import Certificates
from protocol import topics
from tools.bench.world import World
from tools.measure.result import MeasureError

NAME = "measure"

_TOPIC = topics.down(NAME, "ack")
_PAYLOAD = bytes(100)
_ANSWER_S = 10.0
_KEEPALIVE_S = 30


class Peer:
    """async with Peer(world, "lamp-1") as peer; counts what lamp-1 says, bytes."""

    def __init__(self, world: World, device: str) -> None:
        self.topic_bytes = self.payload_bytes = 0
        self._broker: Any = world.hub.parts.broker
        self._names = world.hub.parts.profiles.device_names()
        certificates = Certificates(world.folder / "hub" / "certificates")
        self._back = asyncio.Event()
        self._back_s = 0.0
        said = [topics.up(device, kind) for kind in topics.UP_KINDS]
        self._hub = _Client(certificates.hub_context(), said, self._said)
        bare = _device_context(certificates, world.folder)
        self._device = _Client(bare, [_TOPIC], self._arrived)
        self._loop = asyncio.get_running_loop()

    async def __aenter__(self) -> "Peer":
        await self._broker.admit([*self._names, NAME])
        for client in (self._hub, self._device):
            await client.connect(self._broker.port)
        return self

    async def __aexit__(self, *error: object) -> None:
        for client in (self._hub, self._device):
            await client.close()

    async def round_trip_ms(self) -> float:
        """One message at QoS 1 from this process through the broker and back to it."""
        self._back.clear()
        sent_s = time.perf_counter()
        self._hub.publish(_TOPIC, _PAYLOAD)
        await _within(_ANSWER_S, self._back, "the broker does not pass a message on")
        return 1000 * (self._back_s - sent_s)

    # On paho's threads.

    def _said(self, message: MQTTMessage) -> None:
        self.topic_bytes += len(message.topic.encode())
        self.payload_bytes += len(message.payload)

    def _arrived(self, message: MQTTMessage) -> None:
        self._back_s = time.perf_counter()
        self._loop.call_soon_threadsafe(self._back.set)


class _Client:
    """paho as it comes; heard(message) is called on its thread."""

    def __init__(
        self, tls: ssl.SSLContext, subscribed: list[str], heard: Callable[[MQTTMessage], None]
    ) -> None:
        self._wanted = [(topic, 1) for topic in subscribed]
        self._heard = heard
        self._loop = asyncio.get_running_loop()
        self._ready = asyncio.Event()
        self._paho = Client(CallbackAPIVersion.VERSION2)
        self._paho.tls_set_context(tls)
        self._paho.on_connect = self._on_connect
        self._paho.on_subscribe = self._on_subscribe
        self._paho.on_message = self._on_message

    async def connect(self, port: int) -> None:
        self._paho.connect("127.0.0.1", port, _KEEPALIVE_S)
        self._paho.loop_start()
        await _within(_ANSWER_S, self._ready, "the broker does not let us listen")

    def publish(self, topic: str, payload: bytes) -> None:
        self._paho.publish(topic, payload, qos=1)

    async def close(self) -> None:
        self._paho.disconnect()
        await asyncio.to_thread(self._paho.loop_stop)
        # the callbacks hold this object and this object the client: let go, so that it can close
        self._paho.on_connect = self._paho.on_subscribe = self._paho.on_message = None

    def _on_connect(self, client: Client, *_: Any) -> None:
        client.subscribe(self._wanted)

    def _on_subscribe(self, _client: Client, _data: Any, _mid: int, codes: Any, _: Any) -> None:
        if not any(code.is_failure for code in codes):
            self._loop.call_soon_threadsafe(self._ready.set)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._heard(message)


async def _within(seconds: float, happened: asyncio.Event, otherwise: str) -> None:
    try:
        await asyncio.wait_for(happened.wait(), seconds)
    except TimeoutError:
        raise MeasureError(otherwise) from None


def _device_context(certificates: Certificates, folder: Path) -> ssl.SSLContext:
    """TLS as a device has it; OpenSSL wants the certificate in a file."""
    identity = certificates.device(NAME)
    pem = folder / f"{NAME}.pem"
    key = ssl.DER_cert_to_PEM_cert(identity.key_der).replace("CERTIFICATE", "PRIVATE KEY")
    pem.write_text(key + ssl.DER_cert_to_PEM_cert(identity.certificate_der))
    context = ssl.create_default_context(cafile=certificates.authority_pem)
    context.load_cert_chain(pem)
    return context
