from protocol import cbor, events, messages, topics
from protocol.registers import Entry
from protocol.window import Row
from tests.both.vectors import load, raw, refused

_STREAM = bytes(range(8))


def test_golden_messages_read_and_write_the_same():
    for case in load("messages")["messages"]:
        data = raw(case["hex"])
        message = messages.decode(case["kind"], data)
        assert messages.encode(message) == data, case["kind"]


def test_a_newer_peer_may_say_more():
    for case in load("messages")["messages"]:
        fields = cbor.loads(raw(case["hex"]))
        known = {topics.PERSON: 13, topics.HELLO: 11, topics.TOLD: 3, topics.WELCOME: 9}.get(
            case["kind"], 0
        )
        fields += [None] * (known - len(fields))  # the first version said nothing of these
        longer = cbor.dumps(fields + ["of the future", {"a": 1}])
        assert messages.decode(case["kind"], longer) == messages.decode(
            case["kind"], raw(case["hex"])
        )


def test_every_cut_and_every_field_of_a_wrong_type_is_refused_by_name():
    for case in load("messages")["messages"]:
        kind, data = case["kind"], raw(case["hex"])
        for length in range(len(data)):
            refused(messages.decode, kind, data[:length])
        fields = cbor.loads(data)
        for at in range(1, len(fields)):
            if fields[at] is None:
                continue
            broken = fields[:at] + [True] + fields[at + 1 :]
            assert kind + "." in refused(messages.decode, kind, cbor.dumps(broken))


def test_what_is_no_message_is_refused():
    refused(messages.decode, "gossip", b"\x80")
    refused(messages.decode, topics.ACK, b"\x80")
    refused(messages.decode, topics.ACK, cbor.dumps([2, _STREAM, 1, 1]))
    refused(messages.decode, topics.ACK, cbor.dumps([1, _STREAM, -1, 1]))
    refused(messages.decode, topics.ACK, bytes(messages.MAX_BYTES + 1))
    refused(messages.decode, topics.EVENTS, cbor.dumps([1, _STREAM, 1, [[1, b""]] * 9]))


def test_a_whole_person_fits_into_one_message():
    values = tuple([(index, 2700, 1) for index in range(6)])
    rows = [Row(bytes((n,)) * 8, (1763779200000 + n, 1), 1, values) for n in range(32)]
    entries = {n: Entry((1763779200000, 1, "hub"), None, 5, "Sam (support)") for n in range(6)}
    keys = messages.Keys(10, [(26913, bytes(16))] * 10, bytes(16), bytes(32), 690, (1, 500_000))
    person = messages.Person(8, 7, _STREAM, 1, keys, rows, entries, [], {}, [], {}, None)
    assert len(messages.encode(person)) <= 3000


def _event(kind=events.ADJUSTED, body=(0, 35, 60, 0), subject=_STREAM):
    return events.Event(kind, _STREAM, (1763779200000, 1), 2, 5000, subject, 3, body)


def test_events_come_back_as_they_went():
    bodies = (
        (events.ADJUSTED, (0, 35, 60, 0)),
        (events.VISIT, (1, 600, ((0, 35, 3, 60), (1, 2700, 0, 2700)), ((0, 2),))),
        (events.ANSWERED, (0, 120, events.LIMITED, 100)),
        (events.TOTALS, ((0, 12), (1, 3))),
        (events.STATED, (1, 3000)),
        (77, ("of", "the future")),
    )
    for kind, body in bodies:
        event = _event(kind, body)
        assert events.decode_event(events.encode_event(event)) == event
    stranger = _event(events.TOTALS, (), None)
    assert events.decode_event(events.encode_event(stranger)).subject is None


def test_a_malformed_event_is_refused():
    good = cbor.loads(events.encode_event(_event()))
    for at, bad in (
        (0, -1),
        (1, b"short"),
        (2, "now"),
        (6, b"x"),
        (7, None),
        (8, [0, 1]),
        (8, [0, 1, "x", 0]),
    ):
        refused(events.decode_event, cbor.dumps(good[:at] + [bad] + good[at + 1 :]))
    refused(events.decode_event, b"")
    refused(events.decode_event, bytes(600))
    for kind, body in (
        (events.VISIT, (1, 2)),
        (events.ANSWERED, (0, 1, 9, 1)),
        (events.STATED, (99, 1)),
    ):
        refused(events.decode_event, events.encode_event(_event(kind, body)))


def test_a_median_visit_is_small():
    adjusted = events.encode_event(_event())
    visit = (1, 1200, ((0, 35, 3, 60), (1, 2700, 3, 2700), (2, 16777215, 0, 16777215)), ((0, 900),))
    ended = events.encode_event(_event(events.VISIT, visit))
    records = [(1, adjusted), (1, ended)]
    assert len(messages.encode(messages.Events(_STREAM, 1000, records))) <= 170


def test_topics_name_a_device_a_way_and_a_kind():
    assert topics.parse(topics.up("lamp-1", "hello")) == ("lamp-1", "up", "hello")
    assert topics.parse(topics.down("lamp-1", "ack")) == ("lamp-1", "down", "ack")
    bad = ["", "rapport", "rapport/a/up", "rapport/A/up/hello", "rapport//up/hello", "x/a/up/hello"]
    bad += ["rapport/a/down/hello", "rapport/a/up/gossip", "rapport/+/up/hello"]
    for topic in bad + ["rapport/%s/up/hello" % ("a" * 33)]:
        refused(topics.parse, topic)
