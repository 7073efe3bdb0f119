"""Whether a driver does what the firmware asks of it: its methods, and how it behaves.

It is run by the real interpreter, on the bench's pins: at the start, with codes within the limits
of product.json and far beyond them, and with every button pressed.
"""

import ast
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tools.bench.interpreter import usual
from tools.factory.application import PRODUCTS, ROOT
from tools.factory.findings import Finding, fault, warning

FILE = "driver.py"
MOST_LINES = 60
_STAND_INS = ROOT / "tools" / "bench" / "device"
_METHODS = {"__init__": ("act",), "apply": ("codes",), "on": (), "signals": ()}
_MAY = {"offer": ("index", "code")}  # shows what the product is not sure of
_SEED = 1
_HEAP_KB = 512
_TIMEOUT_S = 20.0
_MOST_HEAP = 16 * 1024  # of a 64-bit heap; the lamp takes half of it


class Tried(NamedTuple):
    findings: list[Finding]
    heap_bytes: int  # what product and driver take of a 64-bit heap; 0 where it was not tried


def driver(folder: Path, dangerous: bool = False) -> Tried:
    """What is wrong with the driver of a product whose product.json is right.

    dangerous: it can do harm, so the driver must hold the limits as well as the firmware does.
    """
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
        tree = ast.parse(text)
    except SyntaxError as error:
        return Tried([fault(f"{FILE}:{error.lineno}", f"this is not Python: {error.msg}")], 0)
    except (OSError, UnicodeDecodeError) as error:
        return Tried([fault(FILE, f"cannot be read: {error}")], 0)
    missing = list(_missing(tree))
    found, heap_bytes = ([], 0) if missing else _tried(folder, dangerous)
    return Tried([*_long(text), *missing, *found], heap_bytes)


def _long(text: str) -> Iterator[Finding]:
    count = len([line for line in text.splitlines() if line.strip()])
    if count > MOST_LINES:
        yield warning(FILE, f"has {count} lines; {MOST_LINES} do for most, so is it all driver?")


def _missing(tree: ast.Module) -> Iterator[Finding]:
    """Methods that are not there, or cannot be called as the firmware does."""
    classes = [each for each in tree.body if isinstance(each, ast.ClassDef)]
    found = next((each for each in classes if each.name == "Driver"), None)
    if found is None:
        yield fault(FILE, "there is no class Driver")
        return
    methods = {each.name: each for each in found.body if isinstance(each, ast.FunctionDef)}
    for each in found.body:
        if isinstance(each, ast.AsyncFunctionDef) and each.name in _METHODS:
            yield fault(f"{FILE}:{each.lineno}", f"{each.name} is async; it is called, not awaited")
            return
    for name, wanted in (_METHODS | _MAY).items():
        shape = f"def {name}({', '.join(('self', *wanted))})"
        if name not in methods:
            if name in _MAY:
                continue
            yield fault(f"{FILE}:{found.lineno}", f"Driver lacks {shape}")
        elif not _takes(methods[name].args, 1 + len(wanted)):
            yield fault(f"{FILE}:{methods[name].lineno}", f"{name} cannot be called as {shape}")
    if not any(
        isinstance(each, ast.Attribute) and each.attr == "hands" for each in ast.walk(found)
    ):
        yield fault(f"{FILE}:{found.lineno}", "Driver never sets self.hands; without any it is []")


def _takes(arguments: ast.arguments, count: int) -> bool:
    names = [*arguments.posonlyargs, *arguments.args]
    needed = len(names) - len(arguments.defaults)
    by_name = [each for each in arguments.kw_defaults if each is None]
    return needed <= count and not by_name and (count <= len(names) or bool(arguments.vararg))


def _tried(folder: Path, dangerous: bool) -> Tried:
    """What it does on the bench's pins; the interpreter says a JSON object a line."""
    with tempfile.TemporaryDirectory(prefix="rapport-") as made:
        slot = Path(made)
        _as_a_slot(slot, folder)
        command = [usual().path, "-X", f"heapsize={_HEAP_KB}k", "-m", "drive"]
        try:
            run = subprocess.run(
                [*command, folder.name, str(_SEED)],
                cwd=slot,
                env={**os.environ, "MICROPYPATH": f":{_STAND_INS}:.frozen"},
                capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            what = f"does not come back within {_TIMEOUT_S:g} s: is there an endless loop?"
            return Tried([fault(FILE, what)], 0)
    said = [json.loads(line) for line in run.stdout.splitlines() if line.startswith('{"')]
    found = list(dict.fromkeys(each for line in said for each in _told(line, dangerous)))
    if not any(line["m"] == "done" for line in said):
        last = (run.stdout + run.stderr).strip().splitlines()[-1:] or ["it says nothing"]
        found.append(fault(FILE, f"ends the interpreter: {last[0]}"))
    return Tried(found, sum(line["bytes"] for line in said if line["m"] == "heap"))


def _as_a_slot(slot: Path, folder: Path) -> None:
    """The firmware as it lies on a board, as source: what is said then names lines."""
    for package in ("protocol", "firmware"):
        left = shutil.ignore_patterns("products", "*.json", "__pycache__")
        shutil.copytree(ROOT / package, slot / package, ignore=left)
    (slot / "firmware" / "products").mkdir()
    shutil.copy(PRODUCTS / "__init__.py", slot / "firmware" / "products")
    shutil.copytree(folder, slot / "firmware" / "products" / folder.name)


def _told(line: dict[str, Any], dangerous: bool) -> Iterator[Finding]:
    """What the interpreter said, in words."""
    if line["m"] == "fault":
        where = f"{FILE}:{line['line']}" if line["line"] else FILE
        yield fault(where, f"{line['in']}: {line['said']}")
    elif line["m"] == "pin":
        yield fault(
            FILE,
            f"apply({line['of']}) sets pin {line['p']} to {line['v']}; 0 to 65535 are possible",
        )
    elif line["m"] == "most":
        grade = fault if dangerous else warning
        yield grade(
            FILE,
            f"apply({line['of']}), codes beyond the limits, sets pin {line['p']} to"
            f" {line['beyond']}; within them it is {line['v']} at most: clamp the codes",
        )
    elif line["m"] == "heap" and line["bytes"] > _MOST_HEAP:
        yield warning(FILE, f"takes {line['bytes'] // 1024} KB of a heap that has little to spare")
