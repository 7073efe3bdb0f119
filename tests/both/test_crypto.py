from protocol import crypto
from tests.both.vectors import load, raw


def _hkdf(case):
    key = crypto.hkdf_extract(raw(case["salt"]), raw(case["key"]))
    return crypto.hkdf_expand(key, raw(case["info"]), len(raw(case["out"])))


def _ccm(case):
    key, nonce, header = raw(case["key"]), raw(case["nonce"]), raw(case["header"])
    sealed = crypto.ccm_seal(key, nonce, header, raw(case["data"]))
    assert crypto.ccm_open(key, nonce, header, sealed) == raw(case["data"])
    return sealed


_OF = {
    "hmac": lambda case: crypto.hmac_sha256(raw(case["key"]), raw(case["data"])),
    "cmac": lambda case: crypto.cmac(raw(case["key"]), raw(case["data"])),
    "ecb": lambda case: crypto.aes_ecb(raw(case["key"]), raw(case["data"])),
    "hkdf": _hkdf,
    "ccm": _ccm,
}


def test_published_vectors():
    for case in load("crypto")["cases"]:
        assert _OF[case["of"]](case) == raw(case["out"]), case["source"]


def test_one_flipped_bit_of_a_sealed_text_opens_nothing():
    key, nonce, header = bytes(16), bytes(13), b"head"
    sealed = crypto.ccm_seal(key, nonce, header, b"brightness 35")
    for bit in range(len(sealed) * 8):
        broken = bytearray(sealed)
        broken[bit // 8] ^= 1 << bit % 8
        assert crypto.ccm_open(key, nonce, header, bytes(broken)) is None
    assert crypto.ccm_open(key, nonce, b"Head", sealed) is None
    assert crypto.ccm_open(key, nonce, header, b"short") is None


def test_an_empty_text_can_be_sealed():
    sealed = crypto.ccm_seal(bytes(16), bytes(13), b"", b"")
    assert crypto.ccm_open(bytes(16), bytes(13), b"", sealed) == b""


def test_equal_compares_all():
    assert crypto.equal(b"abc", b"abc")
    assert not crypto.equal(b"abc", b"abd")
    assert not crypto.equal(b"abc", b"ab")
