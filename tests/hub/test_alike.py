from hub.devices.device import Device
from hub.draft import Draft
from protocol import chain, topics
from protocol.alike import digest
from protocol.fold import Known
from protocol.messages import Forget, Person, Told
from tests.hub.living import Hub, Unit, subject_of


def at_home() -> tuple[Hub, Unit, bytes]:
    """A lamp that Ana has used, and that the hub knows to know her."""
    hub = Hub()
    lamp = hub.lamp()
    ana = hub.profiles.welcome("Ana")
    hub.profiles.link(ana, "lamp-1")
    lamp.hello()
    lamp.listen()
    subject = subject_of(hub, ana)
    lamp.use(subject, 35)
    lamp.send()
    return hub, lamp, subject


def compare(hub: Hub, lamp: Unit, subject: bytes, known: Known, **other: int) -> list:
    """What the hub says to a lamp that knows this."""
    upto = other.get("chain", Device(Draft(hub.store), "lamp-1").state["chain"])
    revision = other.get("revision", lamp.revision)
    lamp.say(topics.TOLD, Told(revision, (subject, upto, digest(known))))
    return lamp.listen()


def test_a_device_that_knows_the_same_is_told_nothing():
    hub, lamp, subject = at_home()
    assert compare(hub, lamp, subject, lamp.known[subject]) == []


def test_a_device_that_knows_something_else_is_told_all_there_is_once():
    hub, lamp, subject = at_home()
    other, state = Known(), Device(Draft(hub.store), "lamp-1").state
    other.registers.generation = 1
    (told,) = compare(hub, lamp, subject, other)
    assert isinstance(told, Person)
    assert told.whole == state["chain"]
    assert told.rows == lamp.known[subject].rows and 0 in told.entries
    assert compare(hub, lamp, subject, other) == []  # it cannot do otherwise
    assert compare(hub, lamp, subject, lamp.known[subject]) == []
    assert compare(hub, lamp, subject, other) != []  # but it could


def test_what_is_compared_was_said_of_the_same_events_and_after_all_that_was_due():
    hub, lamp, subject = at_home()
    assert compare(hub, lamp, subject, Known(), chain=chain.start(bytes(8))) == []
    assert compare(hub, lamp, subject, Known(), revision=lamp.revision - 1) == []
    hub.profiles.wish(hub.profiles.search("Ana")[0]["id"], "lamp", "brightness", 20, by="Sam")
    told = compare(hub, lamp, subject, Known())
    assert [message.whole for message in told] == [None]  # only the wish


def test_whoever_is_nobody_is_to_be_forgotten():
    hub, lamp, _ = at_home()
    (told,) = compare(hub, lamp, b"stranger", Known())
    assert isinstance(told, Forget) and told.subject == b"stranger"


def test_what_the_hub_has_lost_lives_on_at_the_device():
    hub, lamp, subject = at_home()
    lamp.revision += 800  # the hub's store is older than it was
    lamp.hello()
    lamp.listen()
    (told,) = compare(hub, lamp, subject, Known())
    assert told.whole is None and told.rows
