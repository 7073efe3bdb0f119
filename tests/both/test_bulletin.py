from protocol import bulletin
from protocol.errors import ProtocolError
from protocol.session import pairwise_id
from tests.both.vectors import load, raw


def _golden():
    file = load("bulletin")
    return raw(file["key"]), pairwise_id(file["device"]), raw(file["nonce"]), file["cases"]


def _refused(*arguments):
    try:
        bulletin.unseal(*arguments)
    except ProtocolError:
        return True
    return False


def test_golden_bulletins_are_sealed_and_read_the_same():
    key, pairwise, nonce, cases = _golden()
    for case in cases:
        known = {raw(subject): raw(hint) for subject, hint in case["known"]}
        said = case["revision"], case["hub_ms"], known
        assert bulletin.seal(key, pairwise, nonce, *said) == raw(case["sealed"])
        assert bulletin.unseal(key, pairwise, raw(case["sealed"])) == said


def test_every_changed_bit_and_every_cut_of_a_bulletin_is_refused():
    key, pairwise, _, cases = _golden()
    sealed = raw(cases[1]["sealed"])
    for bit in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        assert _refused(key, pairwise, bytes(changed)), bit
    for length in range(len(sealed)):
        assert _refused(key, pairwise, sealed[:length]), length


def test_a_bulletin_is_for_one_device_and_from_its_own_hub():
    key, pairwise, _, cases = _golden()
    sealed = raw(cases[1]["sealed"])
    assert _refused(key, pairwise_id("lamp-2"), sealed)
    assert _refused(bytes(16), pairwise, sealed)


def test_a_bulletin_of_sixteen_people_fits_into_one_message():
    cases = _golden()[3]
    assert max(len(raw(case["sealed"])) for case in cases) <= 512
