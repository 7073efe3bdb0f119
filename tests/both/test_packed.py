"""Packed events: they come back as they were, or not at all; what of them is radio time saved."""

import os
import random

from protocol import cbor, chain, events, messages, topics
from protocol.events import Event, encode_event
from protocol.messages import MAX_BYTES, MOST_RECORDS, Events
from protocol.packed import HEAD, SAMPLE, check, pack
from protocol.unpacked import unpack
from tests.both.vectors import load, raw, refused

_USUAL = 60  # messages of each test; N and SEED in the environment count and begin
_STREAM = b"a stream"
_STAMP = (1_763_779_200_000, 1)
_VALUES = ((0, 35, 3, 60), (1, 2700, 0, 2700), (2, 16777215, 3, 16777215))
_TOTALS = (1 << 31, 24, 256, 24, ((0, 256),))
_BODIES = (
    (events.ADJUSTED, (0, 35, 60, 0)),
    (events.VISIT, (1, 600, _VALUES, ((0, 2),))),
    (events.VISIT, (1, 600, _VALUES, ((0, 2),), _TOTALS, 77, 2)),
    (events.ANSWERED, (0, 120, events.LIMITED, 100, 1_763_779_200_000, 2)),
    (events.TOTALS, ((0, 12), (1, 3))),
    (events.STATED, (1, 3000)),
    (events.UNDONE, (16, b"a visit.", None)),
    (events.RULED, (0, 1, 35)),
    (events.TALLIED, _TOTALS),
    (events.ANCHORED, (5, 70_000, -1_000)),
    (77, ("of", "the future")),
)


def _tries():
    random.seed(int(os.getenv("SEED") or 1) * 6007)
    return range(max(_USUAL, int(os.getenv("N") or 0)))


def _bytes(size):
    return bytes([random.getrandbits(8) for _ in range(size)])


def _number():
    return random.getrandbits(random.randrange(1, 29))


def _event():
    kind, body = random.choice(_BODIES)
    subject = random.choice((None, b"ana-ana-", _bytes(8)))
    uid = random.choice((b"boot", _bytes(4))) + _number().to_bytes(4, "big")
    stamp = (_STAMP[0] + _number(), random.randrange(3))
    return Event(kind, uid, stamp, random.randrange(3), _number(), subject, _number(), body)


def _record():
    """As a journal has them; now and then one that says nothing an event could."""
    if random.randrange(8) == 0:
        return (random.randrange(256), _bytes(random.choice((0, 1, 9, 17, 400))))
    return (chain.EVENT, encode_event(_event()))


def _message():
    records = [_record() for _ in range(random.randrange(MOST_RECORDS + 1))]
    return messages.encode(Events(random.choice((_STREAM, _bytes(8))), _number(), records))


def _read(data):
    """What a hub makes of it."""
    return messages.decode(topics.EVENTS, unpack(data))


def test_golden_packings_are_made_and_read():
    for case in load("packed")["cases"]:
        whole, packed = raw(case["events"]), raw(case["packed"])
        assert pack(whole) == packed
        assert unpack(packed) == whole


def test_what_a_reader_of_the_same_form_may_be_told_by_another_writer_is_read():
    for case in load("packed")["others"]:
        assert unpack(raw(case["packed"])) == raw(case["events"])


def test_the_sample_is_a_message():
    sample = messages.decode(topics.EVENTS, HEAD + SAMPLE)
    kinds = [events.decode_event(payload).kind for _, payload in sample.records]
    assert kinds == [events.VISIT, events.ADJUSTED]
    assert messages.encode(sample) == HEAD + SAMPLE


def test_every_kind_of_event_comes_back():
    for kind, body in _BODIES:
        for subject in (None, b"ana-ana-"):
            event = Event(kind, b"boot\0\0\0\1", _STAMP, 2, 5000, subject, 3, body)
            said = Events(_STREAM, 7, [(chain.EVENT, encode_event(event))])
            read = _read(pack(messages.encode(said)))
            assert read == said
            assert events.decode_event(read.records[0][1]) == event


def test_whatever_a_journal_holds_comes_back():
    for _ in _tries():
        whole = _message()
        packed = pack(whole)
        assert unpack(packed) == whole
        assert len(packed) <= 2 + len(whole) + len(whole) // 15


def test_what_is_cut_off_is_refused():
    for _ in range(len(_tries()) // 8):
        packed = pack(_message())
        for size in range(len(packed)):
            refused(_read, packed[:size])


def test_every_bit_counts():
    for _ in range(len(_tries()) // 8):
        packed = pack(_message())
        for at in range(len(packed)):
            changed = bytearray(packed)
            changed[at] ^= 1 << random.randrange(8)
            refused(_read, bytes(changed))


def test_tokens_that_make_no_sense_are_refused():
    for tokens in (
        b"\x10",  # a new byte that is not there
        b"\x01",  # a copy from nobody knows how far back
        b"\x01\xff",  # from before the sample
        b"\xf0" + bytes(14),
    ):
        assert "packed" in refused(unpack, check(tokens) + tokens)
    endless = b"\x0f" * 4000
    assert "more than" in refused(unpack, check(endless) + endless)
    long_winded = b"\x10\0" * (MAX_BYTES // 2)
    refused(unpack, check(long_winded) + long_winded)
    refused(unpack, b"")


def test_noise_is_read_or_refused_and_never_more_than_a_message():
    for _ in _tries():
        tokens = _bytes(random.randrange(60))
        try:
            assert len(unpack(check(tokens) + tokens)) <= MAX_BYTES
        except ValueError as error:
            assert "packed" in str(error)


def test_a_visit_with_an_adjustment_is_small():
    """Device to hub, topics and all: D7 wants 200 bytes in the median."""

    def said(first, *made):
        records = []
        for number, (kind, body, subject) in enumerate(made, first):
            uid = b"\x91\xe2\x17\x5c" + number.to_bytes(4, "big")
            stamp = (1_795_359_108_964 + 100_000 * first, number - first)
            event = Event(kind, uid, stamp, 2, 106_258 * first, subject, 30, body)
            records.append((chain.EVENT, encode_event(event)))
        data = pack(messages.encode(Events(b"\x08\x50\x4d\x30\x86\xea\xb5\x02", first, records)))
        return len(topics.up("lamp-1", topics.PACKED)) + len(data)

    ana = b"\x80\xda\x22\xd3\x7e\x9b\xe3\x8d"
    body = (2, 103, _VALUES, ((0, 103),), (0x83C3F1F6, 30, 2_060, 30, ((0, 2_060),)), 0xDCD90007, 2)
    total = said(105, (events.ADJUSTED, (0, 35, 60, 3), ana))
    total += said(106, (events.VISIT, body, ana), (events.TOTALS, ((0, 3_090),), None))
    assert total <= 200, total


def test_many_events_take_less_than_half_of_what_they_are():
    whole = packed = 0
    for first in range(1, 40, 2):
        records = []
        for number in (first, first + 1):
            uid = b"\x91\xe2\x17\x5c" + number.to_bytes(4, "big")
            for kind, body in (_BODIES[0], _BODIES[2]):
                event = Event(kind, uid, (_STAMP[0] + number, 0), 2, 9 * number, _STREAM, 3, body)
                records.append((chain.EVENT, encode_event(event)))
        data = messages.encode(Events(_STREAM, 4 * first, records))
        whole, packed = whole + len(data), packed + len(pack(data))
    assert 2 * packed < whole, (packed, whole)


def test_an_older_device_reads_what_a_newer_hub_says_of_packing():
    fields = (_STREAM, b"boot", 7, 8, 1_763_779_200_000)
    for minutes in (None, 720):
        for own in (None, bytes(16)):
            old = messages.encode(messages.Welcome(*fields + (minutes, own, None)))
            new = messages.encode(messages.Welcome(*fields + (minutes, own, 1)))
            assert cbor.loads(new)[:7] == cbor.loads(old)[:7]
            assert messages.decode(topics.WELCOME, old).packed is None
            assert messages.decode(topics.WELCOME, new).packed == 1
            assert messages.decode(topics.WELCOME, new).own == own
