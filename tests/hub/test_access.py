import os
import stat

import pytest

from hub.access.accounts import Accounts
from hub.access.cases import Case, Cases
from hub.access.door import Access, staff_key
from hub.access.limit import Limit
from hub.access.passwords import check_password, hashed, is_password
from hub.access.who import ADMIN, CUSTOMER, STAFF_KEY, SUPPORT, Who
from hub.errors import ConflictError, InvalidError
from tests.hub.living import NOON_MS, Dice, Hub

_MINUTE_MS = 60_000


class Door:
    """A hub with Ana, and who is let in there."""

    def __init__(self) -> None:
        self.now_ms, self.hub = NOON_MS, Hub()
        self.access = Access("the key", lambda: self.now_ms, Dice())
        self.access.keep_in(self.hub.store)
        self.accounts = Accounts(self.hub.store, self.hub.profiles.search)
        ana = self.hub.profiles.welcome("Ana", "ana@example.org")
        self.ana = Who(CUSTOMER, "Ana", ana)


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
    door = Door()
    for who in (Who(SUPPORT, "Sam"), door.ana):
        session = door.access.open(door.access.link(who))
        assert session
        assert door.access.who(session) == who


def test_a_session_outlives_the_process_and_the_store_has_only_its_digest():
    door = Door()
    session = door.access.begin(Who(SUPPORT, "Sam"))
    again = Access("the key", lambda: door.now_ms, Dice())
    assert again.who(session) is None
    again.keep_in(door.hub.store)
    assert again.who(session) == Who(SUPPORT, "Sam")
    rows = [door.hub.store.all(vault, "sessions") for vault in door.hub.store.vaults("tokens/")]
    assert session not in str(rows)


def test_who_is_forgotten_is_signed_out_and_the_store_knows_no_name():
    door = Door()
    session, invitation = door.access.begin(door.ana), door.access.invite(door.ana.customer)
    rows = [door.hub.store.all(vault, "sessions") for vault in door.hub.store.vaults("tokens/")]
    assert "Ana" not in str(rows)
    door.hub.profiles.forget(door.ana.customer)
    assert door.access.who(session) is None
    assert door.access.invitations.who(invitation) is None


def test_a_link_lets_one_browser_in_once():
    access = Door().access
    token = access.link()
    session = access.open(token)
    assert session
    assert access.who(session) == STAFF_KEY
    assert access.open(token) is None
    assert access.open("guessed") is None
    assert access.who("guessed") is None


def test_links_end_and_so_do_sessions_that_are_not_used():
    door = Door()
    token, session = door.access.link(), door.access.begin(Who(SUPPORT, "Sam"))
    own = door.access.begin(door.ana)
    door.now_ms += 11 * _MINUTE_MS
    assert door.access.open(token) is None
    assert door.access.who(session)
    door.now_ms += 14 * _MINUTE_MS
    assert door.access.who(session)
    door.now_ms += 15 * _MINUTE_MS
    assert door.access.who(session) is None
    assert door.access.who(own) == door.ana
    door.now_ms += 29 * 24 * 60 * _MINUTE_MS
    assert door.access.who(own) == door.ana
    door.now_ms += 31 * 24 * 60 * _MINUTE_MS
    assert door.access.who(own) is None


def test_however_busy_the_staff_signs_in_again_after_twelve_hours():
    door = Door()
    session = door.access.begin(Who(SUPPORT, "Sam"))
    for _ in range(12 * 6 - 1):
        door.now_ms += 10 * _MINUTE_MS
        assert door.access.who(session)
    door.now_ms += 10 * _MINUTE_MS
    assert door.access.who(session) is None


def test_a_session_ends_when_it_is_closed_or_all_of_somebody_are():
    access = Door().access
    one, two = access.begin(Who(SUPPORT, "Sam")), access.begin(Who("auditor", "sam"))
    other = access.begin(Who(SUPPORT, "Sue"))
    access.close(one)
    assert access.who(one) is None
    access.close_all(Who(SUPPORT, "Sam"))
    assert access.who(two) is None
    assert access.who(other)


def test_sessions_that_are_over_are_cleared_away():
    door = Door()
    for _ in range(300):
        door.access.begin(Who(SUPPORT, "Sam"))
        door.now_ms += 20 * _MINUTE_MS
    store = door.hub.store
    kept = sum(len(store.all(vault, "sessions")) for vault in store.vaults("tokens/"))
    assert kept < 256


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
    limit = Limit(10, _MINUTE_MS, lambda: NOON_MS)
    for number in range(3000):
        limit.count(str(number))
    assert len(limit._times) == 1000


def test_a_reason_is_good_for_half_an_hour_and_only_in_its_session():
    door = Door()
    cases = Cases(lambda: door.now_ms)
    cases.open("one", "c-1", " Ana called ")
    assert cases.of("one", "c-1") == Case("Ana called", NOON_MS + 30 * _MINUTE_MS, masked=True)
    assert cases.of("two", "c-1") is None
    assert cases.of("one", "c-2") is None
    cases.unmask("one", "c-1")
    assert not cases.of("one", "c-1").masked
    door.now_ms += 30 * _MINUTE_MS
    assert cases.of("one", "c-1") is None
    assert cases.unmask("one", "c-1") is None


@pytest.mark.parametrize("reason", ["", "  ", "ab", "x" * 201, "two\nlines", "a\0b", "a\u202eb"])
def test_what_says_nothing_is_no_reason(reason):
    with pytest.raises(InvalidError, match="reason"):
        Cases(lambda: NOON_MS).open("one", "c-1", reason)


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaaa", "SamSamSamSam1", "x" * 201])
def test_what_is_guessed_too_easily_is_no_password(password):
    with pytest.raises(InvalidError, match="password"):
        check_password(password, "Sam")


def test_a_password_is_kept_as_argon2id_and_only_it_fits():
    kept = hashed("a sentence is good")
    assert kept.startswith("$argon2id$")
    assert is_password(kept, "a sentence is good")
    for other in ("", "a sentence is goo", "A sentence is good"):
        assert not is_password(kept, other)
    assert not is_password(None, "nobody has this password")
    assert not is_password("damaged", "a sentence is good")


def test_the_last_administrator_stays():
    accounts = Door().accounts
    accounts.keep(accounts.begin(Who(ADMIN, "Ada")))
    with pytest.raises(ConflictError, match="last administrator"):
        accounts.remove("ada")
    accounts.keep(accounts.begin(Who(ADMIN, "Bo")))
    assert accounts.remove("ada").who.name == "Ada"
    assert [one["name"] for one in accounts.staff()] == ["Bo"]


def test_customers_are_found_by_id_and_by_an_address_that_only_they_have():
    door = Door()
    accounts, ana = door.accounts, door.ana.customer
    accounts.keep(accounts.begin(door.ana))
    for login in (ana, "ana@example.org", " ANA@example.org "):
        assert accounts.find(login) == accounts.of_customer(ana)
    for login in ("", "ana", "example.org", "na@example.org", "c-000000000000", "../hub"):
        assert accounts.find(login) is None
    door.hub.profiles.welcome("Another", "ana@example.org")
    assert accounts.find("ana@example.org") is None
