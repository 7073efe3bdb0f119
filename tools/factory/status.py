"""What a line has done: every board, and the counts of a batch, out of the ledger."""

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table

from tools.factory import faults, ledger
from tools.factory.batch import Batch
from tools.factory.ledger import Board

DONE, BEGUN, FAILED, ASIDE = "done", "begun", "failed", "put aside"


class Row(NamedTuple):
    """One board. state: done, begun (bound, nothing since), failed, or put aside."""

    device: str
    mac: str
    state: str
    fault: str
    port: str
    at_ms: int
    seconds: float


def boards(line: Path) -> list[Row]:
    """Every board that ever answered, in the order of their devices; those without one last."""
    book = ledger.read(line)
    rows = [_row(board) for board in book.boards.values()]
    return sorted(rows, key=lambda row: (not row.device, row.device, row.mac))


def count(line: Path, one: Batch) -> dict[str, Any]:
    """{batch, devices, done, begun, failed, aside, left, attempts, failures, yield, ...}.

    failures: {fault: attempts that ended so}; first_pass: the share of the boards done whose first
    attempt went well; yield: the share of boards done among those bound. None of nothing.
    """
    book, devices = ledger.read(line), one.devices()
    own = {book.devices[device] for device in devices if device in book.devices}
    states = Counter(_state(book.boards[mac]) for mac in own)
    entries = [entry for entry in book.entries if entry["mac"] in own]
    ended = [entry for entry in entries if entry["what"] in (ledger.DONE, ledger.FAILED)]
    done = [entry for entry in ended if entry["what"] == ledger.DONE]
    bad = [entry for entry in ended if entry["what"] == ledger.FAILED]
    stumbled = {entry["mac"] for entry in bad}
    return {
        "batch": one.name,
        "devices": len(devices),
        "done": states[DONE],
        "begun": states[BEGUN],
        "failed": states[FAILED],
        "aside": states[ASIDE],
        "left": len(devices) - len(own),
        "attempts": len(ended),
        "failures": dict(Counter(entry["fault"] for entry in bad)),
        "yield": states[DONE] / len(own) if own else None,
        "first_pass": len({entry["mac"] for entry in done} - stumbled) / len(own) if own else None,
        "seconds_mean": sum(entry["seconds"] for entry in done) / len(done) if done else None,
    }


def unbound_failures(line: Path) -> dict[str, int]:
    """{fault: times} of what never became a device: no board, another chip, another size."""
    entries = ledger.read(line).entries
    bad = [entry for entry in entries if entry["what"] == ledger.FAILED and not entry["device"]]
    return dict(Counter(entry["fault"] for entry in bad))


def close(line: Path, one: Batch) -> int:
    """Forget the secrets of every device of a batch that is done; how many are forgotten now."""
    book = ledger.read(line)
    finished = [
        device
        for device in one.devices()
        if device in book.devices
        and _state(book.boards[book.devices[device]]) == DONE
        and one.identity(device).is_whole
    ]
    one.forget(finished)
    return len(finished)


def as_csv(rows: list[Row]) -> str:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(Row._fields)
    writer.writerows(rows)
    return target.getvalue()


def counts_csv(counts: list[dict[str, Any]]) -> str:
    """A row for each batch, a column for each fault that occurred."""
    seen = sorted({fault for count in counts for fault in count["failures"]})
    plain = [key for key in (counts[0] if counts else {}) if key != "failures"]
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([*plain, *seen])
    for each in counts:
        failures = [each["failures"].get(fault, 0) for fault in seen]
        writer.writerow([*(each[key] for key in plain), *failures])
    return target.getvalue()


def counts_table(counts: list[dict[str, Any]], unbound: dict[str, int]) -> Table:
    """For people; below it what went wrong with boards that never became a device."""
    caption = ", ".join(f"{title(fault)}: {times}" for fault, times in unbound.items())
    table = Table(caption=caption and f"Beside these: {caption}.", caption_justify="left")
    for heading in ("batch", "devices", "done", "begun", "failed", "put aside", "left", "yield"):
        table.add_column(heading, justify="left" if heading == "batch" else "right")
    table.add_column("failures")
    for each in counts:
        share = "" if each["yield"] is None else f"{each['yield']:.1%}"
        numbers = [str(each[key]) for key in ("devices", DONE, BEGUN, FAILED, "aside", "left")]
        failures = ", ".join(f"{title(name)}: {n}" for name, n in each["failures"].items())
        table.add_row(each["batch"], *numbers, share, failures)
    return table


def title(fault: str) -> str:
    return faults.named(fault).title


def _row(board: Board) -> Row:
    last = board.failed or board.done or {}
    return Row(
        board.device,
        board.mac,
        _state(board),
        board.failed["fault"] if board.failed else "",
        last.get("port", ""),
        board.last["at_ms"],
        last.get("seconds", 0.0),
    )


def _state(board: Board) -> str:
    if board.quarantined:
        return ASIDE
    if board.failed:
        return FAILED
    return DONE if board.done else BEGUN
