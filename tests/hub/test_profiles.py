import pytest

from hub.devices.device import MOST_PEOPLE
from hub.errors import (
    AlreadyLinkedError,
    ChangedSinceError,
    ConflictError,
    DeviceFullError,
    InvalidError,
    UnknownCustomerError,
    UnknownDeviceError,
    UnknownProductError,
)
from hub.link import Message
from hub.people.customer import MOST_EVENTS
from hub.store import StoreError
from protocol import events, messages, topics
from protocol.events import STATED
from protocol.messages import MAX_BYTES, Forget, Person
from protocol.product import read_product
from tests.hub.living import LAMP, Hub, Unit, subject_of


def at_home() -> tuple[Hub, Unit, str, bytes]:
    """Ana and the lamp that knows her."""
    hub = Hub()
    lamp = hub.lamp()
    ana = hub.profiles.welcome("Ana", "ana@example.org")
    hub.profiles.link(ana, "lamp-1")
    lamp.hello()
    lamp.listen()
    return hub, lamp, ana, subject_of(hub, ana)


def test_a_new_customer_is_known_by_name_and_has_nothing_yet():
    hub = Hub()
    ana = hub.profiles.welcome("  Ana ")
    about = hub.profiles.about(ana)
    assert (about["id"], about["name"], about["email"]) == (ana, "Ana", None)
    assert (about["devices"], about["settings"], about["use"]) == ([], [], [])
    assert hub.changed == [("customer", ana)]


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\nb", "\0"])
def test_a_name_has_1_to_80_letters(name):
    with pytest.raises(InvalidError, match="name"):
        Hub().profiles.welcome(name)


@pytest.mark.parametrize("email", ["ana", "@", "a@", "@b", "a@b\n.c", "a" * 251 + "@b.c"])
def test_an_email_is_an_address(email):
    with pytest.raises(InvalidError, match="email"):
        Hub().profiles.welcome("Ana", email)


@pytest.mark.parametrize("customer", ["c-000000000000", "", "../hub", "C-000000000000", "c-1"])
def test_nobody_is_found_under_another_id(customer):
    with pytest.raises(UnknownCustomerError):
        Hub().profiles.about(customer)


def test_people_are_found_by_part_of_name_email_or_device():
    hub, _, ana, _ = at_home()
    ben = hub.profiles.welcome("Ben")
    assert [row["id"] for row in hub.profiles.search()] == [ana, ben]
    for text in ("AN", "example.org", "lamp-1", ana):
        assert [row["id"] for row in hub.profiles.search(text)] == [ana]
    assert hub.profiles.search("nobody") == []


def test_a_link_sends_the_device_the_keys_and_everything_known():
    hub, lamp, ana, subject = at_home()
    lamp.use(subject, 40)
    lamp.send()
    hub.profiles.wish(ana, "lamp", "mood", "bright", by="Sam")
    hub.profiles.rule(ana, "lamp", "night_light", "paused")
    other = hub.lamp("lamp-2")
    other.hello()
    hub.profiles.link(ana, "lamp-2")
    (person,) = other.listen()
    assert person.subject != subject
    assert person.keys.hint != lamp.keys[subject].hint
    assert person.keys.presence == lamp.keys[subject].presence
    assert len(person.rows) == 1
    assert person.entries[1].value == 1
    assert person.frozen == [2]


def test_a_device_is_linked_once_has_room_for_16_and_must_be_registered():
    hub, _, ana, _ = at_home()
    with pytest.raises(AlreadyLinkedError):
        hub.profiles.link(ana, "lamp-1")
    with pytest.raises(UnknownDeviceError):
        hub.profiles.link(ana, "lamp-7")
    for number in range(MOST_PEOPLE - 1):
        hub.profiles.link(hub.profiles.welcome(f"Guest {number}"), "lamp-1")
    with pytest.raises(DeviceFullError):
        hub.profiles.link(hub.profiles.welcome("One more"), "lamp-1")


def test_a_device_of_one_product_does_not_become_another():
    hub, _, _, _ = at_home()
    hub.profiles.register("lamp-1", "lamp", "Kitchen")
    assert hub.profiles.list_devices()[0]["title"] == "Kitchen"
    with pytest.raises(ConflictError):
        hub.profiles.register("lamp-1", "kettle")
    with pytest.raises(UnknownProductError, match="kettle, lamp"):
        hub.profiles.register("lamp-3", "toaster")
    with pytest.raises(InvalidError):
        hub.profiles.register("../lamp", "lamp")


def test_an_unlinked_device_forgets_and_a_new_link_is_a_new_relation():
    hub, lamp, ana, subject = at_home()
    hub.profiles.unlink(ana, "lamp-1")
    assert lamp.listen() == [Forget(*lamp_revision(lamp), subject, 1)]
    assert lamp.known == {}
    with pytest.raises(UnknownDeviceError):
        hub.profiles.unlink(ana, "lamp-1")
    hub.profiles.link(ana, "lamp-1")
    assert subject_of(hub, ana) != subject


def lamp_revision(lamp: Unit) -> tuple[int, int]:
    return lamp.revision, lamp.revision - 8


def test_the_forgotten_are_gone_everywhere_and_stay_gone():
    hub, lamp, ana, subject = at_home()
    lamp.use(subject, 40)
    lamp.send()
    secrets = hub.profiles.credential(ana)
    hub.profiles.forget(ana)
    lamp.listen()
    assert lamp.known == {}
    with pytest.raises(UnknownCustomerError):
        hub.profiles.about(ana)
    assert hub.profiles.search() == []
    lamp.use(subject, 45)
    lamp.send()
    lamp.hello()
    left = repr(hub.store._vaults)
    assert secrets["master"] not in left
    assert "Ana" not in left
    assert hub.store.vaults("customer/") == []


def test_forgetting_that_a_power_cut_interrupted_is_finished_at_the_next_start():
    hub, _, ana, _ = at_home()
    drop = hub.store.drop

    def cut(vault):
        raise StoreError("the power is gone")

    hub.store.drop = cut
    hub.profiles.forget(ana)
    assert hub.store.vaults("customer/") == [f"customer/{ana}"]
    with pytest.raises(UnknownCustomerError):
        hub.profiles.about(ana)
    hub.store.drop = drop
    hub.profiles.finish()
    assert hub.store.vaults("customer/") == []


def test_a_wish_is_queued_then_delivered_then_applied():
    hub, lamp, ana, _ = at_home()
    hub.profiles.wish(ana, "lamp", "brightness", 30, by="Sam (support)", reason="called")
    shown = hub.setting(ana)
    assert (shown["value"], shown["source"], shown["author"]) == (30, "said", "Sam (support)")
    assert shown["why"] == "brightness 30 %, because you asked for it."
    assert (shown["wish"]["state"], shown["wish"]["reason"]) == ("queued", "called")
    lamp.listen()
    assert hub.setting(ana)["wish"]["state"] == "delivered"
    lamp.send()
    assert hub.setting(ana)["wish"]["state"] == "applied"
    assert "lamp-1 takes the wish: brightness 30 %." in hub.texts(ana)


def test_a_wish_waits_for_a_device_that_is_away():
    hub, lamp, ana, subject = at_home()
    hub.hear(Message("lamp-1", topics.ONLINE, b"0"))
    said = len(hub.said)
    hub.profiles.wish(ana, "lamp", "brightness", 30, by="Sam")
    assert len(hub.said) == said
    assert hub.profiles.about(ana)["devices"][0]["waiting"] == 1
    hub.now_ms += 7 * 86_400_000
    lamp.hello()
    lamp.listen()
    assert lamp.known[subject].registers.value(0) == 30
    assert lamp.keys[subject].presence[0][0] == hub.now_ms // 1000 // 65536 - 1


def test_a_hand_that_had_not_seen_the_wish_wins_and_the_wish_is_shown_as_conflict():
    hub, lamp, ana, subject = at_home()
    lamp.adjust(subject, 0, 80, 60)
    hub.profiles.wish(ana, "lamp", "brightness", 30, by="Sam")
    lamp.listen()
    lamp.close(subject, ((0, 80, events.HAND, 60),))
    lamp.send()
    shown = hub.setting(ana)
    assert shown["wish"]["state"] == "refused"
    assert (shown["conflict"]["value"], shown["conflict"]["author"]) == (30, "Sam")
    assert shown["source"] == "learned"
    assert shown["value"] == 80 == lamp.known[subject].decide(LAMP.settings, 2)[0].code


def test_a_hand_that_had_seen_the_wish_lets_go_of_it_without_conflict():
    hub, lamp, ana, subject = at_home()
    hub.profiles.wish(ana, "lamp", "brightness", 30, by="Sam")
    lamp.listen()
    lamp.adjust(subject, 0, 80, 30)
    lamp.send()
    shown = hub.setting(ana)
    assert (shown["value"], shown["source"], shown["conflict"]) == (80, "learned", None)
    assert shown["wish"]["state"] == "applied"


def test_a_wish_after_the_hand_is_taken():
    hub, lamp, ana, subject = at_home()
    lamp.adjust(subject, 0, 80, 60)
    lamp.send()
    hub.now_ms -= 3_600_000
    hub.profiles.wish(ana, "lamp", "brightness", 30, by="Sam")
    lamp.listen()
    lamp.send(2)
    assert lamp.known[subject].registers.value(0) == 30
    assert hub.setting(ana)["wish"]["state"] == "applied"


def test_what_a_person_states_at_a_device_holds_at_the_hub():
    hub, lamp, ana, subject = at_home()
    lamp.event(STATED, (0, 45), subject)
    lamp.send()
    shown = hub.setting(ana)
    assert (shown["value"], shown["source"], shown["author"]) == (45, "said", "hand on lamp-1")


def test_a_newer_wish_replaces_one_that_was_not_delivered():
    hub, lamp, ana, _ = at_home()
    hub.hear(Message("lamp-1", topics.ONLINE, b"0"))
    hub.profiles.wish(ana, "lamp", "brightness", 30, by="Sam")
    hub.profiles.wish(ana, "lamp", "brightness", 35, by="Sam")
    lamp.hello()
    lamp.listen()
    lamp.send()
    states = [
        document["devices"] for document in hub.store.all(f"customer/{ana}", "wishes").values()
    ]
    assert states == [{"lamp-1": "replaced"}, {"lamp-1": "applied"}]


def test_a_wish_let_go_leaves_the_value_to_the_learner():
    hub, lamp, ana, subject = at_home()
    hub.profiles.wish(ana, "lamp", "brightness", 30, by="Sam")
    hub.profiles.wish(ana, "lamp", "brightness", None, by="Sam")
    lamp.listen()
    assert hub.setting(ana)["source"] == "default"
    assert lamp.known[subject].registers.value(0) is None


def test_a_wish_based_on_what_no_longer_stands_is_refused():
    hub, lamp, ana, subject = at_home()
    seen = hub.setting(ana)["stamp"]
    assert seen == ""
    hub.profiles.wish(ana, "lamp", "brightness", 30, by="Sam", based_on=seen)
    with pytest.raises(ChangedSinceError, match="Sam asked for 30 %"):
        hub.profiles.wish(ana, "lamp", "brightness", 40, by="Kim", based_on=seen)
    lamp.adjust(subject, 0, 80, 60)
    lamp.send()
    seen = hub.setting(ana)["stamp"]
    hub.profiles.wish(ana, "lamp", "brightness", 40, by="Kim", based_on=seen)
    assert hub.setting(ana)["author"] == "Kim"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("brightness", 101),
        ("brightness", "x"),
        ("brightness", True),
        ("brightness", float("inf")),
        ("brightness", float("nan")),
        ("brightness", "9" * 5000),
        ("mood", "angry"),
        ("mood", 1),
        ("mood", []),
        ("night_light", 7),
        ("loudness", 3),
    ],
)
def test_a_wish_is_a_value_the_product_can_take(setting, value):
    hub, _, ana, _ = at_home()
    with pytest.raises(InvalidError):
        hub.profiles.wish(ana, "lamp", setting, value, by="Sam")


@pytest.mark.parametrize("by", ["", " ", "hand", " HAND ", "x" * 65])
def test_a_wish_has_an_author_who_is_no_hand(by):
    hub, _, ana, _ = at_home()
    with pytest.raises(InvalidError, match="by"):
        hub.profiles.wish(ana, "lamp", "brightness", 30, by=by)


def test_a_frozen_setting_is_not_learned_here_or_there():
    hub, lamp, ana, subject = at_home()
    hub.profiles.rule(ana, "lamp", "brightness", "frozen")
    lamp.listen()
    lamp.use(subject, 80)
    lamp.send()
    assert hub.setting(ana)["frozen"]
    assert hub.setting(ana)["value"] == 60
    hub.profiles.rule(ana, "lamp", "brightness", "learn")
    lamp.listen()
    assert lamp.known[subject].learns(0)


def test_use_is_summed_and_corrections_are_kept_for_each_visit():
    hub, lamp, ana, subject = at_home()
    lamp.use(subject, 40)
    lamp.use(subject, 40, applied=40)
    lamp.send()
    (use,) = hub.profiles.about(ana)["use"]
    assert (use["visits"], use["minutes"]) == (2, 2)
    assert use["counters"] == [{"name": "time_on", "unit": "s", "total": 120, "service_at": 0}]
    assert [one["corrected"] for one in use["corrections"]] == [1, 0]


def test_the_timeline_tells_in_sentences_and_keeps_the_newest_thousand():
    hub, lamp, ana, subject = at_home()
    lamp.use(subject, 40)
    lamp.send()
    assert hub.texts(ana)[:2] == [
        "A minute at lamp-1: corrected to brightness 40 %.",
        "Brightness set to 40 % by hand at lamp-1 (it was 60 %).",
    ]
    while len(lamp.records) < MOST_EVENTS + 50:
        lamp.use(subject, 40, applied=40)
    lamp.send()
    assert len(hub.store.all(f"customer/{ana}", "events")) == MOST_EVENTS
    first = hub.profiles.timeline(ana, limit=10)
    second = hub.profiles.timeline(ana, limit=10, before=first[-1]["id"])
    assert [entry["id"] for entry in first + second] == list(
        range(first[0]["id"], first[0]["id"] - 20, -1)
    )


def test_people_who_share_a_device_do_not_see_each_other():
    hub, lamp, ana, subject = at_home()
    ben = hub.profiles.welcome("Ben")
    hub.profiles.link(ben, "lamp-1")
    lamp.listen()
    lamp.use(subject, 40)
    lamp.use(subject_of(hub, ben), 80)
    lamp.send()
    assert hub.setting(ana)["value"] == 40
    assert hub.setting(ben)["value"] == 80
    assert "Ben" not in repr(hub.profiles.about(ana))


def test_a_person_of_many_settings_is_told_in_several_messages_none_too_long():
    hub = Hub()
    many = read_product(
        {
            "product": "desk",
            "settings": [
                {"kind": "number", "name": f"s{n}", "low": 0, "high": 1 << 28} for n in range(16)
            ],
        }
    )
    hub.profiles.products["desk"] = many
    hub.profiles.register("desk-1", "desk")
    hub.profiles.register("desk-2", "desk")
    ana = hub.profiles.welcome("Ana")
    hub.profiles.link(ana, "desk-1")
    first = Unit(hub, "desk-1")
    first.hello(product="desk")
    subject = subject_of(hub, ana, "desk-1")
    for number in range(40):
        values = tuple((n, (1 << 27) + number, 0, 0) for n in range(16))
        first.event(events.VISIT, (2, 60, values, ()), subject, visit=number)
    first.send()
    for n in range(16):
        hub.profiles.wish(ana, "desk", f"s{n}", n, by="é" * 64)
    hub.profiles.link(ana, "desk-2")
    second = Unit(hub, "desk-2")
    second.hello(product="desk")
    said = [one for one in hub.said if one.device == "desk-2" and one.kind == topics.PERSON]
    assert 1 < len(said) <= 8
    assert all(len(one.payload) <= MAX_BYTES for one in said)
    told = [messages.decode(one.kind, one.payload) for one in said]
    assert all(isinstance(one, Person) for one in told)
    assert [one.since for one in told[1:]] == [one.revision for one in told[:-1]]
    assert len({row.uid for one in told for row in one.rows}) == 32
    assert {index for one in told for index in one.entries} == set(range(16))
    second.listen()
    assert hub.profiles.device("desk-2")["waiting"] == 0
