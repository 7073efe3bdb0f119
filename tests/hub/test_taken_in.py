"""Whom the hub tells what: of a device off line, late, begun anew, or with an older memory."""

from hub.link import Message
from protocol import messages, packed, topics
from protocol.bulletin import KEY_BYTES
from protocol.messages import Welcome
from protocol.update import Fetch
from tests.hub.living import LAMP, Hub, Unit, subject_of
from tests.hub.test_identities import Two
from tests.hub.test_ingest import at_home, notes


def second(hub: Hub, customer: str) -> Unit:
    """Another lamp of theirs, that was told all there is."""
    other = hub.lamp("lamp-2")
    hub.profiles.link(customer, "lamp-2")
    other.hello()
    other.listen()
    return other


def tips(hub: Hub) -> list[int]:
    """The numbers of which a digest is remembered."""
    document = hub.store.get("device/lamp-1", "state", "sync")
    return [number for number, _ in document["tips"]]


def test_a_device_that_is_off_line_is_told_when_it_is_back():
    hub, lamp, ana, subject = at_home()
    other = second(hub, ana)
    hub.hear(Message("lamp-2", topics.ONLINE, b"0"))
    lamp.use(subject, 40)
    assert {said.device for said in hub.hear(lamp.batch())} == {"lamp-1"}
    other.hello()
    (person,) = other.listen()
    assert len(person.rows) == 1


def test_what_a_boot_left_open_is_told_to_the_others_when_the_device_begins_anew():
    hub, lamp, ana, subject = at_home()
    other = second(hub, ana)
    lamp.adjust(subject, 0, 40, 60)
    lamp.send()
    assert other.listen() == []
    lamp.boot = b"next"
    lamp.hello()
    (person,) = other.listen()
    assert person.entries or person.rows
    assert other.known[subject_of(hub, ana, "lamp-2")].decide(LAMP.settings, 2)[0].code == 40


def test_each_device_has_a_key_of_its_own_and_hears_it_with_every_welcome():
    hub, lamp, ana, _ = at_home()
    other = second(hub, ana)
    first, again, others = (welcome(unit).own for unit in (lamp, lamp, other))
    assert len(first) == KEY_BYTES and first == again != others


def test_a_welcome_says_what_the_hub_can_read():
    _, lamp, *_ = at_home()
    assert welcome(lamp).packed == packed.FORM


def welcome(unit: Unit) -> Welcome:
    (said,) = [said for said in unit.hello() if said.kind == topics.WELCOME]
    found = messages.decode(topics.WELCOME, said.payload)
    assert isinstance(found, Welcome)
    return found


def test_what_a_device_fetches_is_answered_to_it():
    _, lamp, *_ = at_home()
    (said,) = lamp.say(topics.FETCH, Fetch(2, 0, 64))
    assert (said.device, said.kind) == ("lamp-1", topics.CHUNK)
    assert messages.decode(topics.CHUNK, said.payload).data == b""


def test_a_boot_with_less_than_was_heard_shows_an_older_memory_whatever_its_last_hello_said():
    hub, lamp, _, subject = at_home()
    for code in (35, 40, 45):
        lamp.use(subject, code)
    lamp.send()  # six of them, and its hello had said none
    lamp.boot = b"next"
    lamp.hello(next=6)
    assert notes(hub) == [
        "Its memory is older than it was: what followed event 5 is told again, or lost."
    ]


def test_an_older_memory_is_noted_once_though_it_fills_up_again_with_something_else():
    hub, lamp, _, subject = at_home()
    lamp.use(subject, 35)
    lamp.hello()  # of two, and none is heard
    lamp.records, lamp.boot = [], b"next"
    lamp.hello()
    lamp.use(subject, 50)
    lamp.send()
    assert len(notes(hub)) == 1


def test_a_digest_that_may_still_be_of_use_outlasts_hellos_that_come_late():
    hub, lamp, _, subject = at_home()
    for code in (35, 40, 45):
        lamp.use(subject, code)
    lamp.hello()
    assert tips(hub)[-1] == 7
    hub.hear(lamp.batch(1, 3))
    for number in (1, 2, 3, 4) * 3:
        lamp.hello(next=number, chain=number)
    assert tips(hub) == [7, 4]
    del lamp.records[5:]
    lamp.close(subject, ((0, 55, 0, 60),))
    lamp.send(4)
    assert len(notes(hub)) == 1, "what it had said of event 6 was of another one"


def test_a_device_that_has_just_said_less_than_was_heard_has_said_all_of_it():
    hub, lamp, _, subject = at_home()
    lamp.use(subject, 40)
    lamp.send()
    lamp.hello()
    assert hub.store.get("device/lamp-1", "state", "sync")["next"] == 3


def test_what_a_lamp_recorded_and_lost_to_a_new_generation_is_told_to_it_again():
    two = Two()
    two.link()
    two.identities.part(two.people[1])
    two.hub.now_ms += 60_000
    two.use(0, 0, 35)  # it has not heard of the parting,
    two.lamps[0].listen()  # and hears of it before it can say so
    assert two.at_lamp(0, 0).rows == []
    two.exchange()
    assert two.own(0).visits == 1
    assert two.at_lamp(0, 0).rows == two.own(0).known.rows != []
