"""A broker that outlived its hub: found by its pid file, and ended before a new one starts."""

import asyncio
import contextlib
import logging
import os
import signal
from pathlib import Path

_log = logging.getLogger(__name__)

_STOP_S = 5.0


async def end_stale(pid_file: Path, configuration: Path) -> None:
    """End a broker that outlived its hub, which was killed: it would hold the port."""
    pid = _running(pid_file, configuration)
    if pid is None:
        return
    _log.warning("ending nats-server %d, left over from a hub that was killed", pid)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        for _ in range(int(_STOP_S / 0.05)):
            os.kill(pid, 0)
            await asyncio.sleep(0.05)
        os.kill(pid, signal.SIGKILL)


def _running(pid_file: Path, configuration: Path) -> int | None:
    """The process in `pid_file`, if it still is a nats-server with this configuration."""
    try:
        pid = int(pid_file.read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None  # no such process, or a system without /proc: then the port tells
    return pid if os.fsencode(configuration) in command else None
