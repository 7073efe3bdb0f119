"""What a suite of faults found: a line for machines, and a seed for whoever has to look."""

import argparse
import json
import os
from collections import Counter
from collections.abc import Callable

FAULTS = ("lost", "twice", "phantom", "unreported")
"""Lost though it was accepted; counted twice; heard though it never was; lost and not said so."""


class BrokenError(AssertionError):
    """An invariant does not hold; `fault` is one of FAULTS or another word for what is wrong."""

    def __init__(self, fault: str, text: str) -> None:
        super().__init__(f"{fault}: {text}")
        self.fault = fault


def seeds(usual: int) -> range:
    """The seeds of a sweep: so many from 1, or the one named SEED in the environment."""
    seed = int(os.environ.get("SEED", "0"))
    return range(seed, seed + 1) if seed else range(1, usual + 1)


def sweep(live: Callable[[int], Counter[str]], which: range) -> Counter[str]:
    """The sum over all seeds; AssertionError names the seed of the first that does not hold."""
    total: Counter[str] = Counter()
    for seed in which:
        try:
            total += live(seed)
        except Exception as error:
            raise AssertionError(f"SEED={seed}: {error!r}") from error
    return total


def main(live: Callable[[int], Counter[str]], usual: int) -> None:
    """python -m tests.crash.SUITE [COUNT]: prints progress, then the tally in one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=usual)
    parser.add_argument("--first", type=int, default=1)
    told = parser.parse_args()
    total: Counter[str] = Counter()
    for seed in range(told.first, told.first + told.count):
        total += one(live, seed)
    print(json.dumps(dict(total)))  # noqa: T201


def one(live: Callable[[int], Counter[str]], seed: int) -> Counter[str]:
    """The tally of one seed; what does not hold is counted and printed, and the sweep goes on."""
    try:
        return live(seed)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted and named
        print(f"SEED={seed}: {error!r}", flush=True)  # noqa: T201
        return Counter({error.fault if isinstance(error, BrokenError) else "crash": 1})
