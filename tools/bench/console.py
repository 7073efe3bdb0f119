"""What a device says on its console, understood: who it sees, and what it has set.

sees 62b72959fb6d4418 near|sure|away
sets 35 2700 16777215                       every setting, in order
sets 0=35 because brightness 35 %, your usual in the morning (6 of your last 7 visits).

    console = Console()
    board.on_line = console.take
    console.codes                     # what the product is set to, one code a setting
"""

from typing import NamedTuple

NEAR, SURE, AWAY = "near", "sure", "away"


class Sees(NamedTuple):
    """subject: as the device calls a person (hex), or "" for nobody; how: near, sure or away."""

    subject: str
    how: str


class Sets(NamedTuple):
    """codes: {index of a setting: code}; why: the device's sentence, or ""."""

    codes: dict[int, int]
    why: str


def read(line: str) -> Sees | Sets | None:
    """None for a line that is neither."""
    word, _, rest = line.partition(" ")
    try:
        if word == "sees":
            return _sees(rest)
        if word == "sets":
            return _sets(rest)
    except ValueError:
        pass  # a line that only begins like one of ours
    return None


def _sees(rest: str) -> Sees | None:
    subject, how = rest.split()
    if how not in (NEAR, SURE, AWAY):
        return None
    return Sees("" if subject == "nobody" else subject, how)


def _sets(rest: str) -> Sets:
    values, _, why = rest.partition(" because ")
    codes = {}
    for position, value in enumerate(values.split()):
        index, _, code = value.rpartition("=")
        codes[int(index) if index else position] = int(code)
    return Sets(codes, why.strip())


class Console:
    """What the lines so far add up to. subject: hex of the pairwise id of who is here, or None."""

    def __init__(self) -> None:
        self.codes: tuple[int, ...] = ()
        self.subject: str | None = None
        self.sure = False

    def take(self, line: str) -> None:
        """Read one line; what says nothing of people or settings is passed over."""
        told = read(line)
        if isinstance(told, Sets):
            self.codes = tuple(told.codes.values())
        elif isinstance(told, Sees):
            self.subject = None if told.how == AWAY else told.subject
            self.sure = told.how == SURE
