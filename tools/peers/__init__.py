"""How others decide when a setting was changed on both sides while they were apart: rules as code.

    rule = Shadow(60)                 # both sides agree on 60, and lose sight of each other
    rule.at_device(35, clock_ms)      # a hand, and what the device's clock says then
    rule.from_afar(80, clock_ms)      # an app, and the server's clock
    rule.meet()                       # they speak again: the value both have from now on

Each module says whose rule it is and where that is written down. None of them keeps the value that
lost, so whatever they lose is lost silently.
"""

from typing import Protocol


class Rule(Protocol):
    def at_device(self, value: int, clock_ms: int) -> None: ...

    def from_afar(self, value: int, clock_ms: int) -> None: ...

    def meet(self) -> int: ...
