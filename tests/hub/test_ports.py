"""Ports for servers: free, not those of outgoing connections, and each told to one only."""

import multiprocessing
import socket

from hub.link.ports import free_port, outside

_MANY = 20


def _some() -> list[int]:
    return [free_port() for _ in range(_MANY)]


def _going_out() -> set[int]:
    """From where the kernel lets connections go out."""
    with socket.create_server(("127.0.0.1", free_port())) as server:
        going = [socket.create_connection(server.getsockname()) for _ in range(_MANY)]
        ports = {one.getsockname()[1] for one in going}
        for one in going:
            one.close()
    return ports


def test_a_port_is_none_that_an_outgoing_connection_may_get():
    assert outside(32_768, 60_999)[0] == 10_000
    assert outside(32_768, 60_999)[-1] == 65_535
    assert not {32_768, 45_000, 60_999} & set(outside(32_768, 60_999))
    assert outside(1_024, 65_535), "where all are the kernel's own, one of them"
    going = _going_out()
    assert not [port for port in _some() if min(going) <= port <= max(going)]


def test_a_port_that_something_listens_on_is_passed_over():
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        ports = _some()
        assert taken.getsockname()[1] not in ports
    assert len(set(ports)) == _MANY, "and none is told twice"


def test_processes_that_look_at_the_same_time_find_different_ones():
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = [pool.apply_async(_some) for _ in range(2)]
        ports = [port for one in found for port in one.get(60)] + _some()
    assert len(set(ports)) == 3 * _MANY
