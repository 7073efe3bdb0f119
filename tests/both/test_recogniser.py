from firmware.recogniser import FIRST, Away, Near, Recogniser, Sure

ANA, BEN = b"ana", b"ben"


def _hear(recogniser, tag, rssi_dBm, since_ms, until_ms, every_ms=1000):
    changes = []
    for now_ms in range(since_ms, until_ms, every_ms):
        changes += recogniser.heard(tag, rssi_dBm, now_ms) + recogniser.passed(now_ms)
    return changes


def test_one_good_sighting_is_near_and_three_are_sure():
    recogniser = Recogniser()
    assert recogniser.heard(ANA, -55, 0) == [Near(ANA)]
    assert recogniser.heard(ANA, -56, 1000) == []
    assert recogniser.heard(ANA, -54, 2000) == [Sure(ANA)]
    assert recogniser.heard(ANA, -54, 3000) == []


def test_far_away_is_nobody():
    assert _hear(Recogniser(), ANA, -75, 0, 60_000) == []


def test_a_touch_makes_sure():
    recogniser = Recogniser()
    recogniser.heard(ANA, -55, 0)
    assert recogniser.touched(100) == [Sure(ANA)]
    assert recogniser.touched(200) == []
    assert Recogniser().touched(0) == []


def test_sitting_still_at_the_edge_with_gaps_never_flaps():
    recogniser = Recogniser()
    changes, now_ms = recogniser.heard(ANA, -68, 0), 0
    for gap_s, level in zip(
        (2, 96, 5, 40, 90, 3, 61, 12, 96, 30) * 10, (-68, -72, -66, -77, -70) * 20
    ):
        for second in range(gap_s):
            changes += recogniser.passed(now_ms + second * 1000)
        now_ms += gap_s * 1000
        changes += recogniser.heard(ANA, level, now_ms)
    assert [change for change in changes if isinstance(change, Away)] == []


def test_going_away_is_noticed_after_ten_weak_seconds():
    recogniser = Recogniser()
    _hear(recogniser, ANA, -55, 0, 5000)
    assert _hear(recogniser, ANA, -85, 5000, 13_000) == []
    assert _hear(recogniser, ANA, -85, 13_000, 17_000) == [Away(ANA)]


def test_silence_is_noticed_after_a_while():
    recogniser = Recogniser()
    recogniser.heard(ANA, -55, 0)
    assert recogniser.passed(99_000) == []
    assert recogniser.passed(100_000) == [Away(ANA)]
    assert recogniser.passed(200_000) == []


def test_the_first_stays_while_another_is_no_nearer():
    recogniser = Recogniser()
    _hear(recogniser, ANA, -60, 0, 3000)
    for now_ms in range(3000, 60_000, 1000):
        assert recogniser.heard(BEN, -58, now_ms) == []
        assert recogniser.heard(ANA, -60, now_ms) == []


def test_the_clearly_nearer_takes_over_after_a_while():
    recogniser = Recogniser()
    _hear(recogniser, ANA, -65, 0, 3000)
    changes = []
    for now_ms in range(3000, 12_000, 1000):
        recogniser.heard(ANA, -65, now_ms)
        changes += recogniser.heard(BEN, -50, now_ms)
    assert changes[:2] == [Away(ANA), Near(BEN)]
    assert recogniser.present == BEN


def test_by_the_rule_of_the_first_nobody_takes_over():
    recogniser = Recogniser(rule=FIRST)
    _hear(recogniser, ANA, -65, 0, 3000)
    for now_ms in range(3000, 30_000, 1000):
        recogniser.heard(ANA, -65, now_ms)
        assert recogniser.heard(BEN, -40, now_ms) == []


def test_who_touches_stays():
    recogniser = Recogniser()
    _hear(recogniser, ANA, -65, 0, 3000)
    recogniser.touched(3000)
    assert _hear(recogniser, BEN, -40, 3000, 12_000) == []


def test_whoever_proves_it_in_a_session_is_here_at_once():
    recogniser = Recogniser()
    recogniser.heard(BEN, -50, 0)
    assert recogniser.proved(ANA, 100) == [Away(BEN), Near(ANA), Sure(ANA)]


def test_who_is_forgotten_is_gone():
    recogniser = Recogniser()
    recogniser.heard(ANA, -50, 0)
    assert recogniser.forget(ANA) == [Away(ANA)]
    assert recogniser.forget(ANA) == []


def test_memory_of_sightings_is_bounded():
    recogniser = Recogniser()
    for number in range(200):
        recogniser.heard(bytes((number,)), -50, number)
    assert len(recogniser._readings) <= 17
