"""What a label and a visitor open, who is known until when, and a memory that begins anew."""

from firmware.memory import Memory
from firmware.people import People
from protocol import cbor, claim, presence, visitor
from protocol.messages import GUEST, OWNER, USER, Keys
from protocol.session import EPOCH_START_S, pairwise_id
from tests.both.folder import Folder
from tests.both.vectors import load, raw, refused

_ANA, _BEN, _EVE = b"ana-----", b"ben-----", b"eve-----"
_NOW_H = 499_000


def test_a_label_and_a_visitor_open_what_the_vectors_say():
    vectors = load("claim")
    secret = claim.secret(vectors["device"], vectors["code"])
    assert secret == raw(vectors["secret"])
    pairwise = pairwise_id(vectors["device"])
    receipt = claim.receipt(secret, pairwise, raw(vectors["challenge"]))
    assert receipt == raw(vectors["receipt"])
    assert claim.credential(secret).hint == raw(vectors["hint"])
    anybody = visitor.credential()
    assert (anybody.hint, anybody.chain) == (
        raw(vectors["visitor_hint"]),
        raw(vectors["visitor_chain"]),
    )
    assert (anybody.last, anybody.least_suite) == (0, 2)


def test_a_taste_that_makes_no_sense_is_refused():
    good = [["light.brightness", "%", [1, 2, 3, 4, 5]]]
    assert visitor.read(good) == [("light.brightness", "%", [1, 2, 3, 4, 5])]
    assert visitor.read([]) == []
    for bad in (None, 7, [1], [["a", "%"]], [["a", 5, [1] * 5]], [["a", "", [1] * 4]], good * 17):
        refused(visitor.read, bad)
    refused(visitor.read, [["a" * 65, "%", [1] * 5]])
    refused(visitor.read, [["a", "%", [1, 2, 3, 4, True]]])
    refused(visitor.read, cbor.loads(cbor.dumps([["a", "%", [1, 2, 3, 4, 1 << 62]]])) + [0])


def _keys(role, hours, mark):
    periods = presence.period_keys(bytes((mark,)) * 32, _NOW_H * 3600)
    right = (role, _NOW_H + hours)
    return Keys(10, periods, bytes((mark,)) * 16, bytes(32), 900, right)


def _household(folder):
    people = People(Memory(folder))
    people.welcome(_ANA, _keys(OWNER, 90 * 24, 1))
    people.welcome(_BEN, _keys(USER, 90 * 24, 2))
    people.welcome(_EVE, _keys(GUEST, 6, 3))
    return people


def _opens(people, hours, exact=True):
    return sorted([one.tag for one in people.credentials(_NOW_H + hours, exact)])


def test_a_right_ends_with_its_hour_and_a_guests_with_the_certain_time():
    with Folder() as folder:
        people = _household(folder)
        assert [people.role(who) for who in (_ANA, _BEN, _EVE)] == [OWNER, USER, GUEST]
        assert people.role(b"nobody--") is None
        assert _opens(people, 0) == _opens(people, 5) == [_ANA, _BEN, _EVE]
        assert _opens(people, 6) == _opens(people, 0, exact=False) == [_ANA, _BEN]
        assert _opens(people, 90 * 24) == []
        last = (_NOW_H + 90 * 24) * 3600 - EPOCH_START_S
        for one in people.credentials(_NOW_H, True):
            assert one.tag == _EVE or one.last == last // 86400


def test_keys_from_before_there_were_rights_go_on_to_count():
    with Folder() as folder:
        Memory(folder).save("k" + "61" * 8, cbor.dumps([10, [], bytes(16), bytes(32), 900]))
        people = People(Memory(folder))
        assert people.subjects == [b"a" * 8] and people.role(b"a" * 8) == USER
        assert _opens(people, 1 << 20) == [b"a" * 8]


def test_another_hint_is_another_phone():
    with Folder() as folder:
        people = _household(folder)
        assert people.holds(_ANA, bytes((1,)) * 16)
        people.welcome(_ANA, _keys(OWNER, 90 * 24, 9))
        assert not people.holds(_ANA, bytes((1,)) * 16)
        assert people.holds(_ANA, bytes((9,)) * 16)
        people.forget(_ANA)
        assert not people.holds(_ANA, bytes((9,)) * 16)


def test_a_session_does_not_take_away_a_right():
    with Folder() as folder:
        people = _household(folder)
        used = next(one for one in people.credentials(_NOW_H, True) if one.tag == _ANA)
        used.commit(b"\x07" * 32, 905)
        people.advance(used)
        assert people.role(_ANA) == OWNER
        people.welcome(_ANA, _keys(OWNER, 30 * 24, 1))
        kept = next(one for one in people.credentials(_NOW_H, True) if one.tag == _ANA)
        assert (kept.epoch, kept.chain) == (905, b"\x07" * 32), "its chain never turns back"
        assert _opens(people, 30 * 24) == [_BEN], "and its time is the newer one"
