"""A second passkey, made by who is signed in: on another device, and only just after signing in."""

import pytest
from playwright.sync_api import Page, expect

from hub.access.who import ADMIN, CUSTOMER, Who
from tests.browser.axe import violations
from tests.browser.conftest import invite
from tests.browser.desk import Desk, Home
from tests.browser.finger import Finger

_LATER_MS = 11 * 60_000


@pytest.fixture
def finger(by_name: Page) -> Finger:
    return Finger(by_name)


def test_who_lost_the_first_device_comes_in_with_the_second(desk: Desk, by_name, finger):
    page = by_name
    page.goto(invite(desk, Who(ADMIN, "")))
    page.get_by_label("Your name").fill("Ada")
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("link", name="Account").click()
    expect(page.get_by_text("You have 1 passkey.")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Make another passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("a passkey of yours already")
    finger.take_another_device()
    page.get_by_role("button", name="Make another passkey").click()
    expect(page.get_by_role("status").first).to_contain_text("sign in with this one, too")
    expect(page.get_by_text("You have 2 passkeys.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_role("link", name="Staff")).to_be_visible()
    assert "made another passkey" in [one["what"] for one in desk.do(desk.parts.audit.entries)]


def test_a_customer_makes_a_second_one_on_their_own_page(desk: Desk, home: Home, by_name, finger):
    page = by_name
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(invite(desk, Who(CUSTOMER, "", home.ana)))
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/mine")
    page.goto("/mine/data")
    page.get_by_role("link", name="Another passkey").click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    finger.take_another_device()
    page.get_by_role("button", name="Make another passkey").click()
    expect(page.get_by_text("You have 2 passkeys.")).to_be_visible()
    looked = desk.do(lambda: desk.parts.audit.about(home.ana))
    assert looked[0]["what"] == "made another passkey"


def test_who_signed_in_a_while_ago_signs_in_again_first(desk: Desk, home: Home, by_name, finger):
    page = by_name
    page.goto(invite(desk, Who(CUSTOMER, "", home.ana)))
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/mine")
    page.goto("/mine/account")
    desk.now_ms += _LATER_MS
    page.get_by_role("button", name="Make another passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Sign out and in again")
    page.reload()
    expect(page.get_by_role("button", name="Make another passkey")).to_have_count(0)
    page.locator("#passkeys").get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use my passkey").click()
    page.wait_for_url("**/mine")
    page.goto("/mine/account")
    expect(page.get_by_role("button", name="Make another passkey")).to_be_visible()


def test_who_came_by_the_key_is_told_that_there_is_no_account(opens):
    page = opens("/account")
    expect(page.locator("#passkeys")).to_contain_text("You came without an account")
