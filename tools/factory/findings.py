"""What a check finds: a fault keeps a product from being made, a warning does not."""

from typing import NamedTuple

FAULT, WARNING = "fault", "warning"


class Finding(NamedTuple):
    grade: str
    where: str  # file, line where there is one, field: "product.json:7 settings[1].start"
    what: str  # what is wrong and what to do


def fault(where: str, what: str) -> Finding:
    return Finding(FAULT, where, what)


def warning(where: str, what: str) -> Finding:
    return Finding(WARNING, where, what)
