from firmware.readings import Readings
from firmware.recogniser import ASK, FIRST, OWNER, Ask, Away, Near, Recogniser, Sure

ANA, BEN, CEM = b"ana", b"ben", b"cem"


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
    _hear(recogniser, ANA, -55, 0, 30_000)
    assert _hear(recogniser, ANA, -85, 30_000, 38_000) == []
    assert _hear(recogniser, ANA, -85, 38_000, 43_000) == [Away(ANA, True)]


def test_silence_is_noticed_after_a_while():
    recogniser = Recogniser()
    recogniser.heard(ANA, -55, 0)
    assert recogniser.passed(99_000) == []
    assert recogniser.passed(100_000) == [Away(ANA, False)]
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
    assert changes[:2] == [Away(ANA, False), Near(BEN)]
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
    assert recogniser.proved(ANA, 100) == [Away(BEN, False), Near(ANA), Sure(ANA)]


def test_who_is_forgotten_is_gone():
    recogniser = Recogniser()
    recogniser.heard(ANA, -50, 0)
    assert recogniser.forget(ANA) == [Away(ANA, False)]
    assert recogniser.forget(ANA) == []


def test_memory_of_sightings_is_bounded():
    readings = Readings()
    for number in range(200):
        readings.note(bytes((number,)), -50, 1000 * number, None)
        for _ in range(100):
            readings.note(ANA, -50 - number % 9, 1000 * number, ANA)
    assert len(readings.others(-99, 200_000)) <= 16
    assert readings.level(ANA, 200_000) in range(-59, -49)


def test_who_only_passes_has_not_stayed_and_who_sat_there_has():
    recogniser = Recogniser()
    changes = []
    for second, level in enumerate((-69, -66, -62, -60, -63, -67, -71) + (-84,) * 20):
        changes += recogniser.heard(ANA, level, 1000 * second) + recogniser.passed(1000 * second)
    assert changes[-1] == Away(ANA, False)
    recogniser = Recogniser()
    _hear(recogniser, ANA, -60, 0, 25_000)
    assert _hear(recogniser, ANA, -85, 25_000, 60_000) == [Away(ANA, True)]


def test_a_hand_is_worth_a_while():
    recogniser = Recogniser()
    _hear(recogniser, ANA, -60, 0, 3000)
    recogniser.touched(3000)
    assert _hear(recogniser, ANA, -85, 3000, 30_000) == [Away(ANA, True)]


def test_while_it_could_be_either_nobody_is_sure():
    recogniser = Recogniser()
    recogniser.heard(BEN, -71, 0)
    changes = []
    for now_ms in range(0, 30_000, 1000):
        changes += recogniser.heard(ANA, -60, now_ms) + recogniser.heard(BEN, -61, now_ms)
    assert changes == [Near(ANA)]
    assert recogniser.touched(30_000) == [Sure(ANA)]


def test_a_touch_is_of_who_is_clearly_the_nearest():
    recogniser = Recogniser()
    _hear(recogniser, ANA, -65, 0, 30_000)
    recogniser.heard(BEN, -50, 30_000)
    changes = recogniser.touched(30_100)
    assert changes == [Away(ANA, True), Near(BEN), Sure(BEN)]


def test_of_three_the_nearest_is_served_and_the_others_change_nothing():
    recogniser = Recogniser()
    changes = []
    for now_ms in range(0, 120_000, 1000):
        for tag, level in ((ANA, -52), (BEN, -66), (CEM, -68)):
            changes += recogniser.heard(tag, level, now_ms)
    assert changes == [Near(ANA), Sure(ANA)]


def test_the_owner_goes_before_others_and_stays():
    recogniser = Recogniser(rule=OWNER)
    recogniser.owner = BEN
    _hear(recogniser, ANA, -55, 0, 3000)
    assert recogniser.heard(BEN, -66, 3000) == [Away(ANA, False), Near(BEN)]
    assert _hear(recogniser, ANA, -40, 3000, 20_000) == []
    assert recogniser.present == BEN


def test_by_the_rule_to_ask_two_as_near_are_asked_once_and_the_answer_holds():
    recogniser = Recogniser(rule=ASK)
    changes = []
    for now_ms in range(0, 20_000, 1000):
        changes += recogniser.heard(ANA, -60, now_ms) + recogniser.heard(BEN, -59, now_ms)
    assert changes == [Near(ANA), Ask([ANA, BEN])]
    assert recogniser.chosen(BEN, 20_000) == [Away(ANA, False), Near(BEN), Sure(BEN)]
    assert recogniser.heard(ANA, -50, 21_000) == []


def test_by_the_rule_to_ask_nobody_takes_over_unasked():
    recogniser = Recogniser(rule=ASK)
    _hear(recogniser, ANA, -70, 0, 3000)
    changes = []
    for now_ms in range(3000, 12_000, 1000):
        changes += recogniser.heard(ANA, -70, now_ms) + recogniser.heard(BEN, -50, now_ms)
    assert changes == [Ask([ANA, BEN])]


def test_who_is_chosen_by_hand_needs_no_carrier_for_an_hour():
    recogniser = Recogniser()
    assert recogniser.chosen(ANA, 0) == [Near(ANA), Sure(ANA)]
    assert recogniser.passed(3_599_000) == []
    assert recogniser.passed(3_600_000) == [Away(ANA, True)]


def test_who_is_refused_is_nobody_until_they_have_been_gone():
    recogniser = Recogniser()
    _hear(recogniser, ANA, -55, 0, 3000)
    assert recogniser.refuse(3000) == [Away(ANA, False)]
    assert _hear(recogniser, ANA, -55, 3000, 200_000) == []
    assert recogniser.heard(BEN, -55, 200_000) == [Near(BEN)]
    recogniser.forget(BEN)
    assert recogniser.heard(ANA, -55, 300_000) == [Near(ANA)]


def test_of_who_is_usually_here_two_sightings_are_enough():
    recogniser = Recogniser()
    recogniser.heard(ANA, -55, 0)
    recogniser.usual = True
    assert recogniser.heard(ANA, -55, 1000) == [Sure(ANA)]
