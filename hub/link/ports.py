"""A free port for a server that is started a moment later, and on the same one again.

Not of the kernel's own: from those it takes the outgoing ones, so that a port that was found free
there may be anybody's connection by the time the server asks for it.

    port = free_port()
"""

import itertools
import os
import socket
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_RANGE_ELSEWHERE = 49_152, 65_535  # RFC 6335; macOS and Windows keep to it
_LOWEST, _HIGHEST = 10_000, 65_535
_APART = 97  # ports from one process to the next, so that they seldom try the same

_tried = itertools.count()  # one after the other, none twice until all were


def free_port(host: str = "127.0.0.1") -> int:
    """One on which nothing listens. OSError when there is none."""
    ports = outside(*_own_range())
    for _ in ports:
        port = ports[(os.getpid() * _APART + next(_tried)) % len(ports)]
        if _is_free(host, port):
            return port
    raise OSError(
        f"no port between {_LOWEST} and {_HIGHEST} is free on {host}: end what holds them"
    )


def outside(first: int, last: int) -> list[int]:
    """What servers may have where outgoing connections have first to last; else all there are."""
    ports = range(_LOWEST, _HIGHEST + 1)
    return [port for port in ports if not first <= port <= last] or list(ports)


def _own_range() -> tuple[int, int]:
    try:
        first, last = _RANGE.read_text().split()
    except OSError:
        return _RANGE_ELSEWHERE
    return int(first), int(last)


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
