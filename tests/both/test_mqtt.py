from firmware import mqtt
from firmware.mqtt import LinkError, Packets

# Independent vectors, put together by hand from OASIS mqtt-v3.1.1.
PUBLISH = b"\x32\x09\x00\x03a/b\x12\x34hi"
RETAINED = b"\x33\x09\x00\x03a/b\x12\x34hi"
CONNECT = b"\x10\x0f\x00\x04MQTT\x04\x02\x00\x1e\x00\x03dev"
CONNECT_WILL = b"\x10\x17\x00\x04MQTT\x04\x2e\x00\x1e\x00\x03dev\x00\x03t/o\x00\x010"
SUBSCRIBE = b"\x82\x0e\x00\x01\x00\x03a/#\x00\x00\x03b/c\x00"


def fault(act, *arguments):
    try:
        act(*arguments)
    except LinkError as error:
        return str(error)
    return None


def taken(data):
    packets = Packets()
    packets.feed(data)
    return packets.take()


def test_packets_are_as_the_standard_wants_them():
    assert mqtt.publish(0x1234, "a/b", b"hi") == PUBLISH
    assert mqtt.publish(0x1234, "a/b", b"hi", retain=True) == RETAINED
    assert mqtt.connect("dev", 30) == CONNECT
    assert mqtt.connect("dev", 30, ("t/o", b"0")) == CONNECT_WILL
    assert mqtt.subscribe(1, ("a/#", "b/c")) == SUBSCRIBE
    assert mqtt.puback(0x1234) == b"\x40\x02\x12\x34"


def test_a_message_is_topic_payload_and_number():
    assert mqtt.message(0x32, PUBLISH[2:]) == ("a/b", b"hi", 0x1234)
    assert mqtt.message(0x30, b"\x00\x03a/bhi") == ("a/b", b"hi", None)
    assert mqtt.message(0x3B, PUBLISH[2:]) == ("a/b", b"hi", 0x1234)
    assert mqtt.message(0x30, b"\x00\x00") == ("", b"", None)


def test_packets_are_found_however_they_arrive_in_pieces():
    large = mqtt.publish(7, "a/b", bytes(3000))
    stream = PUBLISH + large + mqtt.PINGREQ + PUBLISH
    wanted = [(0x32, PUBLISH[2:]), (0x32, large[3:]), (0xC0, b""), (0x32, PUBLISH[2:])]
    for size in (1, 2, 3, 7, 512, len(stream)):
        packets, found = Packets(), []
        for at in range(0, len(stream), size):
            packets.feed(stream[at : at + size])
            packet = packets.take()
            while packet:
                found.append(packet)
                packet = packets.take()
        assert found == wanted, size


def test_lengths_take_one_to_four_bytes():
    for length in (0, 1, 127, 128, 4096):
        made = mqtt.publish(1, "t", bytes(length))
        if length < 4090:
            assert taken(made)[1][5:] == bytes(length)
        else:
            assert fault(taken, made) == "large"
    assert taken(b"\x30\x80\x80\x00") == (0x30, b"")


def test_what_is_too_large_is_refused_before_it_is_read():
    assert taken(b"\x30\x80\x20" + bytes(4096))[1] == bytes(4096)
    assert fault(taken, b"\x30\x81\x20") == "large"
    assert fault(taken, b"\x30\xff\xff\xff\x7f") == "large"
    assert fault(taken, b"\x30\x80\x80\x80\x80\x01") == "malformed"


def test_a_message_that_makes_no_sense_is_refused():
    for head, body in (
        (0x30, b""),
        (0x30, b"\x00"),
        (0x30, b"\x00\x05abc"),
        (0x32, b"\x00\x03a/b"),
        (0x32, b"\x00\x03a/b\x01"),
        (0x34, PUBLISH[2:]),
        (0x36, PUBLISH[2:]),
        (0x30, b"\x00\x02\xff\xfe"),
    ):
        assert fault(mqtt.message, head, body) == "malformed", (head, body)
