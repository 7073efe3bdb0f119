"""What a broker sends is sorted: every message once, in order, and all else as it came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware import mqtt
from hub.link.arrived import Arrived, BrokerError, sort

_PINGRESP, _SUBACK = b"\xd0\x00", b"\x90\x03\x00\x01\x01"

topic = st.from_regex(r"rapport/[a-z0-9-]{1,8}/up/(e|hello)", fullmatch=True)
arrived = st.builds(
    lambda number, topic, payload: Arrived(number, topic.encode(), payload),
    st.integers(0, 0xFFFF),
    topic,
    st.binary(max_size=300) | st.just(bytes(20_000)),
)
other = st.sampled_from([_PINGRESP, _SUBACK, b"\x40\x02\x00\x07"])
cuts = st.lists(st.integers(1, 400), min_size=1, max_size=30)


def packet(message: Arrived) -> bytes:
    """As a broker sends it: with a number at QoS 1."""
    if message.number:
        return mqtt.publish(message.number, message.topic.decode(), message.payload)
    body = len(message.topic).to_bytes(2, "big") + message.topic + message.payload
    length, left = b"", len(body)
    while left >= 0x80:
        length, left = length + bytes([left & 0x7F | 0x80]), left >> 7
    return b"\x30" + length + bytes([left]) + body


@given(st.lists(arrived | other, max_size=20), cuts)
def test_however_it_is_cut_each_message_comes_once_and_all_else_as_it_was(sent, sizes):
    stream = b"".join(packet(one) if isinstance(one, Arrived) else one for one in sent)
    messages, others, begun, at, turn = [], b"", b"", 0, 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        found, apart, begun = sort(begun + stream[at : at + size])
        messages += found
        others += apart
        at, turn = at + size, turn + 1
    assert messages == [one for one in sent if isinstance(one, Arrived)]
    assert others == b"".join(one for one in sent if isinstance(one, bytes))
    assert begun == b""


@given(st.binary(max_size=200))
def test_nonsense_is_refused_or_waits_for_its_end_and_nothing_else(data):
    try:
        messages, others, begun = sort(data)
    except BrokerError:
        return
    assert data.endswith(begun)
    assert len(others) + len(begun) + sum(len(one.payload) for one in messages) <= len(data)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(b"\x32\xff\xff\xff\xff\x01", id="a length of five bytes"),
        pytest.param(b"\x32\x01\x00", id="no room for a topic's length"),
        pytest.param(b"\x32\x04\x00\x09ab", id="a topic longer than its packet"),
        pytest.param(b"\x32\x05\x00\x02ab\x00", id="half a number"),
        pytest.param(b"\x32\x06\x00\x02ab\x00\x00", id="the number 0"),
    ],
)
def test_a_broker_that_sends_nonsense_is_told_from_one_that_has_not_sent_all(wrong):
    with pytest.raises(BrokerError, match="the broker sent"):
        sort(wrong)
