"""What a device reads of an update, on both interpreters; tests/factory has the updates."""

from protocol import cbor, messages, topics
from protocol.rsa import KEY_BYTES, verify
from protocol.update import CHUNK_BYTES, Chunk, Head, Offer, read_head, read_line, write_head
from tests.both.vectors import load, raw, refused

_HEAD = Head("lamp", 2, 1, 9000, 400, bytes(32), False)


def test_a_signature_that_openssl_made_is_right_and_any_other_is_not():
    case = load("rsa")
    modulus, signature = raw(case["modulus"]), raw(case["signature"])
    message = raw(case["message"])
    assert verify(modulus, signature, message)
    assert not verify(modulus, signature, message + b"x")
    assert not verify(modulus, signature[:-1], message)
    assert not verify(modulus[:-1], signature, message)
    assert not verify(modulus, bytes(KEY_BYTES), message)
    assert not verify(modulus, modulus, message)
    n = int.from_bytes(modulus, "big")
    for at in range(0, KEY_BYTES, 37):
        changed = bytearray(signature)
        changed[at] ^= 1
        assert not verify(modulus, bytes(changed), message)
    more = int.from_bytes(signature, "big") + n
    if more < 1 << 8 * KEY_BYTES:
        assert not verify(modulus, more.to_bytes(KEY_BYTES, "big"), message)


def test_a_signature_with_anything_but_this_padding_is_not_right():
    case = load("rsa")
    modulus, message = raw(case["modulus"]), raw(case["message"])
    for signature in case["forged"]:  # the same key, but other padding or another hash
        assert not verify(modulus, raw(signature), message)


def test_a_head_is_read_as_it_was_written_and_nothing_else_is():
    data = write_head(_HEAD)
    assert read_head(data) == _HEAD
    rom = Head(*(tuple(_HEAD)[:-1] + (True,)))
    assert read_head(write_head(rom)) == rom and write_head(rom) != data
    for length in range(len(data)):
        refused(read_head, data[:length])
    fields = cbor.loads(data)
    for at in range(len(fields)):
        refused(read_head, cbor.dumps(fields[:at] + [True] + fields[at + 1 :]))
    refused(read_head, cbor.dumps([3] + fields[1:]))
    refused(read_head, cbor.dumps(fields[:4] + [1 << 30] + fields[5:]))


def test_a_line_of_the_list_names_a_place_within_the_slot():
    digest = "0f" * 32
    assert read_line(digest + " 12 firmware/radio.mpy\n") == (digest, 12, "firmware/radio.mpy")
    for path in ("", "/boot.py", "../boot.py", "a/../../boot.py", "a//b", "./a", "a b", "x" * 65):
        refused(read_line, digest + " 12 " + path)
    refused(read_line, digest + " -1 a")
    refused(read_line, digest + " 99999999999 a")
    refused(read_line, digest[1:] + " 12 a")
    refused(read_line, "")


def test_what_goes_up_and_down_is_read_as_it_was_written():
    for kind, message in (
        (topics.OFFER, Offer(write_head(_HEAD), bytes(KEY_BYTES))),
        (topics.CHUNK, Chunk(2, 4096, bytes(CHUNK_BYTES))),
        (topics.CHUNK, Chunk(2, 4096, b"")),
    ):
        assert messages.decode(kind, messages.encode(message)) == message
    refused(messages.decode, topics.CHUNK, messages.encode(Chunk(2, 0, bytes(CHUNK_BYTES + 1))))
    refused(messages.decode, topics.OFFER, messages.encode(Offer(bytes(257), bytes(KEY_BYTES))))
    refused(messages.decode, topics.OFFER, messages.encode(Offer(b"", bytes(KEY_BYTES - 1))))
