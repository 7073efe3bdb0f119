"""What a device says on its console, understood: who it sees, and what it has set.

console = Console()
board.on_line = console.take
console.codes                     # what the product is set to, one code a setting
"""

import re

_SEES = re.compile(r"sees ([0-9a-f]{16}) (near|sure|away)$")
_SETS = re.compile(r"sets((?: -?\d+)+)$")


class Console:
    """subject: hex of the pairwise id of who is here, None for nobody."""

    def __init__(self) -> None:
        self.codes: tuple[int, ...] = ()
        self.subject: str | None = None
        self.sure = False
        self.changes = 0

    def take(self, line: str) -> bool:
        """Read one line; True if it told something."""
        if found := _SETS.search(line):
            self.codes = tuple(int(code) for code in found[1].split())
        elif found := _SEES.search(line):
            self.subject = None if found[2] == "away" else found[1]
            self.sure = found[2] == "sure"
        else:
            return False
        self.changes += 1
        return True
