from protocol import gatt
from protocol.crypto import sha256
from tests.both.vectors import load, raw, refused


def _message(length):
    out = b""
    while len(out) < length:
        out += sha256(b"fragments", (len(out) // 32).to_bytes(4, "big"))
    return out[:length]


def test_messages_are_cut_as_in_the_vectors_and_whole_again():
    for case in load("fragments")["cases"]:
        message = _message(case["bytes"])
        cut = gatt.fragments(message, case["mtu"])
        assert len(cut) == case["count"]
        assert bytes([each[0] for each in cut]) == raw(case["heads"])
        assert max(len(each) for each in cut) <= case["mtu"] - 3
        framed = [len(each).to_bytes(2, "big") + each for each in cut]
        assert sha256(*framed) == raw(case["digest"])
        reassembler = gatt.Reassembler()
        found = [reassembler.feed(each) for each in cut]
        assert found[-1] == message and found[:-1] == [None] * (len(cut) - 1)


def test_what_comes_out_of_order_or_too_long_is_refused():
    for case in load("fragments")["refused"]:
        reassembler = gatt.Reassembler()
        fragments = [raw(each) for each in case["fragments"]]
        for fragment in fragments[:-1]:
            assert reassembler.feed(fragment) is None, case["why"]
        refused(reassembler.feed, fragments[-1])


def test_a_message_over_the_limit_is_not_cut():
    refused(gatt.fragments, bytes(gatt.MAX_MESSAGE + 1), 185)
