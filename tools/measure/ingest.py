"""What a hub takes in: messages and events a second, each durable before it is acknowledged, once.

Beside it, with the same publishers and a broker just as new, a bare subscriber: paho in Python, as
the hub has it, that acknowledges each message and does nothing else. The hub's time ends when it
has acknowledged the last event to the last device, all being durable; that of the bare one when
it has seen the last message. How long the hub goes on to fold what it has taken in (see
hub/intake.py) is measured apart. All are measured twice, in turns.
"""

import contextlib
import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from hub.link.broker import Broker
from hub.link.certificates import Certificates
from protocol import topics
from tools.bench.wait import until
from tools.fleet import crew
from tools.fleet.crew import Plan
from tools.fleet.site import Site
from tools.measure.publishers import Load, Made, Published, run_publishers
from tools.measure.result import MeasureError, Result, Track, median, table

_USUAL, _DEVICES, _ROUNDS = 12_000, 40, 2
_ENOUGH = 10  # events of each device; with fewer, once is enough
_MANY = 20  # events told at once
_LONG_S = 600.0
_FORKS = multiprocessing.get_context("forkserver")


class _Run(NamedTuple):
    """messages, events: durable a second; cpu_us: of the listener for that, an event.

    folded: events a second until all of it is; folded_cpu_us: the listener's processor in all.
    """

    messages: float
    events: float
    cpu_us: float
    folded: float = 0.0
    folded_cpu_us: float = 0.0
    lost: int = 0
    twice: int = 0


async def measure(folder: Path, n: int, seed: int, track: Track) -> Result:
    _FORKS.set_forkserver_preload(["hub.start", "tools.measure.publishers"])
    each = max((n or _USUAL) // _DEVICES, 2)
    rounds = range(_ROUNDS if each >= _ENOUGH else 1)
    plans = [(kind, turn) for turn in rounds for kind in ("bare", "one", "many")]
    runs: dict[str, list[_Run]] = {"bare": [], "one": [], "many": []}
    for kind, turn in track(plans, "listeners"):
        place = folder / f"{kind}-{turn}"
        (place / "devices").mkdir(parents=True)
        site = Site(place, _DEVICES)
        people = site.settle(lambda rounds, what: rounds)
        plan = Plan(
            site.certificates, place / "devices", site.port, site.kind, people, seed
        )  # fmt: skip
        if kind == "bare":
            runs[kind].append(await _bare(place, Load(plan, each, 1)))
        else:
            runs[kind].append(await _hub(site, Load(plan, each, 1 if kind == "one" else _MANY)))
    return _result(runs)


async def _hub(site: Site, load: Load) -> _Run:
    await site.start()
    try:
        with _publishers(load) as (pipe, made):
            before = site.usage()
            pipe.send(True)
            published: Published = _recv(pipe)
            durable_cpu_s = site.usage().hub_cpu_s - before.hub_cpu_s
            await until("all is folded", site.all_folded, _LONG_S)
            folded_s = time.monotonic() - published.start_s
            cpu_s = site.usage().hub_cpu_s - before.hub_cpu_s
    finally:
        site.stop()
    took_s, events = published.durable_s - published.start_s, sum(made.recorded.values())
    counts = site.count(crew.Made(made.recorded, made.visits))
    durable = made.messages / took_s, events / took_s, 1e6 * durable_cpu_s / events
    return _Run(*durable, events / folded_s, 1e6 * cpu_s / events, *counts)


async def _bare(folder: Path, load: Load) -> _Run:
    certificates = Certificates(load.plan.certificates)
    broker = Broker(folder / "broker", certificates, port=load.plan.port)
    await broker.admit(load.plan.people)
    await broker.start()
    try:
        with _publishers(load) as (pipe, made), _process(run_bare, load.plan) as subscriber:
            _recv(subscriber)
            pipe.send(False)
            subscriber.send(made.messages)
            end_s, cpu_s = _recv(subscriber)
            published: Published = _recv(pipe)
    finally:
        await broker.stop()
    took_s, events = end_s - published.start_s, sum(made.recorded.values())
    return _Run(made.messages / took_s, events / took_s, 1e6 * cpu_s / events)


def run_bare(plan: Plan, pipe: Connection) -> None:
    """What the bare subscriber's process does: sends None when it listens, hears how many
    messages with events to wait for, and sends (when it had them, processor time), both s."""
    certificates, heard = Certificates(plan.certificates), [0]
    client = Client(
        CallbackAPIVersion.VERSION2, "bare", clean_session=False, manual_ack=True
    )  # as hub/link/mqtt.py

    def arrived(_client: Client, _data: Any, message: Any) -> None:
        heard[0] += message.topic.endswith("/" + topics.PACKED)
        client.ack(message.mid, message.qos)

    def connected(*_: Any) -> None:
        client.subscribe(topics.EVERY_UP, qos=1)

    client.tls_set_context(certificates.hub_context())
    client.on_message = arrived
    client.on_connect = connected
    client.on_subscribe = lambda *_: pipe.send(None)
    client.connect("localhost", plan.port)
    while not pipe.poll():
        client.loop(0.01)
    wanted, cpu_s = pipe.recv(), time.process_time()
    while heard[0] < wanted:
        client.loop(1.0)
    pipe.send((time.monotonic(), time.process_time() - cpu_s))
    client.disconnect()


@contextlib.contextmanager
def _publishers(load: Load) -> Iterator[tuple[Connection, Made]]:
    with _process(run_publishers, load) as pipe:
        yield pipe, _recv(pipe)
        pipe.send(None)


@contextlib.contextmanager
def _process(run: Any, what: Any) -> Iterator[Any]:
    """The pipe to it."""
    ours, theirs = _FORKS.Pipe()
    process = _FORKS.Process(target=run, args=(what, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
        process.join(10)
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()


def _recv(pipe: Connection) -> Any:
    if not pipe.poll(_LONG_S):
        raise MeasureError(f"publishers and listener are not done within {_LONG_S:g} s")
    try:
        return pipe.recv()
    except EOFError:
        raise MeasureError("publishers or listener ended before they were done") from None


def _result(runs: dict[str, list[_Run]]) -> Result:
    bare, one, many = (_middle(runs[name]) for name in ("bare", "one", "many"))
    every = [run for found in runs.values() for run in found]
    figures: dict[str, Any] = {
        "messages_per_s": one.messages,
        "bare_paho_per_s": bare.messages,
        "ratio": one.messages / bare.messages,
        "events_per_s_20": many.events,
        "events_per_cpu_s_1": 1e6 / one.cpu_us,
        "events_per_cpu_s_20": 1e6 / many.cpu_us,
        "folded_per_s_1": one.folded,
        "folded_per_s_20": many.folded,
        "folded_cpu_us_1": one.folded_cpu_us,
        "folded_cpu_us_20": many.folded_cpu_us,
        "bare_cpu_us_per_message": bare.cpu_us,
        "lost": sum(run.lost for run in every),
        "twice": sum(run.twice for run in every),
    }
    shown = table(
        f"{_DEVICES} devices tell one hub their journals, by mutual TLS on one broker",
        *("", "messages/s", "events/s", "µs an event", "folded/s", "µs an event"),
        caption=f"Durable and acknowledged, and then folded; µs of the listener's processor."
        f" {figures['ratio']:.0%} of bare paho in messages; lost {figures['lost']}, twice"
        f" {figures['twice']}. {_MANY} events told at once are three messages. To reach: 80 %,"
        " 60,000 durable events a second of one core.",
    )
    for run, what in (
        (bare, "bare paho, which only counts"),
        (one, "the hub, one event a message"),
        (many, f"the hub, {_MANY} events at once"),
    ):
        kept = f"{run.messages:,.0f}", f"{run.events:,.0f}", f"{run.cpu_us:,.0f}"
        folded = (f"{run.folded:,.0f}", f"{run.folded_cpu_us:,.0f}") if run.folded else ("", "")
        shown.add_row(what, *kept, *folded)
    return Result(shown, figures)


def _middle(runs: list[_Run]) -> _Run:
    """The median of each rate."""
    of = [median([run[at] for run in runs]) for at in range(5)]
    return _Run(of[0], of[1], of[2], of[3], of[4])
