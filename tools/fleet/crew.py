"""Many simulated devices in one process, which does what it is told over a pipe.

Join(within_s)    all who are off come back, each at a moment of its own within so long
Live(every_s)     visits come so often to each device; 0 for none
Cut()             all connections end at once; nobody comes back by themselves until Join
"tally"           answered with a Tally
"""

import asyncio
import contextlib
import heapq
import ssl
import time
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from hub.link.certificates import Certificates
from tools.fleet.behaviour import wait_s
from tools.fleet.device import Device, Kind
from tools.fleet.line import KEEPALIVE_S, Line

_TICK_S = 0.05
_LOOK_S = 0.5  # between two looks at what a device has to say again
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0  # before a device tries again, as firmware/link.py
_ANSWER_S = 15.0


class Plan(NamedTuple):
    """people: {device: subject}; certificates: the folder of the hub's own."""

    certificates: Path
    folder: Path
    port: int
    kind: Kind
    people: dict[str, bytes]
    seed: int


class Join(NamedTuple):
    within_s: float


class Live(NamedTuple):
    every_s: float


class Cut(NamedTuple):
    pass


class Tally(NamedTuple):
    """Sums over devices. quiet: devices that agree with the hub; lost: connections nobody cut."""

    up: int
    quiet: int
    recorded: int
    waiting: int
    told: int
    lost: int
    streams: int


class Made(NamedTuple):
    """By device: what it recorded."""

    recorded: dict[str, int]
    visits: dict[str, int]


def run_crew(plan: Plan, pipe: Connection) -> None:
    """What the process does until its pipe is closed; the first it says is None: ready."""
    asyncio.run(_Crew(plan).serve(pipe))


class _Seat:
    """A device, and the line it has at the moment."""

    def __init__(self, name: str, plan: Plan) -> None:
        self.line: Line | None = None
        self.pause_s = _FIRST_PAUSE_S
        self.device = Device(name, plan.kind, plan.people[name], plan.seed, self._say)

    def _say(self, kind: str, payload: bytes) -> bool:
        return self.line is not None and self.line.say(kind, payload)


class _Crew:
    def __init__(self, plan: Plan) -> None:
        self._plan, self._random = plan, Random(plan.seed)
        self._context = ssl.create_default_context(cafile=plan.certificates / "authority.pem")
        self._seats = {name: _Seat(name, plan) for name in plan.people}
        self._due: list[tuple[float, str]] = []  # when the next visit ends, by time
        self._every_s, self._wanted, self._lost = 0.0, False, 0
        self._joining: set[asyncio.Task[None]] = set()

    async def serve(self, pipe: Connection) -> None:
        certify(self._plan)
        told, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(pipe.fileno(), told.set)
        sweeping = asyncio.create_task(self._sweep())
        pipe.send(None)
        with contextlib.suppress(EOFError, OSError):
            while True:
                await told.wait()
                told.clear()
                while pipe.poll():
                    self._do(pipe.recv(), pipe)
        loop.remove_reader(pipe.fileno())
        self._cut()
        sweeping.cancel()
        for task in self._joining:
            task.cancel()
        await asyncio.gather(sweeping, *self._joining, return_exceptions=True)

    def _do(self, said: Any, pipe: Connection) -> None:
        match said:
            case Join(within_s):
                self._wanted = True
                for seat in self._seats.values():
                    self._join(seat, self._random.uniform(0, within_s))
            case Live(every_s):
                self._live(every_s)
            case Cut():
                self._cut()
            case "tally":
                pipe.send(self._tally())
            case _:
                devices = [seat.device for seat in self._seats.values()]
                recorded = {device.name: device.recorded for device in devices}
                pipe.send(Made(recorded, {device.name: device.visits for device in devices}))

    def _join(self, seat: _Seat, after_s: float) -> None:
        task = asyncio.create_task(self._connect(seat, after_s))
        self._joining.add(task)
        task.add_done_callback(self._joining.discard)

    async def _connect(self, seat: _Seat, after_s: float) -> None:
        """Until there is a connection, with longer and longer pauses."""
        await asyncio.sleep(after_s)
        while self._wanted and seat.line is None:
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(self._open(seat), _ANSWER_S)
                return
            seat.line = None
            await asyncio.sleep(self._pause_s(seat))

    async def _open(self, seat: _Seat) -> None:
        pem = pem_of(self._plan, seat.device.name)
        seat.line = line = Line(
            seat.device, self._context, pem, now_ms, lambda device: self._left(device, line)
        )
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: line, "127.0.0.1", self._plan.port)

    def _left(self, device: Device, line: Line) -> None:
        seat = self._seats[device.name]
        if seat.line is not line:
            return
        seat.line = None
        if self._wanted:
            self._lost += 1
            self._join(seat, self._pause_s(seat))

    def _pause_s(self, seat: _Seat) -> float:
        pause_s, seat.pause_s = seat.pause_s, min(2 * seat.pause_s, _LONGEST_PAUSE_S)
        return self._random.uniform(0.5, 1.5) * pause_s

    def _cut(self) -> None:
        self._wanted = False
        for seat in self._seats.values():
            seat.pause_s = _FIRST_PAUSE_S
            if seat.line:
                seat.line.cut()

    def _live(self, every_s: float) -> None:
        self._every_s = every_s
        if every_s:
            start_s = time.monotonic()
            names = self._seats
            self._due = [(start_s + wait_s(self._random, every_s), name) for name in names]
            heapq.heapify(self._due)

    async def _sweep(self) -> None:
        look_s, ping_s = 0.0, time.monotonic()
        while True:
            await asyncio.sleep(_TICK_S)
            at_s = time.monotonic()
            self._visit(at_s)
            if at_s >= look_s:
                look_s = at_s + _LOOK_S
                for seat in self._up():
                    seat.device.sync.passed(now_ms())
            if at_s >= ping_s + KEEPALIVE_S / 2:
                ping_s = at_s
                for seat in self._up():
                    assert seat.line
                    seat.pause_s = _FIRST_PAUSE_S
                    seat.line.ping()

    def _visit(self, at_s: float) -> None:
        while self._every_s and self._due[0][0] <= at_s:
            _, name = self._due[0]
            heapq.heapreplace(self._due, (at_s + wait_s(self._random, self._every_s), name))
            self._seats[name].device.visited(now_ms())

    def _up(self) -> list[_Seat]:
        return [seat for seat in self._seats.values() if seat.line and seat.line.up]

    def _tally(self) -> Tally:
        devices = [seat.device for seat in self._seats.values()]
        return Tally(
            len(self._up()),
            sum(device.quiet for device in devices),
            sum(device.recorded for device in devices),
            sum(device.journal.waiting() for device in devices),
            sum(device.told for device in devices),
            self._lost,
            sum(device.journal.streams for device in devices),
        )


def certify(plan: Plan) -> None:
    """A key and certificate for each device, in one file each."""
    certificates = Certificates(plan.certificates)
    for name in plan.people:
        identity = certificates.device(name)
        key = ssl.DER_cert_to_PEM_cert(identity.key_der).replace("CERTIFICATE", "PRIVATE KEY")
        pem_of(plan, name).write_text(key + ssl.DER_cert_to_PEM_cert(identity.certificate_der))


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def pem_of(plan: Plan, name: str) -> Path:
    return plan.folder / f"{name}.pem"
