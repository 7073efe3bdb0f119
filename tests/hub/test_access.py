import os
import stat

from hub.access import Access, staff_key
from hub.who import CUSTOMER, STAFF_KEY, Who
from tests.hub.living import NOON_MS, Dice


class Door:
    def __init__(self) -> None:
        self.now_ms = NOON_MS
        self.access = Access("the key", lambda: self.now_ms, Dice())


def test_the_staff_key_is_made_once_and_for_its_owner_only(tmp_path):
    key = staff_key(tmp_path / "data", os.urandom)
    assert len(key) == 64
    assert staff_key(tmp_path / "data", os.urandom) == key
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "data" / "staff.key").stat().st_mode) == 0o600


def test_only_the_key_is_the_key():
    access = Door().access
    assert access.is_key("the key")
    for other in ("", "the kex", "the key ", "thé key"):
        assert not access.is_key(other)


def test_a_session_knows_whose_it_is():
    access, ana = Door().access, Who(CUSTOMER, "Ana", "c-1")
    session = access.open(access.link(ana))
    assert session
    assert access.who(session) == ana


def test_a_link_lets_one_browser_in_once():
    access = Door().access
    token = access.link()
    session = access.open(token)
    assert session
    assert access.who(session) == STAFF_KEY
    assert access.open(token) is None
    assert access.open("guessed") is None
    assert access.who("guessed") is None


def test_links_and_sessions_end():
    door = Door()
    token, session = door.access.link(), door.access.open(door.access.link())
    assert session
    door.now_ms += 11 * 60_000
    assert door.access.open(token) is None
    assert door.access.who(session)
    door.now_ms += 12 * 3_600_000
    assert door.access.who(session) is None


def test_a_session_ends_when_it_is_closed_or_one_too_many_begins():
    access = Door().access
    first = access.open(access.link())
    last = [access.open(access.link()) for _ in range(100)][-1]
    assert first
    assert last
    assert access.who(first) is None
    assert access.who(last) == STAFF_KEY
    access.close(last)
    assert access.who(last) is None


def test_a_form_belongs_to_its_session():
    access = Door().access
    assert access.is_form_token("one", access.form_token("one"))
    assert not access.is_form_token("two", access.form_token("one"))
    assert not access.is_form_token("one", "")


def test_after_ten_failures_an_address_waits_and_the_others_do_not():
    door = Door()
    for _ in range(10):
        assert door.access.must_wait_s("10.0.0.1") == 0
        door.access.failed("10.0.0.1")
        door.now_ms += 1000
    assert door.access.must_wait_s("10.0.0.1") == 50
    assert door.access.must_wait_s("10.0.0.2") == 0
    door.now_ms += 50_000
    assert door.access.must_wait_s("10.0.0.1") == 0


def test_failures_of_many_addresses_do_not_pile_up():
    door = Door()
    for number in range(3000):
        door.access.failed(str(number))
    assert len(door.access._failures) == 1000
