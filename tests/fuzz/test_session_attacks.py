"""What somebody can do who hears every byte of a session, and says others: none of it opens any."""

from random import Random

import pytest

from protocol import claim, session
from protocol.session import pairwise_id

LAMP, OTHER = pairwise_id("lamp-1"), pairwise_id("lamp-2")
TODAY = 700
SAY, ANA, BEN = session.SAY, b"ana-ana-", b"ben-ben-"


def ticket(seed: int) -> bytes:
    return Random(seed).randbytes(32)


def share(seed: int, tag: bytes = ANA, epoch: int = TODAY) -> session.Credential:
    """One end's share of the relationship that `seed` stands for, as it is on a day."""
    made, days = ticket(seed), epoch - TODAY
    chain = session.chain_key(session.first_chain_key(made), days)
    return session.Credential(tag, session.hint_key(made), chain, epoch)


def carrier(seed: int = 1, device: bytes = LAMP, epoch: int = TODAY, nonce: int = 1):
    return session.Carrier(share(seed), device, epoch, Random(nonce).randbytes)


def device(*known: session.Credential, pairwise: bytes = LAMP, nonce: int = 2):
    return session.Device(known or (share(1),), pairwise, Random(nonce).randbytes)


def opened(one: session.Carrier, other: session.Device) -> None:
    assert other.finish(one.answer(other.answer(one.hello())))


def test_a_whole_session_said_again_opens_nothing():
    ana, lamp = carrier(), device()
    m1 = ana.hello()
    m3 = ana.answer(lamp.answer(m1))
    assert lamp.finish(m3)
    record = ana.records.seal(SAY, b"40")
    assert lamp.records.open(record) == (SAY, b"40")
    again = device(nonce=3)
    assert again.answer(m1) is not None, "it may be her, as far as the hint tells"
    assert again.finish(m3) is None and again.records is None
    assert lamp.records.open(record) is None


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2, 1), (2, 1, 0), (1, 2, 0), (0, 0, 1)])
def test_records_in_another_order_end_the_session(order: tuple[int, ...]):
    ana, lamp = carrier(), device()
    opened(ana, lamp)
    records = [ana.records.seal(SAY, b"%d" % number) for number in range(3)]
    heard = [lamp.records.open(records[at]) for at in order]
    assert None in heard, "what is out of place is not understood"
    assert [one for one in heard if one] == [
        (SAY, b"%d" % number) for number in range(len([one for one in heard if one]))
    ]


def test_what_one_end_said_is_not_taken_for_the_other():
    ana, lamp = carrier(), device()
    m1 = ana.hello()
    m2 = lamp.answer(m1)
    assert lamp.finish(m2[:1] + m2[17:]) is None, "its own tag"
    assert carrier().answer(m1) is None
    m3 = ana.answer(m2)
    for mirrored in (b"\x30" + m2[17:], m1[:17], m3[::-1]):
        assert device().finish(mirrored) is None
    ana, lamp = carrier(), device()
    opened(ana, lamp)
    assert ana.records.open(ana.records.seal(SAY, b"40")) is None
    assert lamp.records.open(lamp.records.seal(SAY, b"40")) is None


def test_a_session_meant_for_one_device_does_not_fit_another():
    relayed = device(pairwise=OTHER)  # which holds the very same keys
    ana = carrier(device=LAMP)
    m2 = relayed.answer(ana.hello())
    assert ana.answer(m2) is None, "and learns nothing of who it is"
    assert device(share(2), pairwise=OTHER).answer(carrier().hello()) is None


def test_one_person_cannot_pass_for_another():
    lamp = device(share(1, ANA), share(2, BEN))
    ben = carrier(seed=2)
    assert lamp.finish(ben.answer(lamp.answer(ben.hello()))).tag == BEN
    forged = session.Credential(
        BEN, session.hint_key(ticket(1)), session.first_chain_key(ticket(2)), TODAY
    )
    pretender = session.Carrier(forged, LAMP, TODAY, Random(5).randbytes)
    assert pretender.answer(lamp.answer(pretender.hello())) is None


def test_yesterdays_keys_open_nothing_today_and_tomorrows_not_for_ever():
    today = share(1, epoch=TODAY + 5)
    lamp = device(today)
    assert lamp.answer(carrier(epoch=TODAY + 4).hello()) is None
    assert lamp.answer(carrier(epoch=TODAY + 5).hello()) is not None
    assert lamp.answer(session_ahead(TODAY + 5 + session.MOST_EPOCHS)) is not None
    assert lamp.answer(session_ahead(TODAY + 6 + session.MOST_EPOCHS)) is None
    today.last = TODAY + 20
    assert lamp.answer(session_ahead(TODAY + 20)) is not None
    assert lamp.answer(session_ahead(TODAY + 21)) is None, "its ticket has ended"


def session_ahead(epoch: int) -> bytes:
    ahead = share(1, epoch=TODAY + 5)
    return session.Carrier(ahead, LAMP, epoch, Random(1).randbytes).hello()


def test_no_other_suite_is_talked_into_with_what_was_said_in_this_one():
    for kind in range(256):
        m1 = carrier().hello()
        if kind == m1[0]:
            continue
        lamp = device()
        m2 = lamp.answer(bytes((kind,)) + m1[1:])
        assert m2 is None or carrier().answer(m2) is None, hex(kind)


def test_only_one_handshake_is_open_on_a_connection():
    lamp, ana, late = device(), carrier(), carrier(nonce=9)
    m2 = lamp.answer(ana.hello())
    lamp.answer(late.hello())
    assert lamp.finish(ana.answer(m2)) is None, "the later one has taken its place"
    lamp = device()
    m3 = ana.answer(m2)
    assert lamp.finish(m3) is None and lamp.finish(m3) is None, "one try each"


def test_a_label_opens_a_claim_and_nothing_else_nor_another_device():
    own, code = claim.secret("lamp-1", "7D2KM0QX4VNB9R3T"), "7D2KM0QX4VNB9R3T"
    lamp = device(share(1), claim.credential(own))
    who = session.Carrier(claim.credential(own), LAMP, 0, Random(1).randbytes)
    assert lamp.finish(who.answer(lamp.answer(who.hello()))).tag == claim.CLAIMER
    for device_id, typed in (("lamp-2", code), ("lamp-1", "7D2KM0QX4VNB9R3V")):
        guess = claim.credential(claim.secret(device_id, typed))
        assert lamp.answer(session.Carrier(guess, LAMP, 0, Random(1).randbytes).hello()) is None
    late = session.Carrier(claim.credential(own), LAMP, 1, Random(1).randbytes)
    assert lamp.answer(late.hello()) is None
