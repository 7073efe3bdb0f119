"""Several hub workers on one PostgreSQL and one NATS cluster, each a process: to be killed.

site = Site(folder, server.database("site"), nodes=3, workers=2)
with site.parts() as parts:                  # before any worker runs: register, welcome, link
    ...
await site.start(devices)
site.kill(0)
site.stop()
"""

import asyncio
import contextlib
import multiprocessing
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hub.api.parts import Parts
from hub.config import Settings
from hub.link.certificates import Certificates
from hub.start import build, serve
from tools.bench.nodes import Cluster
from tools.bench.processor import used_s

_LAST_BYTES = 1_500
_FORKS = multiprocessing.get_context("forkserver")


def run_worker(values: dict[str, Any]) -> None:
    """What a worker's process does until it is killed; what it says is in its folder, in log."""
    sys.stdout = sys.stderr = (values["data"] / "log").open("a", buffering=1)
    asyncio.run(serve(Settings(**values), lambda url: None))


class Site:
    """`url`: the database, an empty one. A worker begins where the last one of its number was."""

    def __init__(self, folder: Path, url: str, nodes: int, workers: int) -> None:
        _FORKS.set_forkserver_preload(["hub.start", "hub.link.nodes", "hub.store.postgres.store"])
        self.certificates = Certificates(folder / "certificates")
        self.cluster = Cluster(folder / "nodes", self.certificates, nodes)
        self._folder = folder
        self._values = {
            "port": 0,
            "broker": self.cluster.urls[0].replace("tls://", "nats://")
            + "".join(f",{url.removeprefix('tls://')}" for url in self.cluster.urls[1:]),
            "broker_users": folder / "nodes",
            "store": url,
            "master_key": secrets.token_hex(32),
        }
        self._workers: list[Any] = [None] * workers

    @contextlib.contextmanager
    def parts(self) -> Iterator[Parts]:
        """What a worker works with, for a look or a change from outside."""
        parts = build(Settings(**self._of("outside")))
        try:
            yield parts
        finally:
            parts.audit.close()
            parts.store.close()

    async def start(self, devices: Iterable[str]) -> None:
        await self.cluster.start()
        await self.cluster.nodes.admit(devices)
        for number in range(len(self._workers)):
            self.run(number)

    def run(self, number: int) -> None:
        """Start a worker; it hears devices later."""
        values = self._of(f"worker-{number}")
        self._workers[number] = _FORKS.Process(target=run_worker, args=(values,), daemon=True)
        self._workers[number].start()

    def kill(self, number: int) -> None:
        """As a power cut does."""
        if self._workers[number]:
            self._workers[number].kill()
            self._workers[number].join()
            self._workers[number].close()
            self._workers[number] = None

    @property
    def fallen(self) -> bool:
        """Has a worker ended that was not killed?"""
        return any(worker and worker.exitcode is not None for worker in self._workers)

    def said(self) -> str:
        """How each worker stands, and the last that is in its log."""
        lines = []
        for number, worker in enumerate(self._workers):
            log = self._folder / f"worker-{number}" / "log"
            said = log.read_text(errors="replace")[-_LAST_BYTES:] if log.exists() else ""
            lines.append(f"worker {number}: {worker or 'killed'}\n{said}")
        return "\n".join(lines)

    def cpu_s(self) -> float:
        """Processor time of the workers that run, so far."""
        return used_s(*(worker.pid for worker in self._workers if worker))

    def stop(self) -> None:
        for number in range(len(self._workers)):
            self.kill(number)
        self.cluster.stop()

    def _of(self, name: str) -> dict[str, Any]:
        data = self._folder / name
        shutil.copytree(
            self._folder / "certificates", data / "certificates", dirs_exist_ok=True
        )  # all are one hub
        return self._values | {"data": data}
