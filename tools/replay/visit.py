"""`rapport replay-visit`: what a device decided at a visit, decided again from the log.

The hub says what the device knew then; here it is decided again, on CPython and on MicroPython, and
both have to come to the digest that the device itself put into its journal.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from hub.config import Settings
from tools.asking import ask
from tools.bench.board import BoardError
from tools.replay.decide import decide

_ROOT = Path(__file__).resolve().parent.parent.parent
_PATIENCE_S = 30


def replay_visit(customer: str, line: int, settings: Settings, out: Console) -> bool:
    """Replay and show it; True if all agree. line: the id of the visit in the timeline."""
    past = ask(settings, "GET", f"/api/customers/{customer}/visits/{line}/decision")
    definition = definition_of(past["product"], settings.products)
    here, there = decide(definition, past), on_micropython(definition, past)
    table = Table("", "digest", "first sentence", title=f"{past['device']}, visit {past['visit']}")
    table.add_row("the device, then", past["digest"], "")
    table.add_row("CPython, now", here[0], _first(here))
    table.add_row("MicroPython, now", there[0], _first(there))
    out.print(table)
    for name, value, why in here[1]:
        out.print(f"{name} {value}: {why}", markup=False)
    return _agree(past, here, there, out)


def on_micropython(definition: dict[str, Any], past: dict[str, Any]) -> list[Any]:
    """The same by MicroPython's own interpreter; BoardError if there is none or it fails."""
    beside = Path(sys.executable).with_name("micropython")
    program = str(beside) if beside.exists() else shutil.which("micropython")
    if not program:
        raise BoardError("there is no micropython interpreter: run `make demo` or `make line` once")
    run = subprocess.run(
        [program, "-X", "heapsize=1m", "-c", _PROGRAM],
        cwd=_ROOT,
        input=json.dumps({"product": definition, "past": past}),
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
    )
    if run.returncode:
        raise BoardError(f"micropython could not decide: {run.stderr[-300:].strip()}")
    return json.loads(run.stdout)


def definition_of(product: str, folders: list[Path]) -> dict[str, Any]:
    """The newest product.json of this name."""
    found = []
    for folder in folders:
        for path in folder.glob("*/product.json"):
            definition = json.loads(path.read_bytes())
            if definition.get("product") == product:
                found.append(definition)
    if not found:
        raise BoardError(f"there is no product.json of {product} in {', '.join(map(str, folders))}")
    return max(found, key=lambda definition: definition.get("version", 1))


def _agree(past: dict[str, Any], here: list[Any], there: list[Any], out: Console) -> bool:
    if here != there:
        out.print("CPython and MicroPython differ.", style="red")
        return False
    if here[0] != past["digest"]:
        out.print(
            "The log does not lead to what the device decided; nearest is shown.", style="red"
        )
        return False
    out.print("All three are equal.")
    return True


def _first(decided: list[Any]) -> str:
    return decided[1][0][2] if decided[1] else ""


_PROGRAM = """
import sys
sys.path.insert(0, '.')
__name__ = '__main__'
exec(open('tools/replay/decide.py').read())
"""
