"""`rapport flash` for the tests that kill it: on boards that are files, or in emulated loaders.

python -m tests.factory.run_flash LINE IMAGE pretend|esptool PORTS
"""

import asyncio
import sys
from pathlib import Path

from rich.console import Console

from tests.factory.pretend import COMMAND
from tools.factory import station
from tools.factory.bundle import read_image
from tools.factory.flash import Work
from tools.factory.ledger import Ledger
from tools.factory.loader import ESPTOOL, Link

_JOBS = 4


def _main(line: str, image: str, kind: str, ports: str) -> int:
    ledger = Ledger(Path(line), "Kim")
    command = COMMAND if kind == "pretend" else ESPTOOL
    work = Work(read_image(Path(image)), Path(line), ledger, command=command)
    return asyncio.run(station.run(work, ports, _link, _JOBS, False, Console()))


def _link(port: str) -> Link:
    return Link(port, reset=False, attempts=2)


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
