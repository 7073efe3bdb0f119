"""A device at a real broker, with a certificate of its own; speaks by paho."""

import contextlib
import ssl
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from hub.link.certificates import Certificates, Identity

LONG_S = 60


class Device:
    """One connection; `heard`: what it was told. It asks for all there is to hear."""

    def __init__(
        self, name: str, port: int, certificates: Certificates, identity: Identity
    ) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.connected, self.ended = threading.Event(), threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, name)
        self._client.tls_set_context(_context(certificates, identity))
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = lambda *_: self.ended.set()
        self._client.on_message = lambda _c, _d, message: self.heard.append(
            (message.topic, message.payload)
        )
        # Without this, paho would write to the socket from whichever thread publishes.
        self._client.on_socket_register_write = lambda *_: None
        self._client.connect_async("127.0.0.1", port)
        self._client.reconnect_delay_set(60, 60)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def say(self, topic: str, payload: bytes) -> None:
        said = self._client.publish(topic, payload, qos=1)
        until(said.is_published)

    def listen(self, topic: str) -> None:
        self._client.subscribe(topic, qos=1)

    def close(self) -> None:
        self._client.disconnect()
        self._thread.join()
        self._client.on_connect = self._client.on_disconnect = self._client.on_message = None

    def _run(self) -> None:
        """One connection, until it ends."""
        with contextlib.suppress(OSError):
            self._client.reconnect()
            while self._client.loop(0.05) == paho.MQTT_ERR_SUCCESS:
                pass
        self.ended.set()

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, code: Any, _: Any) -> None:
        if not code.is_failure:
            client.subscribe("rapport/#", qos=1)
            self.connected.set()


def _context(certificates: Certificates, identity: Identity) -> ssl.SSLContext:
    key = ssl.DER_cert_to_PEM_cert(identity.key_der).replace("CERTIFICATE", "PRIVATE KEY")
    context = ssl.create_default_context(cafile=certificates.authority_pem)
    with tempfile.TemporaryDirectory(prefix="rapport-") as folder:
        path = Path(folder) / "device.pem"
        path.write_text(key + ssl.DER_cert_to_PEM_cert(identity.certificate_der))
        context.load_cert_chain(path)
    return context


def until(true: Callable[[], Any]) -> None:
    end = time.monotonic() + LONG_S
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)
