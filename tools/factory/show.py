"""What a person at the line sees: a bar for each board at work, a sentence for each that ended."""

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from tools.factory.flash import Outcome


class Show:
    """with Show(out) as show: ... show.at(port, "app", 40) ... show.ended(outcome)"""

    def __init__(self, out: Console) -> None:
        self._out, self._bars = out, dict[str, TaskID]()
        self.devices = self.skipped = self.failed = 0
        self._progress = Progress(
            TextColumn("{task.fields[port]}"),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=out,
            transient=True,
            disable=not out.is_terminal,
        )

    def __enter__(self) -> "Show":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @property
    def sum(self) -> str:
        return f"{self.devices} done, {self.skipped} done before, {self.failed} failed"

    def at(self, port: str, what: str, percent: int) -> None:
        if port not in self._bars:
            self._bars[port] = self._progress.add_task(what, total=100, port=port)
        self._progress.update(self._bars[port], description=what, completed=percent)

    def ended(self, outcome: Outcome) -> None:
        if outcome.port in self._bars:
            self._progress.remove_task(self._bars.pop(outcome.port))
        self.failed += bool(outcome.fault)
        self.skipped += outcome.skipped
        self.devices += not outcome.fault and not outcome.skipped
        style = "red" if outcome.fault else "yellow" if outcome.skipped else "green"
        self._out.print(sentence(outcome), style=style, markup=False, highlight=False)


def sentence(outcome: Outcome) -> str:
    """What became of it, and of a failure what to do about it."""
    device = outcome.device.upper()
    who = f"{outcome.port}: {device or outcome.mac or 'no board'}"
    if outcome.fault is None:
        done = "was done before" if outcome.skipped else f"done in {outcome.seconds:.1f} s"
        return f"{who} {done} ({outcome.mac})"
    said = f" ({outcome.said})" if outcome.said else ""
    return f"{who}: {outcome.fault.title}{said}. {outcome.fault.advice.capitalize()}."
