"""Processor time of processes, as Linux counts it (proc(5), /proc/PID/stat).

used_s(server.pid)           # of it and its children, those that have ended too
"""

import contextlib
import os
from pathlib import Path

_USER, _CHILDREN_SYSTEM = 11, 15  # fields behind the name: utime, stime, cutime, cstime


def used_s(*pids: int) -> float:
    """What these have used so far, with their children; 0 for what is not there any more."""
    used = 0.0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks = sum(int(field) for field in fields[_USER:_CHILDREN_SYSTEM])
            used += ticks / os.sysconf("SC_CLK_TCK") + used_s(*_children(pid))
    return used


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
