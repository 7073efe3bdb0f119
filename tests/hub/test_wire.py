"""paho's socket that keeps messages to itself, over a real pair of sockets."""

import socket
from collections.abc import Iterator

import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from firmware import mqtt
from hub.link.arrived import Arrived, BrokerError
from hub.link.wire import Wire, WiredClient

_MUCH = bytes(range(256)) * 4096  # 1 MB: more than any socket takes at once
_PINGRESP = b"\xd0\x00"


class Ends:
    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.far, self.taken = far, list[Arrived]()
        near.setblocking(False)
        self.wire = Wire(near, self.taken.extend)

    def read(self, count: int) -> bytes:
        """All that has come to the far end, up to so many bytes."""
        return self.far.recv(count)


@pytest.fixture
def ends() -> Iterator[Ends]:
    near, far = socket.socketpair()
    ends = Ends(near, far)
    yield ends
    ends.wire.close()
    far.close()


def test_messages_are_taken_and_all_else_is_read_as_it_came(ends: Ends):
    ends.far.sendall(mqtt.publish(7, "rapport/a/up/e", b"one") + _PINGRESP)
    assert ends.wire.recv(1) == _PINGRESP[:1]
    assert ends.wire.pending() == 1
    assert ends.wire.recv(1) == _PINGRESP[1:]
    assert ends.taken == [Arrived(7, b"rapport/a/up/e", b"one")]


def test_where_only_messages_came_there_is_nothing_to_read(ends: Ends):
    whole = mqtt.publish(7, "rapport/a/up/e", b"one")
    for part in (whole[:5], whole[5:]):
        ends.far.sendall(part)
        with pytest.raises(BlockingIOError):
            ends.wire.recv(1)
    assert [one.number for one in ends.taken] == [7]


def test_a_closed_connection_and_a_broker_that_talks_nonsense_end_it(ends: Ends):
    ends.far.sendall(b"\x32\x01\x00")
    with pytest.raises(BrokerError):
        ends.wire.recv(1)
    ends.far.shutdown(socket.SHUT_WR)
    assert ends.wire.recv(1) == b""


def test_what_the_system_does_not_take_at_once_is_sent_in_order_later(ends: Ends):
    ends.wire.send(_MUCH)
    ends.wire.send(b"end")
    ends.wire.flush()
    assert ends.wire.unsent
    got = b""
    while len(got) < len(_MUCH) + 3:
        got += ends.read(1 << 16)
        ends.wire.flush()
    assert got == _MUCH + b"end"
    assert not ends.wire.unsent


def test_a_farewell_is_sent_by_closing(ends: Ends):
    ends.wire.send(b"farewell")
    ends.wire.close()
    assert ends.read(100) == b"farewell"
    assert ends.read(100) == b""


def test_paho_waits_for_the_socket_as_long_as_something_is_not_sent():
    taken: list[Arrived] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = WiredClient(CallbackAPIVersion.VERSION2, "hub", clean_session=False)
        client.take = taken.extend
        client.connect("127.0.0.1", server.getsockname()[1])
        far, _ = server.accept()
        with far:
            assert client.step(1.0) == MQTTErrorCode.MQTT_ERR_SUCCESS
            assert far.recv(1)[0] == 0x10, "CONNECT"
            sent = got = 0
            while not client.want_write():  # until the system takes no more
                client.acknowledge([1] * 10_000)
                sent += 10_000
            while client.want_write():
                got += len(far.recv(1 << 20))
                assert client.step(0.0) == MQTTErrorCode.MQTT_ERR_SUCCESS
            far.sendall(mqtt.publish(7, "rapport/a/up/e", b"one"))
            while not taken:
                assert client.step(1.0) == MQTTErrorCode.MQTT_ERR_SUCCESS
        client.disconnect()
    assert sent > 10_000
    assert got > 0
