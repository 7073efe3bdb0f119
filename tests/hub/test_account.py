"""Another passkey for who is signed in: whom the hub makes one for, and how many."""

from collections.abc import Iterator
from typing import Any

import pytest

from hub.access.passkeys import MOST
from hub.access.who import ADMIN, AUDITOR, CUSTOMER, SUPPORT, Who
from tests.hub.house import HOST, Target
from tests.hub.test_api import KEY

_AT = "/api/account/passkeys"


@pytest.fixture
def target() -> Iterator[Target]:
    target = Target()
    with target.browser:
        yield target


def asked(target: Target, role: str, path: str = f"{_AT}/options", **headers: str) -> Any:
    return target.browser.post(path, headers=target.headers(role) | headers, json={})


def give(target: Target, who: Who, *ids: str) -> None:
    accounts = target.parts.accounts
    account = accounts.of(who) or accounts.begin(who)
    passkeys = tuple({"id": one, "key": "eA", "count": 0} for one in ids)
    accounts.keep(account._replace(passkeys=passkeys))


def test_what_holds_a_passkey_already_is_not_to_make_another(target):
    give(target, Who(SUPPORT, "Sam"), "eA", "eQ")
    options = asked(target, SUPPORT).json()
    assert [one["id"] for one in options["excludeCredentials"]] == ["eA", "eQ"]
    assert options["user"]["name"] == "Sam"


def test_somebody_has_so_many_passkeys_at_most(target):
    give(target, Who(SUPPORT, "Sam"), *(f"eA{at}" for at in "ABCDEFGH"[:MOST]))
    answer = asked(target, SUPPORT)
    assert answer.status_code == 409
    assert "that is the most" in answer.json()["error"]


def test_who_has_no_account_gets_no_passkey(target):
    """An auditor called Sam is not the Sam of support, and the staff key is nobody."""
    for answer in (
        asked(target, AUDITOR),
        asked(target, CUSTOMER),
        target.browser.post(f"{_AT}/options", headers={"Authorization": f"Bearer {KEY}"}),
    ):
        assert answer.status_code == 404
        assert "without an account" in answer.json()["error"]


def test_another_site_cannot_make_one_and_what_proves_nothing_is_none(target):
    give(target, Who(SUPPORT, "Sam"), "eA")
    for path in (_AT, f"{_AT}/options"):
        assert asked(target, SUPPORT, path, **{"X-Form-Token": ""}).status_code == 403
        assert asked(target, SUPPORT, path, Origin="https://evil.example").status_code == 403
        assert target.browser.post(path, headers=HOST, json={}).status_code == 401
    answer = asked(target, SUPPORT, _AT)
    assert answer.status_code == 422
    assert len(target.parts.accounts.check_staff("Sam").passkeys) == 1


def test_an_account_is_of_who_has_its_role_too(target):
    accounts = target.parts.accounts
    assert accounts.of(Who(ADMIN, "Ada")) == accounts.find("ada")
    assert accounts.of(Who(SUPPORT, "Ada")) is None
    assert accounts.of(Who(CUSTOMER, "Ana", target.ana)) is None
    give(target, Who(CUSTOMER, "", target.ana), "eA")
    assert accounts.of(Who(CUSTOMER, "Ana", target.ana)) == accounts.of_customer(target.ana)
