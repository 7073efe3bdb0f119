"""What somebody at the desk waits for: a profile page, a search, a timeline, of very many people.

One browser asks one page after the other, over HTTP on this machine, of a hub in a process of its
own. The customers are any, each as likely as the next, so that nearly none is in memory; half of
the pages are of the few who have hundreds of visits. Beside them an empty FastAPI route.
"""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from hub.store.tiny import TinyStore
from tools.measure.pages_hub import EMPTY
from tools.measure.pages_people import AT_ONCE, HEAVY_EACH, HOUSEHOLD, customer_of, name_of, people
from tools.measure.result import MeasureError, Result, Track, median, percentile, table

_USUAL = 100_000
_MOST_ROUNDS, _FEWEST_ROUNDS = 400, 40  # of each page
_WARM = 10  # that are not counted
_KINDS = ("profile", "search", "timeline", "empty")
_SHOWN = {
    "profile": "Profile page",
    "search": "Search, as one types",
    "timeline": "Timeline, narrowed",
    "empty": "Empty FastAPI route",
}

_Took = dict[str, list[float]]


async def measure(folder: Path, n: int, seed: int, track: Track) -> Result:
    count = n or _USUAL
    if count < HOUSEHOLD or count % HOUSEHOLD:
        raise MeasureError(f"--n {n}: tens of customers are wanted, ten a household")
    start_s = time.perf_counter()
    _build(folder, count, seed, track)
    built_s = time.perf_counter() - start_s
    with _hub(folder) as hub:
        took_ms = _ask(hub, count, seed, track)
    return _result(took_ms, count, built_s)


def _build(folder: Path, count: int, seed: int, track: Track) -> None:
    store = TinyStore(folder / "store", folder / "keys")
    commits = people(count, seed)
    for _ in track(range(0, count, AT_ONCE), f"{count:,} customers"):
        store.commit(next(commits))
    for puts in commits:
        store.commit(puts)
    store.close()


@contextmanager
def _hub(folder: Path) -> Iterator[dict[str, Any]]:
    """A hub that answers: {port, token}."""
    command = [sys.executable, "-m", "tools.measure.pages_hub"]
    command += [str(folder / "store"), str(folder / "keys")]
    root = Path(__file__).parents[2]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=root) as process:
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            raise MeasureError("the hub whose pages are measured did not start")
        yield json.loads(line)
        process.communicate("")


def _ask(hub: dict[str, Any], count: int, seed: int, track: Track) -> _Took:
    """Milliseconds of each answer, by what was asked: in turn, so that all have it alike."""
    random, took_ms = Random(seed), {kind: [] for kind in _KINDS}
    desk = _Browser(hub["port"])
    desk.sign_in(hub["token"])
    rounds = _MOST_ROUNDS if count >= _USUAL // 10 else _FEWEST_ROUNDS
    for at in track(range(_WARM + rounds), "pages"):
        for kind in _KINDS:
            path = _path(kind, at, random, count, seed)
            ms = desk.get(path)
            if at >= _WARM:
                took_ms[kind].append(ms)
    desk.close()
    return took_ms


def _path(kind: str, at: int, random: Random, count: int, seed: int) -> str:
    number = random.randrange(count)
    if at % 2:
        number -= number % (HOUSEHOLD * HEAVY_EACH)
    person = f"/customers/{customer_of(number)}"
    name = name_of(number, seed)
    first = random.randrange(len(name) - 2)
    wanted = (name[first : first + random.randint(1, 5)], f"of{number}@", "nobody at all")[at % 3]
    return {
        "profile": person,
        "search": f"/?part=found&q={quote(wanted)}",
        "timeline": f"{person}?kind=visit&setting=brightness",
        "empty": EMPTY,
    }[kind]


class _Browser:
    """One connection that stays; every answer is read to its end."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._headers = {"Accept": "text/html"}

    def sign_in(self, token: str) -> None:
        self._connection.request("GET", f"/start/{token}", headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        self._headers["Cookie"] = answer.headers["Set-Cookie"].partition(";")[0]

    def get(self, path: str) -> float:
        """How many ms it took."""
        start_s = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        took_ms = 1000 * (time.perf_counter() - start_s)
        if answer.status != 200:
            raise MeasureError(f"{path} was answered with {answer.status}: {body[:200]!r}")
        return took_ms

    def close(self) -> None:
        self._connection.close()


def _result(took_ms: _Took, count: int, built_s: float) -> Result:
    figures: dict[str, Any] = {"customers": count, "built_s": built_s}
    for kind, all_ms in took_ms.items():
        figures[f"{kind}_p50_ms"] = median(all_ms)
        figures[f"{kind}_p99_ms"] = percentile(all_ms, 99)
        figures[f"{kind}_per_s"] = 1000 * len(all_ms) / sum(all_ms)
    figures["requests_per_s"] = figures["profile_per_s"]
    shown = table(
        f"A page of {count:,} customers",
        *("what", "p50, ms", "p99, ms", "a second"),
        caption="To reach: p99 of 50 ms, of a search 100 ms. One browser, page after page.",
    )
    for kind in took_ms:
        row = (figures[f"{kind}_{part}"] for part in ("p50_ms", "p99_ms", "per_s"))
        shown.add_row(_SHOWN[kind], *(f"{one:,.1f}" for one in row))
    return Result(shown, figures)
