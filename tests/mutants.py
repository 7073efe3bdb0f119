"""How many of the planted faults the tests found: said, and an error below nine in ten."""

import json
import sys
from pathlib import Path

ENOUGH_PERCENT = 90


def main() -> None:
    found = json.loads(Path("mutants/mutmut-cicd-stats.json").read_text(encoding="utf-8"))
    caught = found["killed"] + found["timeout"]
    percent = 100 * caught / found["total"]
    print(f"{caught} of {found['total']} planted faults were found: {percent:.1f} %")
    if percent < ENOUGH_PERCENT:
        sys.exit(f"{ENOUGH_PERCENT} % are wanted. `mutmut results` names those that were missed.")


if __name__ == "__main__":
    main()
