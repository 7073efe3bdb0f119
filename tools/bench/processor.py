"""Processor time of processes, as Linux counts it (proc(5), /proc/PID/stat).

alone_s(hub.pid)             # of it, without the broker that it started
used_s(server.pid)           # of it and its children, those that have ended too
"""

import contextlib
import os
from pathlib import Path

_OWN = slice(11, 13)  # fields behind the name: utime, stime
_ENDED = slice(13, 15)  # cutime, cstime


def alone_s(pid: int) -> float:
    """What it has used so far itself. OSError when it is not there any more."""
    return _seconds(pid, _OWN)


def used_s(*pids: int) -> float:
    """What these have used so far, with their children; 0 for what is not there any more."""
    used = 0.0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            used += alone_s(pid) + _seconds(pid, _ENDED) + used_s(*_children(pid))
    return used


def _seconds(pid: int, fields: slice) -> float:
    found = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in found[fields]) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
