"""A cluster of NATS nodes on loopback, each a process: to be killed, and started again.

cluster = Cluster(folder, certificates, size=3)
await cluster.nodes.admit(["lamp-0001"])
await cluster.start()
cluster.kill(0)
cluster.stop()
"""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from hub.link.broker import BrokerError, find_server
from hub.link.certificates import Certificates
from hub.link.node_files import Node, write_node
from hub.link.nodes import Nodes
from hub.link.ports import free_port
from tools.bench.processor import used_s

_START_S = 60.0


class Cluster:
    """`urls`: of the nodes, for hub workers; `mqtt_ports`, for devices; `nodes`: who is let in."""

    def __init__(self, folder: Path, certificates: Certificates, size: int) -> None:
        ports = [free_port() for _ in range(3 * size)]
        names = [f"n{number}" for number in range(size)]
        at = [f"127.0.0.1:{port}" for port in ports]
        self._all = [
            Node(*each) for each in zip(names, at, at[size:], at[2 * size :], strict=False)
        ]
        self.urls = [f"tls://{node.clients}" for node in self._all]
        self.mqtt_ports = ports[2 * size :]
        self.nodes = Nodes(self.urls, folder, certificates)
        self._folder, self._server, self._certificates = folder, find_server(), certificates
        self._environment = os.environ | {"RAPPORT_SEAL": "s" + secrets.token_hex(32)}
        self._processes: list[subprocess.Popen[bytes] | None] = [None] * size

    async def start(self) -> None:
        """All nodes, until devices can connect to each."""
        self.nodes.begin()
        for number in range(len(self._all)):
            self.run(number)
        for number in range(len(self._all)):
            await self.answers(number)

    def run(self, number: int) -> None:
        """Start a node; it answers later."""
        folder = self._folder / self._all[number].name
        configuration = write_node(
            self._all[number], self._all, folder, self._folder, self._certificates
        )
        with (folder / "log").open("ab") as log:
            self._processes[number] = subprocess.Popen(
                [self._server, "-c", configuration],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )

    async def answers(self, number: int) -> None:
        """Wait until a node lets devices connect. Raises BrokerError when it does not start."""
        end = time.monotonic() + _START_S
        while not _listens(self.mqtt_ports[number]):
            process = self._processes[number]
            if process is None or process.poll() is not None or time.monotonic() > end:
                log = self._folder / self._all[number].name / "log"
                said = log.read_text(errors="replace")[-500:]
                raise BrokerError(f"node {number} does not start: {said}")
            await asyncio.sleep(0.05)

    def kill(self, number: int) -> None:
        """As a power cut does."""
        process = self._processes[number]
        if process:
            process.kill()
            process.wait()
            self._processes[number] = None

    @contextlib.contextmanager
    def frozen(self, number: int) -> Iterator[None]:
        """As a machine is that has stopped answering, until the `with` ends."""
        process = self._processes[number]
        assert process
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    def cpu_s(self) -> float:
        """Processor time of the nodes that run, so far."""
        return used_s(*(process.pid for process in self._processes if process))

    def stop(self) -> None:
        for number in range(len(self._processes)):
            self.kill(number)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
