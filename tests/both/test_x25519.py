from protocol import x25519
from tests.both.vectors import load, raw


def test_the_published_vectors():
    for case in load("x25519")["cases"]:
        assert x25519.x25519(raw(case["secret"]), raw(case["point"])) == raw(case["out"])


def test_two_who_show_each_other_a_number_share_a_secret():
    mine, theirs = bytes(range(32)), bytes(range(100, 132))
    shared = x25519.x25519(mine, x25519.x25519(theirs))
    assert shared == x25519.x25519(theirs, x25519.x25519(mine))
    assert not x25519.zero(shared)


def test_points_of_small_order_give_zero():
    for point in load("x25519")["zero"]:
        assert x25519.zero(x25519.x25519(bytes(range(32)), raw(point)))
