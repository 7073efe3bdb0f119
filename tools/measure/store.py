"""What one event costs at the hub's store with few and with very many customers, and a cold start.

An event is of any customer, each as likely as the next: the dearest load there is, for nearly all
are of somebody whose vault is not in memory. It is read and committed alone, and 20 a commit, as
the hub does under load: that says first what it will read. Before, all files are read once, as the
system has them in its cache when a hub has run for a while. The floor is what the disk takes to
append the same bytes and sync them. Whatever is compared is done in turn, event by event; what is
said is the median of some rounds, each long enough for the store to write its files.

Beside it stock TinyDB, one file, which is rewritten at every change, with few customers only: it
would take days. And SQLite (WAL, every commit synced), with the same documents, as plain text.
"""

import gc
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import orjson
from tinydb import TinyDB, where

from hub import durable
from hub.store import Put, encode
from hub.store.tiny import TinyStore
from tools.measure.crowded import changes, customer, customer_of, device_of
from tools.measure.result import MeasureError, Result, Track, median, percentile, table

_USUAL = 100_000
_AT_ONCE, _SHARDS_AT_ONCE = 1000, 100  # customers, or vaults of the directory, in one commit
_ROUNDS, _A_ROUND, _BATCH = 9, 120, 20
_STARTS, _SEARCHES = 3, 300
_STOCK_MOST, _STOCK_EVENTS = 1000, 3

_FLOOR, _OURS, _SQLITE = "Append and sync alone", "Rapport, sealed", "SQLite, WAL, synced"
_BATCHED = f"Rapport, {_BATCH} a commit"

_Costs = dict[str, dict[int, float]]


async def measure(folder: Path, n: int, seed: int, track: Track) -> Result:
    most = n or _USUAL
    if most < 100:
        raise MeasureError(f"--n {n}: at least 100 customers are wanted")
    sizes = (most // 100, most // 10, most)
    ours = {size: _Ours(folder / f"store {size}") for size in sizes}
    sqlite = {size: _Sqlite(folder / f"sqlite {size}") for size in sizes}
    gc.disable()  # it would look through what is put in bulk again and again
    for size in sizes:
        for puts in _in_bulk(size, seed, track):
            ours[size].commit(puts)
            sqlite[size].commit(puts)
        ours[size].settle()
        _read_through(ours[size].folder.rglob("*"))
        _read_through([sqlite[size].path])
    gc.enable()
    costs = _costs(ours, sqlite, Random(seed), track)
    stock_size = min(_STOCK_MOST, most)
    stock_us = _stock_us(folder / "stock.json", _customers(0, stock_size, seed), stock_size)
    for each in (*ours.values(), *sqlite.values()):
        each.close()
    return _result(costs, (stock_size, stock_us), _starts(folder / f"store {most}"))


def _costs(
    ours: dict[int, "_Ours"], sqlite: dict[int, "_Sqlite"], random: Random, track: Track
) -> _Costs:
    """Of one event in µs, by what and how many customers; the first round is none that counts."""
    kinds = ((_OURS, ours, 1), (_BATCHED, ours, _BATCH), (_SQLITE, sqlite, 1))
    rounds: dict[tuple[str, int], list[float]] = defaultdict(list)
    for number in track(range(_ROUNDS + 1), "events"):
        took_us: dict[tuple[str, int], float] = defaultdict(float)
        for turn in range(_A_ROUND):
            for what, stores, batch in kinds:
                for size, store in stores.items() if turn % batch == 0 else ():
                    took_us[what, size] += _commit_us(store, random, size, batch)
            for size, store in ours.items():
                took_us[_FLOOR, size] += _floor_us(store, random, size)
        for place, sum_us in took_us.items() if number else ():
            rounds[place].append(sum_us / _A_ROUND)
    return {
        what: {size: median(rounds[what, size]) for size in ours}
        for what in (_FLOOR, *(what for what, _, _ in kinds))
    }


def _read_through(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_file():
            path.read_bytes()


class _Ours:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._store = TinyStore(folder)

    def commit(self, puts: Sequence[Put]) -> None:
        self._store.commit(puts)

    def ahead(self, numbers: list[int]) -> None:
        """As hub/ahead.py has it."""
        self._store.ahead(f"device/{device_of(number)}" for number in numbers)
        self._store.ahead(f"customer/{customer_of(number)}" for number in numbers)

    def read(self, vault: str, table: str, key: str) -> dict:
        found = self._store.get(vault, table, key)
        assert found is not None
        return found

    def settle(self) -> None:
        """As after a quiet while: what was put in bulk is in its files."""
        self._store.close()
        self._store = TinyStore(self.folder)

    def close(self) -> None:
        self._store.close()


class _Sqlite:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.execute("pragma journal_mode = wal")
        self._base.execute("pragma synchronous = full")
        self._base.execute(
            "create table documents (vault, tab, key, document, primary key (vault, tab, key))"
            " without rowid"
        )

    def commit(self, puts: Sequence[Put]) -> None:
        self._base.execute("begin")
        for vault, name, key, document in puts:
            if document is None:
                order = "delete from documents where vault = ? and tab = ? and key = ?"
                self._base.execute(order, (vault, name, key))
            else:
                row = (vault, name, key, orjson.dumps(document))
                self._base.execute("insert or replace into documents values (?, ?, ?, ?)", row)
        self._base.execute("commit")

    def ahead(self, numbers: list[int]) -> None:
        """It has no such thing."""

    def read(self, vault: str, table: str, key: str) -> dict:
        order = "select document from documents where vault = ? and tab = ? and key = ?"
        return orjson.loads(self._base.execute(order, (vault, table, key)).fetchone()[0])

    def close(self) -> None:
        self._base.close()


def _stock_us(path: Path, puts: Iterable[Put], size: int) -> float:
    """TinyDB as it comes, one document a customer: one field of one of them is changed."""
    by_vault: dict[str, dict] = {}
    for put in puts:
        document = by_vault.setdefault(put.vault, {"vault": put.vault})
        document[f"{put.table} {put.key}"] = put.document
    with TinyDB(path) as base:
        base.insert_multiple(by_vault.values())
        took_s = []
        for heard in range(_STOCK_EVENTS):
            wanted = f"customer/{customer_of(heard * size // _STOCK_EVENTS)}"
            start_s = time.perf_counter()
            base.update({"heard": heard}, where("vault") == wanted)
            took_s.append(time.perf_counter() - start_s)
    return 1e6 * median(took_s)


def _commit_us(of: _Ours | _Sqlite, random: Random, size: int, batch: int) -> float:
    """Of one commit of so many events, each of any of the customers, who are read before."""
    numbers = [random.randrange(size) for _ in range(batch)]
    start_s = time.perf_counter()
    of.ahead(numbers)
    of.commit([put for number in numbers for put in _event(of, number)])
    return 1e6 * (time.perf_counter() - start_s)


def _floor_us(beside: _Ours, random: Random, size: int) -> float:
    """Of what no store can do without: the bytes of an event at the end of a file, synced."""
    body = encode(_event(beside, random.randrange(size)))
    handle = os.open(beside.folder.with_name("floor"), durable.APPEND, 0o600)
    start_s = time.perf_counter()
    durable.write_all(handle, body)
    os.fsync(handle)
    took_s = time.perf_counter() - start_s
    os.close(handle)
    return 1e6 * took_s


def _event(of: _Ours | _Sqlite, number: int) -> list[Put]:
    vault = f"customer/{customer_of(number)}"
    of.read(f"device/{device_of(number)}", "state", "sync")
    of.read(vault, "profile", "about")
    use, count = of.read(vault, "use", "lamp"), of.read(vault, "rings", "events")["count"]
    use["visits"] += 1
    return changes(number, use["visits"], use, count)


def _customers(first: int, end: int, seed: int) -> list[Put]:
    random = Random(f"{seed} {first}")
    return [put for number in range(first, end) for put in customer(number, random)]


def _in_bulk(size: int, seed: int, track: Track) -> Iterator[list[Put]]:
    """Commits of what there is of all; the rows of the directory last, each of its vaults once."""
    rows: dict[str, list[Put]] = defaultdict(list)
    for first in track(range(0, size, _AT_ONCE), f"{size:,} customers"):
        puts = []
        for put in _customers(first, min(first + _AT_ONCE, size), seed):
            listed = put.vault.startswith("directory/")
            (rows[put.vault] if listed else puts).append(put)
        yield puts
    vaults = sorted(rows)
    for at in range(0, len(vaults), _SHARDS_AT_ONCE):
        yield [put for vault in vaults[at : at + _SHARDS_AT_ONCE] for put in rows[vault]]


def _starts(folder: Path) -> dict[str, Any]:
    """Processes that open the store anew: how long until everybody is found, memory, searches."""
    all_of = [_started(folder, searches) for searches in (*[0] * (_STARTS - 1), _SEARCHES)]
    usual = {key: median([one[key] for one in all_of]) for key in ("cold_start_s", "cpu_s")}
    disk_mb = _disk_mb(folder) + _disk_mb(folder.with_name(folder.name + ".keys"))
    return all_of[-1] | usual | {"disk_mb": disk_mb}


def _started(folder: Path, searches: int) -> dict[str, Any]:
    start_s = time.perf_counter()
    command = [sys.executable, "-m", "tools.measure.idle", str(folder), str(searches)]
    root = Path(__file__).parent.parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout
        ready = process.stdout.readline()
        cold_start_s = time.perf_counter() - start_s
        rest = process.stdout.read()
    if process.returncode:
        raise MeasureError("the store could not be opened again in a process of its own")
    return json.loads(ready) | json.loads(rest) | {"cold_start_s": cold_start_s}


def _result(costs: _Costs, stock: tuple[int, float], started: dict[str, Any]) -> Result:
    first, *_, last = sizes = list(costs[_OURS])
    ratio = {what: by_size[last] / by_size[first] for what, by_size in costs.items()}
    figures: dict[str, Any] = {
        "floor_us": _keyed(costs[_FLOOR]),
        "event_us": _keyed(costs[_OURS]),
        "cost_ratio": ratio[_OURS],
        "batched_event_us": _keyed(costs[_BATCHED]),
        "batched_cost_ratio": ratio[_BATCHED],
        "sqlite_event_us": _keyed(costs[_SQLITE]),
        "stock_event_us": {str(stock[0]): stock[1]},
        "customers": last,
        "cold_start_s": started["cold_start_s"],
        "cold_start_cpu_s": started["cpu_s"],
        "rss_mb_100k": started["rss_mb"],
        "disk_mb": started["disk_mb"],
        "search_p50_ms": median(started["search_ms"]),
        "search_p99_ms": percentile(started["search_ms"], 99),
    }
    shown = table(
        "One event, read and committed, in µs",
        *("customers", *(f"{size:,}" for size in sizes), "last / first"),
        caption=f"With {last:,}: {figures['cold_start_s']:.1f} s from the start of a process until"
        f" everybody is found ({figures['cold_start_cpu_s']:.1f} s of it at work),"
        f" {figures['rss_mb_100k']:.0f} MB of memory then,"
        f" {figures['disk_mb']:.0f} MB on the disk; a search takes"
        f" {figures['search_p50_ms']:.1f} ms (p50), {figures['search_p99_ms']:.1f} ms (p99)."
        f" Stock TinyDB was tried with {stock[0]:,} only: {stock[1]:,.0f} µs."
        " To reach: 1.25, 5 s, 100 MB, 100 ms.",
    )
    for what, by_size in costs.items():
        cells = [f"{us:,.0f}" for us in by_size.values()]
        shown.add_row(what, *cells, f"{ratio[what]:.2f}")
    return Result(shown, figures)


def _keyed(by_size: dict[int, float]) -> dict[str, float]:
    return {str(size): us for size, us in by_size.items()}


def _disk_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
