"""How many of the planted faults the tests found, by module: an error below nine in ten of any."""

import json
import sys
import tomllib
from pathlib import Path

from mutmut.stats import status_by_exit_code

ENOUGH_PERCENT = 90
_FOUND = ("killed", "timeout")


def main() -> None:
    settings = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    shares = [_found(module) for module in settings["tool"]["mutmut"]["only_mutate"]]
    if min(shares) < ENOUGH_PERCENT:
        sys.exit(f"{ENOUGH_PERCENT} % are wanted. `mutmut results` names those that were missed.")


def _found(module: str) -> float:
    """The percentage that was found of the faults planted in this module; says so."""
    kept = json.loads(Path(f"mutants/{module}.meta").read_text(encoding="utf-8"))
    ends = [status_by_exit_code[code] for code in kept["exit_code_by_key"].values()]
    found = sum(end in _FOUND for end in ends)
    percent = 100 * found / len(ends)
    print(f"{module}: {found} of {len(ends)} planted faults were found, {percent:.1f} %")
    return percent


if __name__ == "__main__":
    main()
