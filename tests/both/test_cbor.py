from protocol import cbor
from tests.both.vectors import load, raw, refused


def test_the_standards_examples_read_and_write():
    for text, value in load("cbor")["good"]:
        assert cbor.loads(raw(text)) == value, text
        assert cbor.dumps(value) == raw(text), text


def test_whatever_has_another_encoding_is_refused():
    for text, why in load("cbor")["bad"]:
        assert refused(cbor.loads, raw(text)), why


def test_every_cut_of_a_message_is_refused():
    whole = cbor.dumps([1, b"stream", {"a": [1, 2, {"b": None}]}, -70000, "\u00fc"])
    for length in range(len(whole)):
        refused(cbor.loads, whole[:length])


def test_bytes_that_were_never_written_raise_nothing_but_protocol_errors():
    from protocol.errors import ProtocolError

    state = 12345
    for _ in range(3000):
        data = bytearray()
        for _ in range(state % 24):
            state = (state * 1103515245 + 12345) & 0x3FFFFFFF
            data.append(state >> 8 & 255)
        state = (state * 1103515245 + 12345) & 0x3FFFFFFF
        try:
            value = cbor.loads(bytes(data))
        except ProtocolError:
            continue
        assert cbor.dumps(value) == bytes(data)


def test_what_has_no_encoding_is_refused():
    for value in (1.5, object(), 1 << 64):
        refused(cbor.dumps, value)
