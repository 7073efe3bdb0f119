"""The hub as it runs: its parts made from settings, and served until it is told to stop.

await serve(Settings(), started=print)      # what `rapport hub` does
"""

import os
import socket
import time
from collections.abc import Callable
from types import FrameType
from zoneinfo import ZoneInfo

import uvicorn

from hub import products
from hub.access.audit_log import AuditLog
from hub.access.door import Access, staff_key
from hub.access.oidc import Firm
from hub.access.public import Public
from hub.access.who import ADMIN, Who
from hub.api.parts import Parts
from hub.app import create_app
from hub.config import Settings
from hub.devices import makers
from hub.engines import open_link, store_of
from hub.garbage import look_seldom
from hub.link.certificates import Certificates
from hub.neighbours.homes import read_homes
from hub.relation import offering
from hub.relation.hooks import read_hooks

_GRACE_S = 3  # for requests in flight when the hub is told to stop


def build(settings: Settings, clock: Callable[[], int] | None = None) -> Parts:
    """The parts for these settings; makes what the data folder lacks.

    clock: ms since 1970, by default the computer's.

    Raises BrokerError, StoreError, ProductFileError, HookFileError, HomeFileError or OSError with
    a sentence.
    """
    clock = clock or now_ms
    known = products.load(settings.products)
    offerings = offering.load(settings.products, known)
    told = read_hooks(settings.hooks) if settings.hooks else ()
    homes = read_homes(settings.homes) if settings.homes else ()
    certificates = Certificates(settings.data / "certificates", settings.broker_names)
    link, broker = open_link(settings, certificates)
    provider = settings.provider()
    access = Access(staff_key(settings.data, os.urandom), clock, os.urandom)
    return Parts(
        store=store_of(settings),
        link=link,
        products=known,
        offerings=offerings,
        hooks=told,
        homes=homes,
        clock=clock,
        random=os.urandom,
        access=access,
        audit_lines=AuditLog(settings.data / "audit"),
        public=Public(settings.origin, settings.security_contact),
        firm=Firm(provider, clock, os.urandom) if provider else None,
        broker=broker,
        zone=ZoneInfo(settings.timezone),
        periods=settings.periods(),
        together=settings.together(),
        roots=lambda: makers.trusted(settings.data),
        refused=lambda: makers.refused(settings.data),
    )


async def serve(
    settings: Settings,
    started: Callable[[str], None],
    unowned: Callable[[str], None] = lambda url: None,
) -> None:
    """Run until SIGINT or SIGTERM; started(url) once it answers, url letting one browser in.

    unowned(url) before, while nobody has an account: whoever opens it becomes the administrator.
    """
    parts = build(settings)
    config = uvicorn.Config(
        create_app(parts),
        settings.host,
        settings.port,
        log_level="warning",
        timeout_graceful_shutdown=_GRACE_S,
    )
    await _Server(config, parts, started, unowned).serve()


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class _Server(uvicorn.Server):
    def __init__(
        self,
        config: uvicorn.Config,
        parts: Parts,
        started: Callable[[str], None],
        unowned: Callable[[str], None],
    ) -> None:
        super().__init__(config)
        self._parts, self._started, self._unowned = parts, started, unowned

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            look_seldom()
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            if not self._parts.accounts.staff():
                self._unowned(self._invitation(host, port))
            self._started(f"http://{host}:{port}/start/{self._parts.access.link()}")

    def _invitation(self, host: str, port: int) -> str:
        """For the first administrator."""
        origin = self._parts.public.of(f"{host}:{port}", "http")
        return f"{origin}/invitation/{self._parts.access.invitations.begin(Who(ADMIN, ''))}"

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # the streams of changes first: a page that listens would keep the hub from stopping
        self._parts.changed.close()
        super().handle_exit(sig, frame)
