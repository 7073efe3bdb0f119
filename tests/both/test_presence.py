from protocol import gatt, presence
from tests.both.vectors import load, raw, refused


def test_identifiers_follow_the_vectors():
    vectors = load("presence")
    for case in vectors["cases"]:
        time_s = case["time_s"]
        key = presence.period_key(raw(vectors["master"]), presence.period(time_s))
        assert key == raw(case["key"])
        identifier, mask = presence.identifier(key, case["rotation"], time_s)
        assert (identifier, mask) == (raw(case["identifier"]), raw(case["mask"]))


def _carrier(rotation=10, time_s=1763779200):
    return b"ana", rotation, dict(presence.period_keys(bytes(32), time_s))


def test_a_device_knows_the_step_before_and_after_and_no_other():
    time_s = 1763779200
    master = bytes(32)
    table = presence.table([_carrier()], time_s)
    for offset, known in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        at = time_s + (offset << 10)
        key = presence.period_key(master, presence.period(at))
        assert (presence.identifier(key, 10, at)[0] in table) == known, offset


def test_a_device_holds_one_period_behind_and_eight_ahead():
    time_s = 1763779200
    numbers = [number for number, _ in presence.period_keys(bytes(32), time_s)]
    now = presence.period(time_s)
    assert numbers == list(range(now - 1, now + 9))


def test_a_lost_clock_is_found_again_by_who_comes():
    time_s = 1763779200
    later = time_s + 200_000
    key = presence.period_key(bytes(32), presence.period(later))
    heard = presence.identifier(key, 10, later)[0]
    assert presence.seek(_carrier(), heard, time_s) == later >> 10 << 10
    assert presence.seek(_carrier(), b"unknown!", time_s) is None
    assert presence.seek(_carrier(), heard, later + 4096) is None


def test_an_advert_carries_the_identifier_and_rubbish_carries_none():
    advert = gatt.presence_advert(b"12345678", b"\0\0")
    assert len(advert) == 18
    assert gatt.find_presence(memoryview(advert)) == b"12345678"
    for length in range(len(advert) - 2):
        assert gatt.find_presence(advert[:length]) is None
    assert gatt.find_presence(b"") is None


def test_messages_of_every_length_pass_in_fragments():
    for mtu in (23, 185, 247):
        for length in (0, 1, mtu - 4, mtu - 3, 1000, gatt.MAX_MESSAGE):
            reassembler = gatt.Reassembler()
            message = bytes(length)
            pieces = gatt.fragments(message, mtu)
            for piece in pieces[:-1]:
                assert len(piece) <= mtu - 3
                assert reassembler.feed(piece) is None
            assert reassembler.feed(pieces[-1]) == message


def test_fragments_out_of_order_are_refused_and_the_next_message_passes():
    pieces = gatt.fragments(bytes(100), 23)
    for order in ((1,), (0, 2), (0, 1, 1)):
        reassembler = gatt.Reassembler()
        for at in order[:-1]:
            reassembler.feed(pieces[at])
        refused(reassembler.feed, pieces[order[-1]])
        for piece in pieces[:-1]:
            reassembler.feed(piece)
        assert reassembler.feed(pieces[-1]) == bytes(100)


def test_an_endless_message_is_refused():
    reassembler = gatt.Reassembler()
    reassembler.feed(b"\x80" + bytes(240))
    for index in range(1, 4):
        reassembler.feed(bytes((index,)) + bytes(240))
    assert "1100" in refused(reassembler.feed, bytes((4,)) + bytes(240))
    refused(gatt.fragments, bytes(gatt.MAX_MESSAGE + 1), 247)
    refused(gatt.Reassembler().feed, b"")
