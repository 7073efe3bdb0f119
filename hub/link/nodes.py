"""The nodes of a NATS cluster: what they are configured with, and whom they let in.

A folder that all nodes read holds who may speak, in `users.conf`. The hub's workers write it, and
ask every node to read it anew; whoever is not in it any more is thrown out. As in the embedded
broker a client is who its certificate says.

    nodes = Nodes(["tls://a:4222"], folder, certificates)
    await nodes.admit(["lamp-0001"])
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from hub import durable
from hub.link import HOOKS
from hub.link.broker import BrokerError
from hub.link.certificates import Certificates
from hub.link.jetstream import CONSUMER, STREAM
from hub.link.place import WORKERS
from hub.link.reread import Reread
from hub.store import StoreError
from hub.store.lock import FolderLock
from protocol import topics

_LOCK_S, _PAUSE_S = 30.0, 0.05
_HUB_MAY = (
    "rapport.*.down.>",
    f"{HOOKS}.*",
    WORKERS,
    f"$JS.API.STREAM.INFO.{STREAM}",
    f"$JS.API.CONSUMER.CREATE.{STREAM}.>",
    f"$JS.API.CONSUMER.DURABLE.CREATE.{STREAM}.{CONSUMER}",
    f"$JS.API.CONSUMER.INFO.{STREAM}.{CONSUMER}",
    f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{CONSUMER}",
    f"$JS.ACK.{STREAM}.{CONSUMER}.>",
)
_USERS = """\
accounts {{
  RAPPORT {{ jetstream: enabled, users: [
{users}
  ] }}
  SYSTEM {{ users: [ {{user: {operator}}} ] }}
}}
system_account: SYSTEM
"""


class Nodes:
    """Lets devices in, and nobody else. Raises BrokerError when a node refuses what it reads.

    Several workers may do so: each changes in the list what it has changed itself.
    """

    def __init__(self, servers: list[str], folder: Path, certificates: Certificates) -> None:
        self._folder = folder.resolve()
        self._certificates = certificates
        self._reread = Reread(servers, certificates.operator_context)
        self._admitted: set[str] | None = None
        durable.make_folder(self._folder)

    async def start(self) -> None:
        """They run by themselves."""

    async def stop(self) -> None:
        self._reread.stop()

    def trust(self, lines: Callable[[], list[bytes]]) -> None:
        with _locked(self._folder):
            self._certificates.trust(lines())
            self._copy()

    async def admit(self, devices: Iterable[str]) -> None:
        """Let in exactly these devices and the hub.

        In force when it returns at each node that answers, at the others as soon as they do.
        """
        admitted = set(devices)
        for device in admitted:
            if not topics.is_device(device):
                raise ValueError(f"{device!r} is not a device id")
        await asyncio.to_thread(self._write, admitted)
        self._admitted = admitted
        await self._reread.everywhere()

    def begin(self) -> None:
        """Have something for the nodes to read before any worker has run."""
        with _locked(self._folder):
            self._copy()
        if not self._users.exists():
            self._write(set())

    @property
    def _users(self) -> Path:
        return self._folder / "users.conf"

    def _copy(self) -> None:
        """Whom the nodes believe: our own authority, and lines of makers."""
        clients = self._certificates.clients_pem
        durable.replace(self._folder / clients.name, clients.read_bytes())

    def _write(self, admitted: set[str]) -> None:
        """Another worker may have let in others meanwhile."""
        path = self._folder / "devices"
        with _locked(self._folder):
            if self._admitted is not None:
                there = set(path.read_text().split()) if path.exists() else set()
                admitted = (there | admitted - self._admitted) - (self._admitted - admitted)
            durable.replace(self._users, self._text(admitted).encode())
            durable.replace(path, "\n".join(sorted(admitted)).encode())

    def _text(self, admitted: set[str]) -> str:
        hub, reader = self._certificates.hub_name, self._certificates.reader_name
        users = [
            _user(hub, "STANDARD", _HUB_MAY, ["_INBOX.>", WORKERS]),
            _user(reader, "MQTT", [], [f"{HOOKS}.*"]),
        ]
        for device in sorted(admitted):
            down = f"rapport.{device}.down"
            # MQTT's x/down/# means x/down itself as well.
            users.append(_user(device, "MQTT", [f"rapport.{device}.up.>"], [down, f"{down}.>"]))
        operator = self._certificates.operator_name
        return _USERS.format(users="\n".join(users), operator=_quoted(f"CN={operator}"))


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One worker at a time."""
    end = time.monotonic() + _LOCK_S
    while True:
        try:
            lock = FolderLock(folder)
            break
        except StoreError:
            if time.monotonic() > end:
                raise BrokerError(f"{folder} is locked by another hub worker") from None
        time.sleep(_PAUSE_S)
    try:
        yield
    finally:
        lock.release()


def _user(name: str, kind: str, publish: Iterable[str], subscribe: Iterable[str]) -> str:
    may = json.dumps(list(publish)) if publish else '{deny: ">"}'
    return (
        f"    {{user: {_quoted(f'CN={name}')}, allowed_connection_types: [{kind}],"
        f" permissions: {{publish: {may}, subscribe: {json.dumps(list(subscribe))}}}}}"
    )


def _quoted(value: object) -> str:
    return json.dumps(str(value))
