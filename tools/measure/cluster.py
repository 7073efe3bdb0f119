"""What a cluster does: three NATS nodes, PostgreSQL and three hub workers, each a process.

Devices tell one event a message, over mutual TLS, and the next when the last is acknowledged: that
is after it is durable. Beside it one node and one worker, with the same devices, and one worker on
three nodes, which shows what the workers add; then the cluster again while the node that all
devices are connected to is killed, and later a worker. What a message costs is said in processor
time, by part: all of them, and the devices, share one machine here.

And the store alone: the same events into PostgreSQL and into the embedded default, on one disk.
"""

import asyncio
import contextlib
import ssl
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

from hub.devices.device import Device
from hub.draft import Draft
from hub.link.certificates import Certificates
from hub.past.use import read_use
from hub.people.customer import Customer
from tools.bench.balancer import Balancer
from tools.bench.postgres import PostgresError, PostgresServer
from tools.bench.talker import Talker
from tools.bench.workers import Site
from tools.measure import stores_alone
from tools.measure.result import MeasureError, Result, Track, table

_USUAL, _MOST_DEVICES, _LEAST_EACH = 1_000, 100, 3
_LONG_S, _MOMENT_S = 300.0, 0.02
_MOST_ROUNDS = 5

_PLANS = (  # name, nodes, workers, is one of each killed?
    ("one", 1, 1, False),
    ("nodes", 3, 1, False),
    ("three", 3, 3, False),
    ("killed", 3, 3, True),
)


class _Spent(NamedTuple):
    """Processor time: s so far, or µs a message."""

    workers: float
    nodes: float
    postgres: float


class _Run(NamedTuple):
    """How many messages a second, what one costs, the longest time without."""

    rate: float
    cpu_us: _Spent
    gap_s: float
    lost: int
    twice: int


async def measure(folder: Path, n: int, seed: int, track: Track) -> Result:
    n = n or _USUAL
    each = max(n // _MOST_DEVICES, _LEAST_EACH)
    devices = min(max(n // each, 1), _MOST_DEVICES)
    try:
        with PostgresServer(durable=True) as server:
            runs = {}
            for name, nodes, workers, kills in track(_PLANS, "clusters"):
                site = Site(folder / name, server.database(name), nodes, workers)
                async with _at(site, devices) as talkers:
                    runs[name] = await _run(site, server, talkers, each, kills)
            rounds = max(min(n // 200, _MOST_ROUNDS), 1)
            rates = stores_alone.rates(folder, server.database("store"), rounds, seed)
    except PostgresError as error:
        raise MeasureError(str(error)) from None
    return _result(devices, runs, rates)


@contextlib.asynccontextmanager
async def _at(site: Site, devices: int) -> AsyncIterator[dict[Talker, str]]:
    """Devices, each with a customer, that find the first node there is; workers hear them."""
    balancer, talkers = Balancer(site.cluster.mqtt_ports), {}
    people = {f"lamp-{number + 1}": "" for number in range(devices)}
    await balancer.start()
    try:
        with site.parts() as parts:
            for name in people:
                parts.profiles.register(name, "lamp")
                people[name] = parts.profiles.welcome(f"Of {name}")
                parts.profiles.link(people[name], name)
                share = parts.profiles.credential(people[name])["devices"][name]
                context = _context(site.certificates, name)
                subject = bytes.fromhex(share["subject"])
                talkers[Talker(name, context, balancer.port, subject)] = people[name]
        await site.start(people)
        yield talkers
    finally:
        await balancer.stop()
        site.stop()


async def _run(
    site: Site, server: PostgresServer, talkers: dict[Talker, str], each: int, kills: bool
) -> _Run:
    await _tell(site, talkers, 2)  # until all is warm
    warm = {talker: len(talker.acks) for talker in talkers}
    before, start_s = _spent(site, server), time.monotonic()
    telling = asyncio.create_task(_tell(site, talkers, each))
    if kills:
        await _told(telling, talkers, each // 3)
        site.cluster.kill(0)
        await _told(telling, talkers, each // 2)
        site.kill(0)
    await telling
    after = _spent(site, server)
    acks = sorted(at for talker in talkers for at in talker.acks[warm[talker] :])
    gaps = [later - sooner for sooner, later in zip([start_s, *acks], acks, strict=False)]
    cpu_us = (1e6 * (now - then) / len(acks) for now, then in zip(after, before, strict=True))
    rate = len(acks) / (acks[-1] - start_s)
    return _Run(rate, _Spent(*cpu_us), max(gaps), *_count(site, talkers))


def _spent(site: Site, server: PostgresServer) -> _Spent:
    return _Spent(site.cpu_s(), site.cluster.cpu_s(), server.cpu_s())


async def _tell(site: Site, talkers: dict[Talker, str], each: int) -> None:
    for talker in talkers:
        talker.record(each)
    try:
        await asyncio.wait_for(asyncio.gather(*(one.run() for one in talkers)), _LONG_S)
    except TimeoutError:
        late = f"the devices get not rid of their events in {_LONG_S:.0f} s"
        raise MeasureError(f"{late}\n{site.said()}") from None


async def _told(telling: asyncio.Task[None], talkers: dict[Talker, str], each: int) -> None:
    """Until so many of this round are acknowledged of each device, on average."""
    before = sum(len(talker.acks) for talker in talkers)

    def told() -> int:
        return sum(len(talker.acks) for talker in talkers) - before

    while told() < each * len(talkers) and not telling.done():  # noqa: ASYNC110 - nobody tells it
        await asyncio.sleep(_MOMENT_S)


def _count(site: Site, talkers: dict[Talker, str]) -> tuple[int, int]:
    lost = twice = 0
    with site.parts() as parts:
        draft = Draft(parts.store)
        for talker, person in talkers.items():
            heard = Device(draft, talker.name).state["heard"]
            visits = read_use(Customer(draft, person).use_of("lamp"), 1).visits
            lost += max(talker.recorded - min(heard, visits), 0)
            twice += max(max(heard, visits) - talker.recorded, 0)
    return lost, twice


def _context(certificates: Certificates, name: str) -> ssl.SSLContext:
    identity = certificates.device(name)
    context = ssl.create_default_context(cafile=certificates.authority_pem)
    key = ssl.DER_cert_to_PEM_cert(identity.key_der).replace("CERTIFICATE", "PRIVATE KEY")
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(key + ssl.DER_cert_to_PEM_cert(identity.certificate_der))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def _result(devices: int, runs: dict[str, _Run], rates: dict[str, dict[int, float]]) -> Result:
    one, three = runs["one"], runs["three"]
    spent = {name: run.cpu_us for name, run in runs.items() if name != "killed"}
    figures: dict[str, Any] = {
        "lost": sum(run.lost for run in runs.values()),
        "twice": sum(run.twice for run in runs.values()),
        "messages_per_s": three.rate,
        "one_messages_per_s": one.rate,
        "ratio": three.rate / one.rate,
        "cpu_us_per_message": three.cpu_us.workers,
        "one_cpu_us_per_message": one.cpu_us.workers,
        "cpu_ratio": _ratio(spent["three"], spent["nodes"]),
        "cpu_ratio_to_one_node": _ratio(spent["three"], spent["one"]),
        "cpu_us_by_part": {name: us._asdict() for name, us in spent.items()},
        "killed_messages_per_s": runs["killed"].rate,
        "killed_gap_s": runs["killed"].gap_s,
        "store_events_per_s": {
            name: {str(batch): rate for batch, rate in by_batch.items()}
            for name, by_batch in rates.items()
        },
    }
    shown = table(
        f"{devices} devices, one event a message, durable before it is acknowledged;"
        " processor time a message, µs",
        *("", "a second", "workers", "nodes", "PostgreSQL", "longest gap, s", "lost", "twice"),
        caption="Events a second into the store alone, by how many are in one commit: "
        + "; ".join(f"{name} {_shown(by_batch)}" for name, by_batch in rates.items())
        + ". To reach: nothing lost, nothing twice, and a message costs three workers together what"
        f" it costs one; here {figures['cpu_ratio']:.2f} times that on three nodes.",
    )
    for name, what in (
        ("one", "one node, one worker"),
        ("nodes", "three nodes, one worker"),
        ("three", "three nodes, three workers"),
        ("killed", "... a node and a worker killed"),
    ):
        run = runs[name]
        parts = ("", "", "") if name == "killed" else (f"{us:,.0f}" for us in run.cpu_us)
        shown.add_row(what, f"{run.rate:,.0f}", *parts, f"{run.gap_s:.1f}", *map(str, run[-2:]))
    return Result(shown, figures)


def _ratio(spent: _Spent, beside: _Spent) -> float:
    """Of the workers' time for a message."""
    return spent.workers / max(beside.workers, 1.0)


def _shown(by_batch: dict[int, float]) -> str:
    return ", ".join(f"{rate:,.0f} ({batch})" for batch, rate in by_batch.items())
