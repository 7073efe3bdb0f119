"""How long until person and device have shown who they are, beside a bare connection.

On the same link, at a connection interval of 30 ms: bare is until the services are discovered, as
every application has to; ours is that, subscribing, reading who the device is, and the handshake.
A write is answered one interval later, as on the air; what both sides compute is real time, on the
real firmware. Packets are those of the handshake alone.
"""

import time
from pathlib import Path
from typing import Any

from protocol import gatt
from tools.bench.air import Air
from tools.bench.bleak_backend import BumbleClient, BumbleScanner, Central
from tools.bench.world import BenchDevice, Person, World
from tools.companion import Companion
from tools.measure.result import Result, Track, median, percentile, table

INTERVAL_MS = 30
_USUAL = 20
_MTUS = (247, 185, 23)
_SUITES = (1, 2)
_MAIN = (247, 1)  # what phones and boards agree on, the usual suite


class Session(BumbleClient):
    """A BleakClient backend that notes when it is connected, and every packet of the session."""

    connected_s = 0.0
    packets = 0

    async def connect(self, pair: bool, **options: Any) -> None:
        await super().connect(pair, **options)
        Session.connected_s, Session.packets = time.perf_counter(), 0

    async def write_gatt_char(self, characteristic, data, response: bool) -> None:
        Session.packets += characteristic.uuid == gatt.RX_UUID
        await super().write_gatt_char(characteristic, data, response)

    async def start_notify(self, characteristic, callback, **options: Any) -> None:
        def counted(value: bytearray) -> None:
            Session.packets += 1
            callback(value)

        await super().start_notify(characteristic, counted, **options)


async def measure(folder: Path, n: int, seed: int, track: Track) -> Result:
    air = Air(seed=seed, latency_s=INTERVAL_MS / 2000)
    cells: dict[tuple[int, int], list[tuple[float, float, int]]] = {}
    async with World(folder, air=air, interval_ms=None) as world:
        lamp = await world.device("lamp-1", "lamp")
        ana = await world.person("Ana")
        await world.link(ana, lamp)
        await ana.walk_to(lamp)
        rounds = [(mtu, suite) for mtu in _MTUS for suite in _SUITES for _ in range(n or _USUAL)]
        for mtu, suite in track(rounds, "opening sessions"):
            cells.setdefault((mtu, suite), []).append(await _open(world, lamp, ana, mtu, suite))
    return _result(cells)


async def _open(
    world: World, lamp: BenchDevice, ana: Person, mtu: int, suite: int
) -> tuple[float, float, int]:
    """(ms until connected and discovered, ms until authenticated, packets in between)."""
    Central(ana.phone.device, mtu).use()
    assert ana.customer
    credential = world.hub.parts.profiles.credential(ana.customer)
    companion = Companion(credential, BumbleScanner, Session, suite)
    found = await companion.find_one(lamp.board.mac)
    start_s = time.perf_counter()
    async with companion.meet(found, world.now_s()):
        bare_ms = 1000 * (Session.connected_s - start_s)
        return bare_ms, 1000 * (time.perf_counter() - start_s), Session.packets


def _result(cells: dict[tuple[int, int], list[tuple[float, float, int]]]) -> Result:
    shown = table(
        f"From connecting to authenticated, ms, at a connection interval of {INTERVAL_MS} ms",
        *("MTU, suite", "bare p50", "ours p50", "ours p95", "ratio", "packets"),
        caption=f"{len(cells[_MAIN])} rounds each. Bare: connected, services discovered. Suite 2"
        " is X25519 in Python: real time here, a board takes far longer.",
    )
    rows = []
    for (mtu, suite), cell in cells.items():
        row = {"mtu": mtu, "suite": suite, **_figures(cell)}
        rows.append(row)
        times = [f"{row[key]:.0f}" for key in ("bare_ms", "authenticated_ms", "p95_ms")]
        shown.add_row(f"{mtu}, {suite}", *times, f"{row['ratio']:.2f}", f"{row['packets']}")
    packets = _figures(cells[23, 1])["packets"]
    return Result(shown, {**_figures(cells[_MAIN]), "packets_mtu23": packets, "cells": rows})


def _figures(cell: list[tuple[float, float, int]]) -> dict[str, float]:
    bare, ours, packets = zip(*cell, strict=True)
    return {
        "bare_ms": median(bare),
        "authenticated_ms": median(ours),
        "p95_ms": percentile(ours, 95),
        "ratio": median([one / other for one, other in zip(ours, bare, strict=True)]),
        "packets": max(packets),
    }
