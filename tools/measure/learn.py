"""How well the learner does on real people's choices, beside simpler rules and costlier ones."""

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tools.learn import builtin, panel, plots, report
from tools.learn.run import built_in, run
from tools.measure.result import MeasureError, Result, Track
from tools.replay import rows

BAD_ROWS = 3
"""The command's exit code where rows of a file were left out."""


class Options(NamedTuple):
    """file: a panel of one's own; panels: names of built-in ones, none for all; texts as typed."""

    file: Path | None = None
    panels: str = ""
    tolerance: str = "0"
    grid: str = ""
    categorical: bool = False
    quick: bool = False
    plots: Path | None = None


async def measure(
    folder: Path, n: int, seed: int, track: Track, options: Options | None = None
) -> Result:
    """n: people of each panel at most."""
    options = options or Options()
    loaders, left_out = _loaders(options)
    if not loaders:
        raise MeasureError("no panel to measure on: " + "; ".join(left_out))
    made = run(loaders, seed, n, options.quick, folder, track)
    made.skipped.extend(left_out)
    if options.plots:
        plots.draw(made, options.plots)
    return Result(report.report(made), made.figures)


def _loaders(options: Options) -> tuple[Sequence[Callable[[], panel.Panel]], list[str]]:
    loaders: list[Callable[[], panel.Panel]] = []
    if options.file:
        loaders.append(partial(_own, _read(options)))
    names = [name.strip() for name in options.panels.split(",") if name.strip()]
    unknown = [name for name in names if name not in builtin.PANELS]
    if unknown:
        raise MeasureError(f"--panels {', '.join(unknown)}: there is {', '.join(builtin.PANELS)}")
    if not names and not options.file:
        names = list(builtin.PANELS)
    more, left_out = built_in(names)
    return [*loaders, *more], left_out


def _own(made: panel.Panel) -> panel.Panel:
    return made


def _read(options: Options) -> panel.Panel:
    assert options.file
    try:
        table = rows.read(options.file)
    except rows.RowsError as error:
        raise MeasureError(str(error)) from None
    tolerance = _number("--tolerance", options.tolerance, 0)
    grid = _number("--grid", options.grid, None) if options.grid else None
    made = panel.made(options.file.stem, table, tolerance, grid, options.categorical)
    if not made.series:
        told = "; ".join(f"line {each.line}: {each.why}" for each in made.faults[:5])
        raise MeasureError(f"{options.file}: there is no good row. {told}")
    return made


def _number(option: str, text: str, least: int | None) -> Decimal:
    """A number from `least`, or above 0 for None."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or number < (least or 0) or (least is None and not number):
        wanted = "above 0" if least is None else f"from {least}"
        raise MeasureError(f"{option} {text!r}: a number {wanted} is wanted")
    return number
