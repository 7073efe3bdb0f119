"""How far a journal was heard, and what of a message is new: as a device and its hub both count."""

import pytest

from hub.devices.heard import Heard, after, begun, beyond, heard_of, new_stream
from protocol import chain
from protocol.messages import Events, Hello

STREAM, OTHER = b"streamno", b"anothero"
RECORDS = [(chain.EVENT, b"%d" % number) for number in range(1, 7)]


def values(stream: bytes = STREAM) -> list[int]:
    """The chain after each record; first, before any."""
    found = [chain.start(stream)]
    for number, (kind, payload) in enumerate(RECORDS, 1):
        found.append(chain.link(found[-1], number, kind, payload))
    return found


def upto(number: int) -> Heard:
    return Heard(STREAM, number, values()[number])


def says(first: int, last: int, stream: bytes = STREAM) -> Events:
    return Events(stream, first, RECORDS[first - 1 : last])


def hello(stream: bytes = STREAM, held: tuple[int, int, int] | None = None) -> Hello:
    return Hello("lamp", 1, stream, b"boot", 7, 0, 0, 0, held, None)


def test_a_device_that_was_never_heard_has_no_journal_here():
    state = {"stream": None, "upto": 0, "chain": 0}
    assert heard_of(state) is None
    state.update(stream=STREAM.hex(), upto=3, chain=77)
    assert heard_of(state) == Heard(STREAM, 3, 77)


def test_a_stream_begins_with_nothing_heard_of_it():
    assert new_stream(STREAM) == upto(0)
    for was in (None, Heard(OTHER, 5, 55)):
        assert begun(was, hello()) == upto(0)


def test_a_hello_of_the_same_stream_changes_nothing():
    assert begun(upto(3), hello()) == upto(3)
    for first in (1, 3, 4):
        assert begun(upto(3), hello(held=(first, 99, 0))) == upto(3)


def test_what_a_device_has_no_more_is_not_waited_for():
    assert begun(upto(3), hello(held=(5, 99, 0))) == Heard(STREAM, 4, 99)
    assert begun(None, hello(held=(5, 99, 0))) == Heard(STREAM, 4, 99)


@pytest.mark.parametrize(("first", "last"), [(1, 6), (3, 6), (4, 6)])
def test_only_what_follows_is_new(first: int, last: int):
    new = [
        (number, *RECORDS[number - 1], value) for number, value in enumerate(values()) if number > 3
    ]
    assert list(beyond(upto(3), says(first, last))) == new
    assert after(upto(3), says(first, last)) == upto(6)


def test_what_was_heard_before_or_lies_behind_a_hole_or_is_another_streams_is_not():
    for said in (says(1, 3), says(2, 2), says(5, 6), says(1, 6, OTHER), says(4, 3)):
        assert list(beyond(upto(3), said)) == []
        assert after(upto(3), said) == upto(3)
