from protocol import records, session
from protocol.crypto import sha256
from tests.both.vectors import load, raw

PAIRWISE = b"PRODUCT1"


def _random(seed):
    state = [sha256(seed), 0]

    def draw(count):
        out = b""
        while len(out) < count:
            out += sha256(state[0], state[1].to_bytes(4, "big"))
            state[1] += 1
        return out[:count]

    return draw


def _credential(number=7, epoch=600):
    ticket = sha256(b"ticket", bytes((number,)))
    hint, chain = session.hint_key(ticket), session.first_chain_key(ticket)
    return session.Credential(number, hint, chain, epoch)


def _pair(epoch=603, known=(7,), suite=1, least_suite=1):
    carrier = session.Carrier(_credential(), PAIRWISE, epoch, _random(b"c"), suite)
    credentials = [_credential(n) for n in known]
    device = session.Device(credentials, PAIRWISE, _random(b"d"), least_suite)
    return carrier, device


def _open(carrier, device):
    m2 = device.answer(carrier.hello())
    return device.finish(carrier.answer(m2))


def _follows(vectors, suite):
    carrier, device = _pair(known=range(16), suite=suite)
    m1 = carrier.hello()
    assert m1 == raw(vectors["m1"])
    m2 = device.answer(m1)
    assert m2 == raw(vectors["m2"])
    m3 = carrier.answer(m2)
    assert m3 == raw(vectors["m3"])
    assert device.finish(m3).tag == 7
    assert carrier.records.seal(1, b"hello") == raw(vectors["record"])


def test_the_handshake_follows_the_vectors_in_both_suites():
    vectors = load("session")
    _follows(vectors, 1)
    _follows(vectors["suite2"], 2)


def test_records_follow_the_vectors_up_to_the_last():
    for case in load("session")["records"]:
        carrier, device = _pair()
        _open(carrier, device)
        ours, theirs = carrier.records, device.records
        if case["from"] == "device":
            ours, theirs = theirs, ours
        ours._sent = theirs._received = case["number"]
        sealed = ours.seal(case["kind"], raw(case["text"]))
        assert sealed == raw(case["out"])
        assert theirs.open(sealed) == (case["kind"], raw(case["text"]))
        if case["number"] == records.MOST_RECORDS:
            assert ours.seal(1, b"one more") is None
            assert theirs.open(sealed) is None


def test_the_chain_follows_the_vectors():
    vectors = load("session")
    first = session.first_chain_key(sha256(b"ticket", b"\x07"))
    for case in vectors["chain"]:
        assert session.chain_key(first, case["days"]) == raw(case["out"])
    for case in vectors["epochs"]:
        opens = _credential(epoch=case["first"]).at(case["asked"]) is not None
        assert opens == case["opens"], case["asked"]


def test_both_sides_read_each_others_records_once_and_in_order():
    carrier, device = _pair()
    _open(carrier, device)
    first, second = carrier.records.seal(1, b"one"), carrier.records.seal(2, b"two")
    assert device.records.open(second) is None
    assert device.records.open(first) == (1, b"one")
    assert device.records.open(first) is None
    assert device.records.open(second) == (2, b"two")
    assert carrier.records.open(first) is None, "our own record reflected"
    answer = device.records.seal(1, b"x" * 200)
    assert carrier.records.open(answer) == (1, b"x" * 200)


def test_every_flipped_bit_of_the_handshake_is_refused():
    for which in range(3):
        for bit in range((27, 33, 17)[which] * 8):
            carrier, device = _pair()
            messages = []

            def flipped(message, which=which, bit=bit, messages=messages):
                message = bytearray(message)
                if len(messages) == which:
                    message[bit // 8] ^= 1 << bit % 8
                messages.append(message)
                return bytes(message)

            m2 = device.answer(flipped(carrier.hello()))
            m3 = carrier.answer(flipped(m2)) if m2 else None
            assert m3 is None or device.finish(flipped(m3)) is None, (which, bit)


def test_a_stranger_gets_no_answer():
    carrier, device = _pair(known=(1, 2))
    assert device.answer(carrier.hello()) is None


def test_a_replayed_handshake_opens_nothing():
    carrier, device = _pair()
    m1 = carrier.hello()
    m3 = carrier.answer(device.answer(m1))
    device.finish(m3)
    assert device.answer(m1) is not None
    assert device.finish(m3) is None
    assert device.finish(m3) is None


def test_the_chain_moves_forward_only_and_not_too_far():
    for epoch, opens in ((599, False), (600, True), (1000, True), (1001, False)):
        carrier, device = _pair(epoch)
        carrier._credential.epoch = min(epoch, 600)
        assert (device.answer(carrier.hello()) is not None) == opens, epoch


def test_a_chain_is_committed_only_after_the_carrier_proved_itself():
    carrier = session.Carrier(_credential(), PAIRWISE, 603, _random(b"c"))
    known = _credential()
    device = session.Device([known], PAIRWISE, _random(b"d"))
    m2 = device.answer(carrier.hello())
    assert known.epoch == 600
    device.finish(carrier.answer(m2))
    assert known.epoch == 603
    late = session.Carrier(_credential(), PAIRWISE, 602, _random(b"e"))
    assert session.Device([known], PAIRWISE, _random(b"f")).answer(late.hello()) is None


def test_a_device_that_wants_suite_2_answers_nobody_who_asks_for_less():
    carrier, device = _pair(suite=1, least_suite=2)
    assert device.answer(carrier.hello()) is None
    carrier, device = _pair(suite=2, least_suite=2)
    assert _open(carrier, device).tag == 7


def test_whoever_turns_suite_2_into_suite_1_on_the_way_opens_nothing():
    carrier, device = _pair(suite=2)
    m1 = carrier.hello()
    assert device.answer(b"\x11" + m1[1:]) is None, "too long for suite 1"
    m2 = device.answer(b"\x11" + m1[1:27])
    assert m2 is not None and carrier.answer(m2) is None
    assert device.answer(b"\x13" + m1[1:]) is None, "no such suite"


def test_a_number_that_makes_the_secret_zero_is_refused_by_both():
    for point in load("x25519")["zero"]:
        carrier, device = _pair(suite=2)
        m1 = carrier.hello()
        assert device.answer(m1[:27] + raw(point)) is None
        assert device.finish(bytes((0x30,)) + bytes(16)) is None
        m2 = device.answer(m1)
        assert carrier.answer(m2[:17] + raw(point) + m2[49:]) is None


def test_work_for_suite_2_comes_in_pieces_and_only_for_who_is_known():
    carrier, device = _pair(suite=2)
    m1 = carrier.hello()
    pieces = list(device.answering(m1))
    assert len(pieces) > 500
    assert [piece for piece in pieces if piece] == pieces[-1:]
    stranger, device = _pair(known=(1, 2), suite=2)
    assert list(device.answering(stranger.hello())) == []
