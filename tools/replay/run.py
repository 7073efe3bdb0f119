"""`rapport replay`: reads the panel, plays it with a progress bar, prints the table."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from protocol.product import Product, read_product
from tools.replay import core, hops
from tools.replay.panel import Panel, PanelError, Visit, read
from tools.replay.score import Score

__all__ = ["first_people", "play", "read", "tolerance"]


def tolerance(text: str) -> Decimal:
    """A tolerance as it was typed; PanelError if it is none."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or number < 0:
        raise PanelError(f"--tolerance: {text!r} is no number from 0")
    return number


def first_people(panel: Panel, count: int) -> Panel:
    """The panel of the first `count` people by name; 0 is everybody."""
    if count < 0:
        raise PanelError("--people: a number from 0 is wanted")
    if count == 0:
        return panel
    chosen = set(panel.people[:count])
    return panel._replace(visits=[visit for visit in panel.visits if visit.person in chosen])


def play(panel: Panel, only_cores: bool, out: Console) -> Score:
    """Play a panel and print what came of it."""
    product = read_product(panel.definition)
    way = "the two cores" if only_cores else "every hop"
    out.print(f"{len(panel.visits)} visits of {len(panel.people)} people through {way}")
    started = time.monotonic()
    with Progress(console=out, transient=True) as progress:
        task = progress.add_task("visits", total=len(panel.visits))
        score = _score(panel, product, only_cores, lambda visit: progress.advance(task))
    took_s = time.monotonic() - started
    out.print(table(score))
    out.print(f"{len(panel.visits) / took_s:,.0f} visits a second, {took_s:.0f} s")
    return score


def table(score: Score) -> Table:
    """Corrections per 100 choices by visit number."""
    shown = Table(title="Corrections per 100 choices")
    for heading in ("visit", "choices", "Rapport", "last used", "fixed default"):
        shown.add_column(heading, justify="right")
    for name, count, ours, last_used, default in score.bands():
        cells = [f"{100 * rate:.1f}" for rate in (ours, last_used, default)]
        shown.add_row(name, str(count), *cells, end_section=name.endswith("+"))
    return shown


def _score(
    panel: Panel, product: Product, only_cores: bool, done: Callable[[Visit], None]
) -> Score:
    if only_cores:
        return core.replay(panel, product, done)
    with tempfile.TemporaryDirectory(prefix="rapport-", ignore_cleanup_errors=True) as folder:
        return asyncio.run(hops.replay(panel, product, Path(folder), done))
