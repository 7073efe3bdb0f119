from random import Random

import pytest

from hub.devices.plain import _plain, read
from protocol import cbor, messages, topics
from protocol.errors import ProtocolError
from protocol.messages import Events
from tests.conftest import many


def decoded(payload: bytes) -> Events | None:
    try:
        return messages.decode(topics.EVENTS, payload)
    except ProtocolError:
        return None


def some(random: Random) -> bytes:
    sizes = random.choice(([0], [1, 23, 24], [255, 256], [60, 70, 80]))
    first = random.choice((0, 1, 23, 24, 255, 256, 65_535, 65_536, 0xFFFFFFFF))
    records = [
        (random.choice((1, 2, 23, 24, 255)), random.randbytes(random.choice(sizes)))
        for _ in range(random.randrange(9))
    ]
    return messages.encode(Events(random.randbytes(8), first, records))


def test_what_it_reads_is_what_the_decoder_reads_and_never_what_that_refuses():
    random, usual = Random(7), 0
    for _ in range(many(3_000)):
        payload = some(random)
        assert read(topics.EVENTS, payload) == decoded(payload)
        usual += _plain(payload) is not None
        at = random.randrange(len(payload))
        for damaged in (
            payload[:at],
            payload + b"\0",
            payload[:at] + random.randbytes(1) + payload[at + 1 :],
            payload[:at] + random.choice((b"\x18", b"\x19", b"\x1a", b"\x58")) + payload[at:],
        ):
            found = _plain(damaged)
            assert found is None or found == decoded(damaged), damaged.hex()
    assert usual > many(3_000) // 5


def test_the_usual_form_needs_no_decoder(monkeypatch: pytest.MonkeyPatch):
    payload = messages.encode(Events(b"a stream", 187, [(1, b"x" * 90), (2, b"y")]))
    monkeypatch.setattr(messages, "decode", None)
    assert read(topics.EVENTS, payload) == Events(b"a stream", 187, [(1, b"x" * 90), (2, b"y")])


def test_another_form_is_the_decoders():
    fields = [1, b"a stream", 1, [[1, b"x"]], "a newer device says more"]
    assert read(topics.EVENTS, cbor.dumps(fields)) == Events(b"a stream", 1, [(1, b"x")])
    for wrong in ([2, *fields[1:4]], [1, b"short", *fields[2:4]], [*fields[:2], -1, fields[3]]):
        with pytest.raises(ProtocolError, match="events"):
            read(topics.EVENTS, cbor.dumps(wrong))
