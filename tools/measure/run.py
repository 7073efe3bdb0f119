"""`rapport measure`: finds the measure, shows how far it is, prints what came of it."""

import asyncio
import json as json_
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from tools.measure import (
    cluster,
    crash,
    device,
    flash,
    fleet,
    ingest,
    intent,
    learn,
    pages,
    recognise,
    session,
    store,
    sync,
    walkup,
)
from tools.measure.result import MeasureError, Result, Track

Measure = Callable[[Path, int, int, Track], Awaitable[Result]]
"""await measure(folder, n, seed, track): n of 0 is the usual number."""

MEASURES: dict[str, Measure] = {
    "walkup": walkup.measure,
    "recognise": recognise.measure,
    "device": device.measure,
    "sync": sync.measure,
    "learn": learn.measure,
    "store": store.measure,
    "intent": intent.measure,
    "flash": flash.measure,
    "crash": crash.measure,
    "session": session.measure,
    "pages": pages.measure,
    "cluster": cluster.measure,
    "ingest": ingest.measure,
    "fleet": fleet.measure,
}


def measure(
    name: str,
    n: int,
    seed: int,
    out: Console,
    json: bool,
    options: learn.Options | None = None,
) -> dict[str, Any]:
    """Measure, print and give the figures; MeasureError if there is no such measure or number."""
    if name not in MEASURES:
        raise MeasureError(f"measure {name!r}: there is {', '.join(MEASURES)}")
    if n < 0:
        raise MeasureError(f"--n {n}: a number from 1 is wanted, or 0 for the usual")
    of = MEASURES[name]
    if options and options != learn.Options():
        if of is not learn.measure:
            raise MeasureError(f"measure {name}: panels, grids and plots are for learn")
        of = partial(learn.measure, options=options)
    figures = show(of, n, seed, out)
    if json:
        line = json_.dumps({"measure": name, "figures": _rounded(figures)})
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    return figures


def show(of: Measure, n: int, seed: int, out: Console) -> dict[str, Any]:
    """Measure and print the table; the figures."""
    with Progress(console=out, transient=True) as progress:
        result = asyncio.run(_measured(of, n, seed, progress))
    out.print(result.table)
    return result.figures


async def _measured(of: Measure, n: int, seed: int, progress: Progress) -> Result:
    def track(rounds: Iterable[Any], what: str) -> Iterable[Any]:
        return progress.track(list(rounds), description=what)

    with tempfile.TemporaryDirectory(prefix="rapport-", ignore_cleanup_errors=True) as folder:
        return await of(Path(folder), n, seed, track)


def _rounded(figure: Any) -> Any:
    """To a thousandth: more digits would promise what a clock does not hold."""
    if isinstance(figure, dict):
        return {key: _rounded(value) for key, value in figure.items()}
    if isinstance(figure, list):
        return [_rounded(value) for value in figure]
    return round(figure, 3) if isinstance(figure, float) else figure
