"""On a device, too, what is known of somebody goes when they were not here for very long."""

from firmware.memory import Memory
from firmware.people import UNTOUCHED_DAYS, People
from protocol.fold import Known
from protocol.messages import Keys
from protocol.window import Row
from tests.both.folder import Folder

_DAY_MS = 86_400_000
_NOW_MS = 1_790_000_000_000
_ANA, _BEN, _NEW = b"ana-----", b"ben-----", b"new-----"


def _people(folder):
    """Ana was here long ago, Ben lately, somebody new never."""
    people = People(Memory(folder))
    for subject, days in ((_ANA, UNTOUCHED_DAYS + 1), (_BEN, UNTOUCHED_DAYS - 1), (_NEW, None)):
        people.welcome(subject, Keys(10, [], bytes(16), bytes(32), 0, None))
        rows = [Row(subject, (_NOW_MS - days * _DAY_MS, 0), 1, ((0, 35, 1),))] if days else []
        people.keep(subject, Known(rows))
    return people


def test_who_was_not_here_for_long_is_known_by_their_keys_only():
    with Folder() as folder:
        _people(folder).expire(_NOW_MS, None)
        people = People(Memory(folder))
        assert people.known(_ANA).rows == []
        assert len(people.known(_BEN).rows) == 1
        assert sorted(people.subjects) == [_ANA, _BEN, _NEW]


def test_who_stands_here_keeps_what_is_known_of_them():
    with Folder() as folder:
        people = _people(folder)
        people.expire(_NOW_MS, _ANA)
        assert len(people.known(_ANA).rows) == 1


def test_a_word_or_a_rule_is_a_sign_of_life():
    known = Known()
    assert known.touched_ms() == 0
    known.registers.say(0, 35, (_NOW_MS, 0, "hub"), "Sam")
    assert known.touched_ms() == _NOW_MS


def test_what_was_said_without_knowing_the_time_is_not_old():
    with Folder() as folder:
        people = People(Memory(folder))
        people.welcome(_ANA, Keys(10, [], bytes(16), bytes(32), 0, None))
        people.keep(_ANA, Known([Row(_ANA, (200_500, 1), 4, ((0, 35, 1),))]))
        people.expire(_NOW_MS, None)
        assert len(people.known(_ANA).rows) == 1
