from firmware.packing import kept
from firmware.person import read_known, write_known
from protocol.decision import Carried
from protocol.fold import Known
from protocol.registers import HAND, Registers
from protocol.rules import Rule, Undone
from protocol.window import MOST_ROWS, Row, of_setting


class _Chance:
    def __init__(self):
        self._state = 7

    def below(self, limit):
        self._state = (self._state * 1103515245 + 12345) & 0x3FFFFFFF
        return (self._state >> 8) % limit


def _window(chance):
    """32 visits over weeks and four boots, six settings, never twice the same."""
    rows = []
    for visit in range(MOST_ROWS):
        uid = bytes((visit // 8, 1, 2, 3)) + (200 + visit).to_bytes(4, "big")
        codes = (
            chance.below(21) * 5,
            2200 + chance.below(44) * 100,
            chance.below(3),
            20 + chance.below(11) * 10,
            85 + chance.below(12),
            chance.below(1440),
        )
        values = tuple([(at, code, chance.below(2)) for at, code in enumerate(codes)])
        wall_ms = 1_763_779_200_000 + visit * 50_000_000 + chance.below(9_999_999)
        rows.append(Row(uid, (wall_ms, chance.below(2)), chance.below(5), values))
    return rows


def _size(rows):
    return len(kept(lambda: rows).data)


def test_a_window_comes_back_as_it_went():
    chance = _Chance()
    for _ in range(20):
        rows = _window(chance)
        assert list(kept(lambda rows=rows: rows)) == rows
    odd = [
        Row(b"\xff" * 8, (1 << 50, 65535), 4, ()),
        Row(b"\x00" * 8, (1 << 51, 0), 0, ((3, -7, 1), (15, 0xFFFFFF, 0))),
    ]
    assert list(kept(lambda: odd)) == odd
    assert list(kept(list)) == []


def test_what_is_learned_of_a_person_takes_at_most_700_bytes_for_six_settings():
    chance = _Chance()
    assert max([_size(_window(chance)) for _ in range(20)]) <= 700


def test_everything_known_of_a_person_comes_back_from_flash_and_is_small():
    words = Registers(3)
    for index in range(6):
        words.say(index, 40 + index, (1_763_779_200_000 + index, 1, "lamp-0001"), HAND)
    rules = {at: Rule((1_763_779_200_000, at, "hub"), 1, 40, (0, 0)) for at in range(6)}
    undone = [Undone((1_763_779_200_000, 1), b"boot\0\0\0\1", 16, 1)]
    carried = {1: Carried(2700, "Seat light", 1_763_779_200_000)}
    known = Known(_window(_Chance()), words, rules, undone, carried)
    data = write_known(known)
    assert len(data) <= 2048
    again = read_known(data)
    assert list(again.rows) == known.rows
    assert again.registers.entries == words.entries
    assert (again.rules, again.undone, again.carried) == (rules, undone, carried)


def test_what_cannot_be_read_is_nobody_known():
    data = write_known(Known(_window(_Chance())))
    for cut in range(0, len(data), 7):
        assert list(read_known(data[:cut]).rows) == []
    assert list(read_known(None).rows) == []


def test_what_one_setting_was_is_read_without_the_rest():
    rows = _window(_Chance())
    rows.append(Row(b"\xff" * 8, (1 << 50, 65535), 4, ((3, -7, 1),)))
    for index in range(7):
        assert of_setting(kept(lambda: rows), index) == of_setting(rows[-MOST_ROWS:], index)
    assert of_setting(kept(list), 0) == []
