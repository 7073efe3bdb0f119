"""What is kept of a person, and what can be said of it: bytes in flash, and a reason each time."""

from typing import NamedTuple

from firmware.person import read_known, write_known
from protocol.decision import decide
from protocol.fold import Known as KnownPerson
from protocol.schema import Number
from protocol.sentence import sentence
from protocol.window import MOST_ROWS, Row
from tools.learn.panel import Panel
from tools.learn.play import Known

_SETTINGS = 6
_HOUR_MS = 3_600_000
_FIRST_MS = 1_790_000_000_000


class Explained(NamedTuple):
    """Of so many decisions: how many lack a sentence, or differ once read back from flash."""

    decisions: int
    failed: int


def state_bytes() -> int:
    """Bytes in flash of one person's 32 visits with six settings, each visit with all of them."""
    rows = [
        _row(number, tuple((index, 40 * index + number, number & 1) for index in range(_SETTINGS)))
        for number in range(MOST_ROWS)
    ]
    return len(write_known(KnownPerson(rows)))


def explained(panel: Panel, at: list[Known]) -> Explained:
    """Decide at each visit as a device does, from its flash, and say why."""
    decisions = failed = 0
    for series in panel.series:
        setting = at[series.setting].setting
        if not isinstance(setting, Number):
            continue
        rows: list[Row] = []
        for number, event in enumerate(series.events):
            made = decide(setting, 0, rows, None, event.daypart)
            kept = read_known(write_known(KnownPerson(rows))).rows
            again = decide(setting, 0, kept, None, event.daypart)
            told = sentence(setting, made, event.daypart)
            decisions += 1
            failed += made != again or not told.endswith(".")
            wrong = abs(made.code - event.rung) > setting.tolerance
            rows.append(_row(number, ((0, event.rung, int(wrong)),), event.daypart))
            del rows[:-MOST_ROWS]
    return Explained(decisions, failed)


def _row(number: int, values: tuple[tuple[int, int, int], ...], daypart: int = 1) -> Row:
    uid = b"boot" + number.to_bytes(4, "big")
    return Row(uid, (_FIRST_MS + number * 11 * _HOUR_MS, 0), daypart, values)
