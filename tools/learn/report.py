"""The tables of a run."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tools.learn import change, curve
from tools.learn.play import RULES, Outcome
from tools.learn.run import Run, reached
from tools.learn.study import Study

_FAULTS_SHOWN = 20
_GROUPS = (
    ("<real>", "real people"),
    ("<plain>", "no rhythm"),
    ("<all>", "made-up too"),
)


def report(of: Run) -> Group:
    """Everything that was measured, to be printed."""
    parts: list[RenderableType] = [_panels(of), _references(of), *_notes(of)]
    if of.fresh:
        parts.append(_fresh(of))
    outcomes = [row for each in of.studies for row in each.outcomes]
    real = [row for each in of.studies if not each.made_up for row in each.outcomes] or outcomes
    parts += [_curve(outcomes), _changes(of), _calibration(real), _thresholds(real)]
    parts += [_elsewhere(of.studies), _reached(of), *_faults(of.studies)]
    return Group(*parts)


def _panels(of: Run) -> Table:
    names = [name.replace(" ", "\n", 1).replace("in daypart", "of\ndaypart") for name in RULES]
    shown = _table("Corrections per 100 choices, test half", "panel", "choices", *names)
    for each in of.studies:
        shown.add_row(each.name, str(len(each.outcomes)), *map(_hundred, each.rates))
    return shown


def _references(of: Run) -> Table:
    shown = _table(
        "Ours against last used, and beside what costs more",
        *("panel", "people", "ours, % [95 %]", "with\nhub", "gradient\nboosting", "forest*"),
        caption="In brackets 95 % by bootstrap over people. With hub: preset and prior as other"
        " customers chose. Gradient boosting learned from the other half."
        " * ours : river's adaptive random forest, both on the same 40 people at most.",
    )
    for each in of.studies:
        rates = map(_hundred, (each.with_hub, each.reference))
        forest = f"{_hundred(each.forest[0])} : {_hundred(each.forest[1])}" if each.forest else "-"
        last = each is of.studies[-1]
        range_ = _range(of, each.name)
        shown.add_row(each.name, str(each.people), range_, *rates, forest, end_section=last)
    for group, words in _GROUPS:
        if group in of.versus:
            shown.add_row(words, "", _range(of, group))
    return shown


def _range(of: Run, name: str) -> str:
    found = of.versus[name]
    return f"{100 * found.value:+.1f} [{100 * found.low:+.1f} {100 * found.high:+.1f}]"


def _notes(of: Run) -> Iterator[Text]:
    for each in of.studies:
        for note in each.notes:
            yield Text(f"{each.name}: {note}.", style="dim")
    for why in of.skipped:
        yield Text(f"{why}.", style="yellow")


def _fresh(of: Run) -> Table:
    headings = ("seed", "against last used, %", "worst panel, points", "against boosting, %")
    shown = _table("Fresh halves", *headings)
    for seed, found in of.figures["fresh"].items():
        reference = found["geo_vs_reference"]
        shown.add_row(
            seed,
            f"{100 * found['geo_vs_last']:+.1f}",
            f"{found['worst_pp']:+.1f}",
            "-" if reference is None else f"{100 * reference:+.1f}",
        )
    return shown


def _curve(outcomes: list[Outcome]) -> Table:
    shown = _table("By visit, corrections per 100 choices", "visit", "choices", *RULES)
    for band in curve.by_visit(outcomes):
        shown.add_row(band.visits, str(band.choices), *map(_hundred, band.rates))
    return shown


def _changes(of: Run) -> Table:
    tally = change.added([each.change for each in of.studies])
    shown = _table(
        f"A change of mind after {change.BEFORE} visits, corrections per 100",
        *("visit after", *change.RULES),
        caption=f"{tally[0][-1]} seams between two real people's stable habits.",
    )
    for number, counts in enumerate(tally[:6], 1):
        shown.add_row(str(number), *map(_hundred, change.rates(counts)))
    return shown


def _calibration(outcomes: list[Outcome]) -> Table:
    shown = _table("Calibration, %", "events", "said", "right", "off, points")
    for each in curve.deciles(outcomes):
        off = f"{100 * each.off:.1f}" if each.events > curve.FEWEST else "too few"
        shown.add_row(str(each.events), _hundred(each.confidence), _hundred(each.right), off)
    return shown


def _thresholds(outcomes: list[Outcome]) -> Table:
    shown = _table(
        "Holding the default while unsure, %",
        *("threshold", "applied", "right of these", "wrongly applied", "corrections in all"),
        caption="comfort 0.4, disruptive 0.6, guarded 0.8.",
    )
    for each in curve.thresholds(outcomes):
        shown.add_row(f"{each.at:g}", *map(_hundred, each[1:]))
    return shown


def _elsewhere(studies: list[Study]) -> Table:
    visits = sum(each.stale.visits for each in studies)
    fresh, late = (sum(getattr(s.stale, name) for s in studies) for name in ("fresh", "stale"))
    people = sum(each.new.people for each in studies)
    carried, default = (
        sum(getattr(s.new, name) for s in studies) for name in ("carried", "default")
    )
    shown = _table("What freshness and carrying are worth", "", "of", "corrections per 100")
    shown.add_row("all visits known", str(visits), _rate(fresh, visits))
    shown.add_row("the last one not yet", str(visits), _rate(late, visits), end_section=True)
    shown.add_row("first session on a new unit, carried", str(people), _rate(carried, people))
    shown.add_row("the same with the default", str(people), _rate(default, people))
    return shown


def _reached(of: Run) -> Table:
    shown = _table("Figures to reach", "", "here", "to reach", "")
    for each in reached(of):
        said = {True: "reached", False: "not reached", None: "not measured"}[each.reached]
        style = {True: "green", False: "red", None: "dim"}[each.reached]
        shown.add_row(each.what, each.here, each.to_reach, Text(said, style))
    if of.parity:
        shown.caption = f"{of.parity.predictions} predictions on both interpreters, in 64 KB."
    return shown


def _faults(studies: list[Study]) -> Iterator[Text]:
    faults = [(each.name, fault) for each in studies for fault in each.faults]
    for name, fault in faults[:_FAULTS_SHOWN]:
        yield Text(f"{name}, line {fault.line}: {fault.why}", style="red")
    if len(faults) > _FAULTS_SHOWN:
        yield Text(f"... and {len(faults) - _FAULTS_SHOWN} more", style="red")
    if faults:
        yield Text(f"{len(faults)} rows were left out; the figures are of the others.", style="red")


def _table(title: str, *headings: str, caption: str = "") -> Table:
    made = Table(title=title, caption=caption, caption_justify="left", title_justify="left")
    for number, heading in enumerate(headings):
        made.add_column(heading, justify="right" if number else "left")
    return made


def _rate(count: int, of: int) -> str:
    return _hundred(count / of) if of else "-"


def _hundred(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f}"
