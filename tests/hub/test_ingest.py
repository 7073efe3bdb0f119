import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.devices.device import SEEN, Device
from hub.draft import Draft
from hub.link import Message
from hub.store import StoreError
from hub.store.memory import MemoryStore
from protocol import chain, events, messages, topics
from protocol.events import ADJUSTED, NO_TIME, TOTALS, VISIT
from protocol.messages import Ack, Person, Told, Welcome
from tests.hub.living import LAMP, NOON_MS, Hub, Unit, subject_of


class Breaking(MemoryStore):
    broken = False

    def commit(self, puts):
        if self.broken:
            raise StoreError("the disk is full")
        super().commit(puts)


def at_home() -> tuple[Hub, Unit, str, bytes]:
    """Ana and the lamp that knows her."""
    hub = Hub(Breaking())
    lamp = hub.lamp()
    ana = hub.profiles.welcome("Ana")
    hub.profiles.link(ana, "lamp-1")
    lamp.hello()
    lamp.listen()
    return hub, lamp, ana, subject_of(hub, ana)


def everything(hub: Hub) -> dict:
    """All that the store holds, but for when devices were last seen."""
    vaults = {name: hub.store._vaults[name] for name in hub.store.vaults()}
    return {name: str(tables) for name, tables in vaults.items()}


def visits(hub: Hub, customer: str) -> int:
    return hub.profiles.about(customer)["use"][0]["visits"]


def test_a_hello_is_answered_by_how_far_the_journal_was_heard():
    hub, lamp, _, subject = at_home()
    lamp.use(subject, 40)
    lamp.send()
    hub.start()
    said = lamp.hello()
    welcome = messages.decode(topics.WELCOME, said[0].payload)
    assert isinstance(welcome, Welcome)
    assert (welcome.upto, welcome.boot, welcome.local_minutes) == (2, lamp.boot, 12 * 60)
    assert welcome.hub_ms == hub.now_ms


def test_an_event_counts_once_however_often_it_arrives():
    hub, lamp, ana, subject = at_home()
    lamp.use(subject, 40)
    for _ in range(3):
        hub.hear(lamp.batch(), lamp.batch(), lamp.batch(2))
    assert visits(hub, ana) == 1
    assert hub.profiles.about(ana)["use"][0]["counters"][0]["total"] == 60
    assert sum("by hand" in text for text in hub.texts(ana)) == 1


def test_an_event_counts_once_when_it_comes_again_in_a_new_stream():
    hub, lamp, ana, subject = at_home()
    lamp.use(subject, 40)
    lamp.send()
    records = lamp.records
    lamp.new_stream(b"2")
    lamp.records = records
    lamp.hello()
    assert lamp.send().upto == 2
    assert visits(hub, ana) == 1
    assert "A new journal" in hub.profiles.device("lamp-1")["notes"][0]["text"]


def test_the_ack_tells_the_digest_of_everything_heard():
    _, lamp, _, subject = at_home()
    lamp.use(subject, 40)
    value = chain.start(lamp.stream)
    for number, (kind, payload) in enumerate(lamp.records, 1):
        value = chain.link(value, number, kind, payload)
    assert lamp.send() == Ack(lamp.stream, 2, value)


def test_nothing_is_acknowledged_and_nothing_changes_when_the_store_fails():
    hub, lamp, ana, subject = at_home()
    lamp.use(subject, 40)
    before, said = everything(hub), len(hub.said)
    hub.store.broken = True
    with pytest.raises(StoreError):
        hub.hear(lamp.batch())
    assert everything(hub) == before
    assert len(hub.said) == said
    hub.store.broken = False
    assert lamp.send().upto == 2
    assert visits(hub, ana) == 1


def test_a_batch_is_one_commit():
    hub, lamp, ana, subject = at_home()
    lamp.use(subject, 40)
    commits = []
    keep = hub.store.commit
    hub.store.commit = lambda puts: (commits.append(len(puts)), keep(puts))[1]
    hub.hear(lamp.batch(1, 1), lamp.batch(2, 1))
    assert len(commits) == 1
    assert visits(hub, ana) == 1


def test_records_beyond_a_hole_are_not_taken_and_the_ack_says_where_it_is():
    hub, lamp, ana, subject = at_home()
    for code in (40, 45, 50):
        lamp.use(subject, code)
    hub.hear(lamp.batch(4))
    assert visits(hub, ana) == 0
    said = hub.hear(lamp.batch(1, 2), lamp.batch(4))
    assert messages.decode(topics.ACK, said[0].payload).upto == 2
    assert visits(hub, ana) == 1
    assert lamp.send().upto == 6
    assert visits(hub, ana) == 3


def test_a_device_with_another_past_sees_that_the_digests_differ():
    _, lamp, _, subject = at_home()
    lamp.use(subject, 40)
    ours = lamp.send()
    del lamp.records[-1]
    lamp.close(subject, ((0, 45, events.DEFAULT, 40),))
    theirs = chain.start(lamp.stream)
    for number, (kind, payload) in enumerate(lamp.records, 1):
        theirs = chain.link(theirs, number, kind, payload)
    assert lamp.send() == ours
    assert ours.chain != theirs


def test_a_new_stream_may_begin_without_another_hello():
    hub, lamp, ana, subject = at_home()
    lamp.use(subject, 40)
    lamp.send()
    lamp.stream = b"whatelse"
    assert lamp.send().upto == 2
    assert visits(hub, ana) == 1


def test_the_middle_of_an_unknown_stream_is_answered_so_that_the_device_begins_anew():
    hub, lamp, ana, subject = at_home()
    lamp.use(subject, 40)
    lamp.send()
    ours, lamp.stream = lamp.stream, b"whatelse"
    ack = lamp.send(2)
    assert (ack.stream, ack.upto) == (b"whatelse", 0)
    assert ack.chain != chain.start(b"whatelse")
    lamp.stream = ours
    lamp.use(subject, 45)
    assert lamp.send(3).upto == 4
    assert visits(hub, ana) == 2


def adjusted(**other: object) -> bytes:
    event = events.Event(ADJUSTED, b"x" * 8, (0, 0), 0, 0, b"s" * 8, 1, (0, 1, 2, 3))
    return events.encode_event(event._replace(**other))


@pytest.mark.parametrize(
    "poison",
    [
        b"",
        b"\xff" * 40,
        bytes(600),
        adjusted(visit=1 << 33),
        adjusted(body=(15, 1, 2, 3)),
        adjusted(stamp=(0, 1 << 17)),
        adjusted(body=(0, True, 2, 3)),
    ],
)
def test_a_poisoned_event_is_counted_and_does_not_block_those_behind_it(poison):
    hub, lamp, ana, subject = at_home()
    lamp.records.append((chain.EVENT, poison))
    lamp.use(subject, 40)
    assert lamp.send().upto == 3
    assert visits(hub, ana) == 1
    assert sum(hub.ingest.poison.values()) == 1


def test_a_gap_is_told_to_everyone_whom_it_may_concern_and_only_once():
    hub, lamp, ana, _ = at_home()
    gap = struct.pack(chain.GAP_FORMAT, 120, 187, chain.OVERFLOW)
    lamp.records += [(chain.GAP, gap), (chain.GAP, gap), (chain.GAP, b"short")]
    assert lamp.send().upto == 3
    told = "Events 120 to 187 were lost: the device's memory was full; totals are kept."
    assert hub.texts(ana).count(told) == 1
    assert [note["text"] for note in hub.profiles.device("lamp-1")["notes"]] == [told]


def test_events_of_someone_who_is_not_linked_are_acknowledged_and_dropped():
    hub, lamp, ana, subject = at_home()
    lamp.use(b"stranger", 40)
    lamp.use(subject, 40)
    hub.profiles.unlink(ana, "lamp-1")
    before = hub.texts(ana)
    assert lamp.send().upto == 4
    assert hub.texts(ana) == before
    assert hub.profiles.about(ana)["use"] == []


def test_a_stamp_from_the_future_is_taken_as_now_and_not_trusted():
    hub, lamp, ana, subject = at_home()
    lamp.event(VISIT, (2, 60, ((0, 40, 0, 60),), ()), subject, stamp=(NOON_MS * 2, 7))
    lamp.send()
    entry = hub.profiles.about(ana)["timeline"][0]
    assert entry["kind"] == "visit"
    assert entry["time_trust"] == NO_TIME
    assert entry["at_ms"] <= hub.now_ms
    document = hub.store.get(f"customer/{ana}", "use", "lamp")
    assert document["rows"][0][1][0] <= hub.now_ms


def test_a_device_without_a_clock_is_shown_at_the_time_it_was_heard():
    hub, lamp, ana, subject = at_home()
    lamp.event(VISIT, (4, 60, ((0, 40, 0, 60),), ()), subject, stamp=(5000, 0), trust=NO_TIME)
    lamp.send()
    assert hub.profiles.about(ana)["timeline"][0]["at_ms"] == hub.now_ms


def test_a_device_keeps_its_own_counters_at_the_hub():
    hub, lamp, _, _ = at_home()
    lamp.event(TOTALS, ((0, 500), (9, 3)))
    lamp.send()
    assert hub.profiles.device("lamp-1")["totals"] == {"time_on": 500}


def test_what_a_device_says_for_another_product_or_unregistered_is_refused_and_counted(caplog):
    hub, lamp, _, _ = at_home()
    assert lamp.hello(product="kettle") == []
    assert lamp.hello(product="toaster") == []
    assert Unit(hub, "lamp-9").hello() == []
    assert sum(hub.ingest.refused.values()) == 3
    assert len(caplog.records) == 2
    assert hub.store.get("device/lamp-9", "state", "sync") is None


def test_a_device_is_online_from_its_hello_to_its_last_will():
    hub, _, _, _ = at_home()
    assert hub.profiles.device("lamp-1")["online"] is True
    hub.hear(Message("lamp-1", topics.ONLINE, b"0"))
    assert hub.profiles.device("lamp-1")["online"] is False
    assert hub.profiles.device("lamp-1")["last_seen_ms"] == hub.now_ms


def test_the_end_of_a_visit_reaches_the_other_devices_of_the_product():
    hub, lamp, ana, subject = at_home()
    other = hub.lamp("lamp-2")
    hub.profiles.link(ana, "lamp-2")
    other.hello()
    other.listen()
    lamp.adjust(subject, 0, 40, 60)
    lamp.send()
    assert other.listen() == []
    lamp.close(subject, ((0, 40, events.DEFAULT, 60),))
    lamp.send(2)
    (person,) = other.listen()
    assert person.keys is None
    assert [row.values for row in person.rows] == [((0, 40, 1),)]
    assert other.known[person.subject].rows == lamp.known[subject].rows


def test_hub_and_every_device_decide_the_same_from_the_same_use():
    hub, lamp, ana, subject = at_home()
    other = hub.lamp("lamp-2")
    hub.profiles.link(ana, "lamp-2")
    other.hello()
    other.listen()
    for code in (35, 35, 40, 35):
        lamp.use(subject, code)
        lamp.send(len(lamp.records) - 1)
        other.listen()
    shown = hub.setting(ana)
    for unit, whose in ((lamp, subject), (other, subject_of(hub, ana, "lamp-2"))):
        decision = unit.known[whose].decide(LAMP.settings, 2)[0]
        assert (shown["value"], shown["times"], shown["of"]) == (
            decision.code,
            decision.times,
            decision.of,
        )
        assert decision.code == 35
    assert shown["source"] == "learned"
    assert shown["author"] == "use of lamp-1"


def test_a_device_that_lost_its_memory_is_told_everything_again():
    _, lamp, _, subject = at_home()
    lamp.use(subject, 40)
    lamp.use(subject, 40)
    lamp.send()
    lamp.revision = 0
    lamp.known.clear()
    lamp.hello()
    (person,) = lamp.listen()
    assert person.keys is not None
    assert len(person.rows) == 2
    assert lamp.known[subject].decide(LAMP.settings, 2)[0].code == 40
    lamp.hello()
    assert lamp.listen() == []


def test_a_device_that_fell_back_is_told_again_whom_to_forget():
    hub, lamp, ana, subject = at_home()
    before = lamp.revision
    hub.profiles.forget(ana)
    (forget,) = lamp.listen()
    assert forget.subject == subject
    lamp.revision, lamp.known = before, {subject: None}
    lamp.hello()
    lamp.listen()
    assert lamp.known == {}


def test_a_device_whose_journal_was_longer_is_known_to_have_fallen_back():
    hub, lamp, _, subject = at_home()
    lamp.use(subject, 35)
    lamp.hello()  # and nothing of it is heard
    lamp.records, lamp.boot = [], b"next"
    lamp.hello()
    assert notes(hub) == [
        "Its memory is older than it was: what followed event 0 is told again, or lost."
    ]


def test_a_device_that_fell_back_and_caught_up_is_known_by_its_digest():
    hub, lamp, _, subject = at_home()
    lamp.use(subject, 35)
    lamp.hello()
    lamp.records, lamp.boot = [], b"next"
    lamp.use(subject, 40)
    lamp.use(subject, 45)
    lamp.hello()
    assert notes(hub) == []
    lamp.send()
    assert notes(hub) == [
        "Its memory is older than it was: what followed event 2 is told again, or lost."
    ]


def test_a_hello_that_comes_late_is_no_sign_of_an_older_memory():
    hub, lamp, _, subject = at_home()
    lamp.use(subject, 35)
    lamp.hello()
    lamp.hello(next=1)
    assert notes(hub) == []


def notes(hub: Hub) -> list[str]:
    return [note["text"] for note in hub.profiles.device("lamp-1")["notes"]]


def test_a_hub_that_fell_back_behind_its_device_tells_everything_again():
    _, lamp, _, _ = at_home()
    lamp.revision = 800
    lamp.hello()
    (person,) = lamp.listen()
    assert (person.since, person.revision) == (800, 808)
    assert lamp.revision == 808


def test_what_a_device_confirms_is_not_told_again():
    hub, lamp, ana, _ = at_home()
    assert hub.profiles.device("lamp-1")["waiting"] == 0
    hub.profiles.wish(ana, "lamp", "brightness", 30, by="Sam")
    assert hub.profiles.device("lamp-1")["waiting"] == 1
    lamp.say(topics.TOLD, Told(4_000_000, None))
    assert hub.profiles.device("lamp-1")["waiting"] == 1
    lamp.listen()
    assert hub.profiles.device("lamp-1")["waiting"] == 0


def test_news_of_a_person_replaces_what_was_not_told_yet():
    hub, lamp, ana, _ = at_home()
    hub.hear(Message("lamp-1", topics.ONLINE, b"0"))
    for value in (10, 20, 30):
        hub.profiles.wish(ana, "lamp", "brightness", value, by="Sam")
    lamp.hello()
    (person,) = lamp.listen()
    assert isinstance(person, Person)
    assert person.entries[0].value == 30


def test_presence_keys_are_renewed_at_the_first_hello_of_a_period():
    hub, lamp, _, subject = at_home()
    first = lamp.keys[subject].presence
    lamp.hello()
    assert lamp.listen() == []
    hub.now_ms += 86_400_000
    lamp.hello()
    (person,) = lamp.listen()
    assert person.rows == []
    assert lamp.keys[subject].presence[-1][0] == first[-1][0] + 1


def test_the_window_of_uids_is_bounded_and_holds_65536():
    hub, *_ = at_home()
    draft = Draft(hub.store)
    device = Device(draft, "lamp-1")
    for number in range(SEEN + 10_000):
        assert device.first_time(b"boot" + number.to_bytes(4, "big"))
    for number in (10_000, SEEN, SEEN + 9_999):
        assert not device.first_time(b"boot" + number.to_bytes(4, "big"))
    assert len(draft.all("device/lamp-1", "uids")) <= (SEEN + 4096) // 256 + 2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from((*topics.UP_KINDS, "rubbish", topics.PERSON)), st.binary(max_size=60)
        ),
        max_size=4,
    )
)
def test_rubbish_is_counted_and_does_no_harm(said):
    hub, lamp, _, subject = at_home()
    hub.hear(*[Message("lamp-1", kind, payload) for kind, payload in said])
    lamp.use(subject, 40)
    assert lamp.send().upto == 2


numbers = st.integers(-(1 << 64) + 1, (1 << 64) - 1) | st.integers(0, 20)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 6),
    st.integers(0, (1 << 62)) | st.integers(0, 20),
    st.integers(0, 5),
    st.recursive(numbers, lambda inner: st.lists(inner, max_size=5).map(tuple), max_leaves=12),
)
def test_whatever_an_event_holds_the_hub_takes_it_and_still_tells_the_device(
    kind, big, trust, body
):
    hub, lamp, ana, subject = at_home()
    event = events.Event(kind, b"boot0001", (big, big & 0x1FFFF), trust, big, subject, big, body)
    lamp.records.append((chain.EVENT, events.encode_event(event)))
    lamp.use(subject, 40)
    assert lamp.send().upto == 3
    assert visits(hub, ana) in (1, 2)
    hub.profiles.about(ana)
    lamp.revision = 0
    lamp.hello()
    assert lamp.listen()
