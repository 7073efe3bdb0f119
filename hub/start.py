"""The hub as it runs: its parts made from settings, and served until it is told to stop.

await serve(Settings(), started=print)      # what `rapport hub` does
"""

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

import uvicorn

from hub import makers, products
from hub.access import Access, staff_key
from hub.api.parts import Parts
from hub.app import create_app
from hub.config import Settings
from hub.link.broker import Broker
from hub.link.certificates import Certificates
from hub.link.mqtt import MqttLink
from hub.restore import finish_restore
from hub.store.tiny import TinyStore

_GRACE_S = 3  # for requests in flight when the hub is told to stop


def build(settings: Settings, clock: Callable[[], int] | None = None) -> Parts:
    """The parts for these settings; makes what the data folder lacks.

    clock: ms since 1970, by default the computer's.

    Raises BrokerError, StoreError, ProductFileError or OSError with a sentence.
    """
    clock = clock or now_ms
    known = products.load(settings.products)
    certificates = Certificates(settings.data / "certificates")
    broker, host, port = None, settings.broker or "127.0.0.1", settings.broker_port
    if settings.broker is None:
        broker = Broker(settings.data / "broker", certificates, port=port)
        port = broker.port
    link = MqttLink(
        host, port, client_id=certificates.hub_client_id(), tls=certificates.hub_context()
    )
    access = Access(staff_key(settings.data, os.urandom), clock, os.urandom)
    return Parts(
        store=open_store(settings),
        link=link,
        products=known,
        clock=clock,
        random=os.urandom,
        access=access,
        broker=broker,
        zone=ZoneInfo(settings.timezone),
        periods=settings.periods(),
        together=settings.together(),
        roots=lambda: makers.trusted(settings.data),
        refused=lambda: makers.refused(settings.data),
    )


def open_store(settings: Settings, folder: Path | None = None) -> TinyStore:
    """The store, by default that of the data folder, with its keys apart. Raises StoreError."""
    master = settings.master_key.get_secret_value() if settings.master_key else None
    folder = folder or settings.data / "store"
    finish_restore(folder)
    return TinyStore(folder, settings.data / "keys", master=master)


async def serve(settings: Settings, started: Callable[[str], None]) -> None:
    """Run until SIGINT or SIGTERM; started(url) once it answers, url letting one browser in."""
    parts = build(settings)
    config = uvicorn.Config(
        create_app(parts),
        settings.host,
        settings.port,
        log_level="warning",
        timeout_graceful_shutdown=_GRACE_S,
    )
    await _Server(config, parts, started).serve()


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, parts: Parts, started: Callable[[str], None]
    ) -> None:
        super().__init__(config)
        self._parts, self._started = parts, started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._started(f"http://{host}:{port}/start/{self._parts.access.link()}")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # the streams of changes first: a page that listens would keep the hub from stopping
        self._parts.changed.close()
        super().handle_exit(sig, frame)
