"""What a device says of itself, what is refused and why, and what it is told then."""

import logging
from collections import Counter

import pytest

from hub.draft import Draft
from hub.ingest import Ingest
from hub.learning import norms
from hub.link import Message
from protocol import chain, messages, topics
from protocol.messages import Ack, Events
from tests.hub.living import Hub, Unit, subject_of
from tests.hub.test_ingest import at_home, notes


def state(hub: Hub, device: str = "lamp-1") -> dict:
    found = hub.store.get(f"device/{device}", "state", "sync")
    assert found is not None
    return found


REFUSED = {
    "speaks, and is not registered": lambda hub, lamp: Unit(hub, "lamp-9").hello(),
    "is a toaster, of which no product.json is here": lambda hub, lamp: toaster(hub),
    "is no lamp, it says, but": lambda hub, lamp: lamp.hello(product="kettle"),
    "said an unreadable hello": lambda hub, lamp: say(hub, topics.HELLO, b"\xff"),
    "said ack, which only the hub says": lambda hub, lamp: say(
        hub, topics.ACK, messages.encode(Ack(lamp.stream, 0, 0))
    ),
}


def say(hub: Hub, kind: str, payload: bytes) -> list[Message]:
    return hub.hear(Message("lamp-1", kind, payload))


def toaster(hub: Hub) -> list[Message]:
    row = {"product": "toaster", "title": "Toaster", "registered_ms": 0}
    draft = Draft(hub.store)
    draft.put("device/lamp-9", "registered", "about", row)
    draft.commit()
    return Unit(hub, "lamp-9").hello()


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_refused_is_counted_by_device_and_reason_and_logged_once(reason, caplog):
    hub, lamp, *_ = at_home()
    device = "lamp-9" if "not reg" in reason or "toaster" in reason else "lamp-1"
    for _ in range(2):
        assert REFUSED[reason](hub, lamp) == []
    assert hub.ingest.refused == Counter({(device, reason): 2})
    (line,) = caplog.messages
    assert line.startswith(f"{device} {reason} ")
    detail = line.removeprefix(f"{device} {reason} ")
    assert {"is no l": detail == "kettle", "said an": len(detail) > 10}.get(reason[:7], True)
    assert ("which" in reason or "speaks" in reason) <= (detail == "")


def test_rubbish_in_a_journal_is_counted_with_its_device_and_what_was_wrong(caplog):
    hub, lamp, *_ = at_home()
    lamp.records.append((chain.EVENT, b"\xff"))
    lamp.send()
    assert hub.ingest.poison == Counter({("lamp-1", "recorded rubbish"): 1})
    (line,) = caplog.messages
    assert line.startswith("lamp-1 recorded rubbish ") and not line.endswith(("None", "rubbish "))


def test_a_thousand_reasons_are_named_and_whatever_comes_then_only_counted(caplog):
    hub = Hub()
    caplog.set_level(logging.WARNING)
    for number in range(1_005):
        hub.ingest.count(hub.ingest.refused, f"lamp-{number}", "speaks")
    assert len(hub.ingest.refused) == 1_001
    assert hub.ingest.refused["", "others"] == 5
    assert len(caplog.records) == 1_000 and caplog.messages[0] == "lamp-0 speaks "


def test_who_follows_the_hub_hears_of_each_device_that_spoke():
    hub, lamp, ana, subject = at_home()
    heard = []
    hub.ingest = Ingest(hub.store, hub.profiles, lambda: hub.now_ms, lambda *one: heard.append(one))
    lamp.use(subject, 40)
    lamp.send()
    assert heard == [("device", "lamp-1"), ("customer", ana)]


def test_a_hello_is_what_is_known_of_the_device_then():
    hub, lamp, *_ = at_home()
    lamp.hello(dropped=3, version=7, held=(1, chain.start(lamp.stream), 5))
    found = state(hub)
    assert (found["product"], found["version"], found["dropped"]) == ("lamp", 7, 3)
    assert (found["overflows"], found["online"], found["differing"]) == (5, True, {})
    assert found["told_ms"] == hub.now_ms and "lost" not in found
    later, hub.now_ms = hub.now_ms, hub.now_ms - 60_000
    lamp.hello()
    assert state(hub)["told_ms"] == later, "the latest time that it ever was told"


def test_a_device_is_on_line_as_it_says():
    hub, *_ = at_home()
    for payload, online in ((b"0", False), (b"1", True), (b"", False)):
        say(hub, topics.ONLINE, payload)
        assert state(hub)["online"] is online


def test_what_a_device_gave_up_before_it_was_heard_is_known_to_be_lost():
    hub, lamp, *_ = at_home()
    lamp.hello(held=(1, 77, 0))
    assert (state(hub)["upto"], "lost" in state(hub)) == (0, False), "nothing is missing"
    lamp.hello(held=(9, 77, 2))
    found = state(hub)
    assert (found["upto"], found["chain"], found["lost"], found["overflows"]) == (8, 77, True, 2)
    lamp.hello(held=(8, 99, 2))
    assert (state(hub)["upto"], state(hub)["chain"]) == (8, 77), "it was heard further than that"
    lamp.hello(held=(10, 55, 2))
    assert (state(hub)["upto"], state(hub)["chain"]) == (9, 55)


def test_a_device_that_knows_more_than_it_was_told_here_shows_that_the_hub_lost_something():
    hub, lamp, *_ = at_home()
    lamp.hello()
    assert "lost" not in state(hub)
    lamp.hello(revision=state(hub)["revision"] + 1)
    assert state(hub)["lost"] is True


def test_the_digests_of_a_journal_that_were_not_heard_yet_are_remembered_eight_of_them():
    hub, lamp, *_ = at_home()
    for number in range(2, 13):
        lamp.hello(next=number, chain=number)
    assert state(hub)["tips"] == [[number, number] for number in range(5, 13)]
    lamp.hello(held=(6, 0, 0), next=13, chain=13)
    lamp.hello(next=14, chain=14)
    assert [at for at, _ in state(hub)["tips"]] == [7, 8, 9, 10, 11, 12, 13, 14]


def test_a_device_that_starts_where_it_said_it_was_has_lost_nothing():
    hub, lamp, _, subject = at_home()
    lamp.use(subject, 40)
    lamp.send()
    lamp.boot = b"next"
    lamp.hello()
    assert notes(hub) == [] and state(hub)["next"] == 3
    lamp.boot = b"then"
    lamp.hello(next=2)
    assert len(notes(hub)) == 1 and state(hub)["next"] == 2
    assert hub.profiles.device("lamp-1")["notes"][0]["at_ms"] == hub.now_ms


def test_a_new_stream_begins_with_nothing_heard():
    hub, lamp, _, subject = at_home()
    lamp.use(subject, 40)
    lamp.send()
    lamp.use(subject, 45)
    lamp.hello()
    lamp.new_stream(b"2")
    say(hub, topics.EVENTS, messages.encode(Events(lamp.stream, 1, [])))
    found = state(hub)
    assert (found["stream"], found["upto"], found["next"]) == (lamp.stream.hex(), 0, 1)
    assert (found["tips"], found["chain"]) == ([], chain.start(lamp.stream))
    (note,) = hub.profiles.device("lamp-1")["notes"]
    assert note["at_ms"] == hub.now_ms and "after event 2" in note["text"]


def test_a_device_is_told_what_its_product_begins_with_once_there_is_something():
    hub, lamp, *_ = at_home()
    assert topics.DEFAULTS not in [said.kind for said in lamp.hello()]
    draft = Draft(hub.store)
    norms.keep(draft, "lamp", {0: (2, None)})
    draft.commit()
    (said,) = [said for said in lamp.hello() if said.kind == topics.DEFAULTS]
    assert said.device == "lamp-1"
    told = messages.decode(said.kind, said.payload)
    assert (told.version, told.norms[0][0]) == (1, 2)


def test_a_device_that_was_reset_is_nobodys():
    hub, lamp, ana, _ = at_home()
    heard = []
    hub.ingest = Ingest(hub.store, hub.profiles, lambda: hub.now_ms, lambda *one: heard.append(one))
    lamp.hello(life=1)
    assert ("customer", ana) in heard
    assert hub.profiles.about(ana)["devices"] == []
    assert "lamp-1 was reset, and forgets you." in hub.texts(ana)


def test_what_is_confirmed_of_several_people_is_confirmed_for_each():
    hub, lamp, ana, _ = at_home()
    ben = hub.profiles.welcome("Ben")
    hub.profiles.link(ben, "lamp-1")
    lamp.listen()
    hub.profiles.unlink(ana, "lamp-1")
    hub.profiles.wish(ben, "lamp", "brightness", 30, by="Sam")
    heard = []
    hub.ingest = Ingest(hub.store, hub.profiles, lambda: hub.now_ms, lambda *one: heard.append(one))
    assert {subject_of(hub, ben)} < {message.subject for message in lamp.listen()}
    assert hub.setting(ben)["wish"]["state"] == "delivered"
    assert ("customer", ben) in heard
