"""The hub on the bench: the real one, in this process, so that it can be given the bench's time.

hub = BenchHub(Settings(data=folder, port=0), clock)
await hub.start()
await hub.stop()          # a hub that is off; what it was told is on its disk
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator

import uvicorn

from hub.api.parts import Parts
from hub.app import create_app
from hub.config import Settings
from hub.link.ports import free_port
from hub.start import build


class _Server(uvicorn.Server):
    """Leaves the signals to whoever runs the bench."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class BenchHub:
    """Broker, store, ingest and pages, as `rapport hub` has them."""

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        self._settings, self._clock = _somewhere(settings), clock
        self._parts: Parts | None = None
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def on(self) -> bool:
        return self._parts is not None

    @property
    def parts(self) -> Parts:
        if self._parts is None:
            raise RuntimeError("the hub is off")
        return self._parts

    @property
    def url(self) -> str:
        return f"http://{self._settings.host}:{self._settings.port}"

    async def start(self) -> None:
        if self.on:
            return
        self._parts = build(self._settings, self._clock)
        app = create_app(self._parts)
        config = uvicorn.Config(
            app, self._settings.host, self._settings.port, log_level="warning", ws="none"
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve())
        while not self._server.started:
            if self._task.done():
                await self._task
                raise RuntimeError(f"the hub does not start on {self.url}; is the port taken?")
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        if not self.on or self._server is None or self._task is None:
            return
        self.parts.changed.close()
        self._server.should_exit = True
        await self._task
        self._parts = self._server = self._task = None


def _somewhere(settings: Settings) -> Settings:
    """A hub that comes back is found where it was, and so is its broker."""
    ports = {"port": settings.port, "broker_port": settings.broker_port}
    free = {name: port or free_port(settings.host) for name, port in ports.items()}
    return settings.model_copy(update=free)
