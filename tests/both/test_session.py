from protocol import session
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


def _pair(epoch=603, known=(7,)):
    carrier = session.Carrier(_credential(), PAIRWISE, epoch, _random(b"c"))
    device = session.Device([_credential(n) for n in known], PAIRWISE, _random(b"d"))
    return carrier, device


def _open(carrier, device):
    m2 = device.answer(carrier.hello())
    return device.finish(carrier.answer(m2))


def test_the_handshake_follows_the_vectors():
    vectors = load("session")
    carrier, device = _pair(known=range(16))
    m1 = carrier.hello()
    assert m1 == raw(vectors["m1"])
    m2 = device.answer(m1)
    assert m2 == raw(vectors["m2"])
    m3 = carrier.answer(m2)
    assert m3 == raw(vectors["m3"])
    assert device.finish(m3).tag == 7
    assert carrier.records.seal(1, b"hello") == raw(vectors["record"])


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
