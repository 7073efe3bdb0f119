"""Coming in with a real browser: by passkey, by password, and with a reason at the desk."""

import pytest
from playwright.sync_api import Page, expect

from hub.access.who import ADMIN, AUDITOR, CUSTOMER, SUPPORT, Who
from tests.browser.axe import violations
from tests.browser.conftest import invite, shots
from tests.browser.desk import Desk, Home
from tests.browser.finger import Finger

_PASSWORD = "a lamp that knows me"


@pytest.fixture
def page(by_name: Page) -> Page:
    """With a finger that fits."""
    Finger(by_name)
    return by_name


def test_the_first_administrator_makes_a_passkey_and_comes_back_with_it(desk, page):
    page.goto(invite(desk, Who(ADMIN, "")))
    assert violations(page) == []
    page.get_by_label("Your name").fill("Ada")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("link", name="Staff")).to_be_visible()
    assert desk.do(desk.parts.accounts.staff)[0]["passkeys"] == 1
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_role("link", name="Staff")).to_be_visible()


def test_a_passkey_that_the_hub_does_not_know_is_told_in_a_sentence(desk, page):
    page.goto(invite(desk, Who(SUPPORT, "Sam")))
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    desk.do(lambda: desk.parts.access.close_all(desk.parts.accounts.remove("Sam").who))
    page.goto("/sign-in")
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("That does not fit")


def test_who_has_no_passkey_takes_a_password_and_loses_nothing_typed(desk, opens):
    page = opens(invite(desk, Who(ADMIN, "")), signed_in=False)
    expect(page.get_by_role("button", name="Make a passkey")).to_be_hidden()
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Make it with the password").click()
    expect(page.get_by_text("12 to 200 letters")).to_be_visible()
    expect(page.get_by_label("Your name")).to_have_value("Ada")
    page.get_by_label("Password").fill(_PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("not this one")
    page.keyboard.press("Enter")
    expect(page.get_by_text("That does not fit")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("ada")
    page.get_by_label("Password").fill(_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Staff")).to_be_visible()


def test_an_administrator_invites_and_removes_without_a_script(desk, opens):
    page = opens("/staff", script=False)
    page.get_by_label("Name").fill("Sam")
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("The link").input_value()
    page.goto(desk.url + link[link.index("/invitation/") :])
    page.get_by_label("Password").fill(_PASSWORD)
    page.get_by_role("button", name="Make it with the password").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.goto(desk.way_in())
    page.goto(f"{desk.url}/staff")
    page.get_by_role("button", name="Remove Sam").click()
    expect(page.get_by_text("Nobody has an account yet")).to_be_visible()


def test_a_customer_gets_an_invitation_and_comes_to_their_own_page(desk: Desk, home: Home, opens):
    page = opens(invite(desk, Who(CUSTOMER, "", home.ana)), signed_in=False, width=360)
    expect(page.get_by_role("heading", name="Welcome, Ana Oliveira")).to_be_visible()
    page.get_by_label("Password").fill(_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/mine")


def test_support_says_why_sees_devices_then_everything_and_how_long_still(desk, home, page):
    token = desk.do(lambda: desk.parts.access.link(Who(SUPPORT, "Sam")))
    page.goto(f"/start/{token}")
    page.goto(f"/customers/{home.ana}")
    expect(page.get_by_role("heading", name="Why do you look?")).to_be_visible()
    expect(page.get_by_text("Ana Oliveira")).to_have_count(0)
    expect(page.get_by_text("lamp-1")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("3 to 200 letters")).to_be_visible()
    page.get_by_label("They called or wrote").check()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Show everything")).to_be_visible()
    expect(page.get_by_text("Ana Oliveira")).to_have_count(0)
    page.get_by_role("button", name="Show everything").click()
    expect(page.get_by_role("heading", name="Ana Oliveira", exact=True)).to_be_visible()
    expect(page.get_by_text("30 more minutes")).to_be_visible()
    looked = desk.do(lambda: desk.parts.audit.about(home.ana))
    assert {one["reason"] for one in looked} == {"They called or wrote"}
    page.get_by_role("button", name="I am done").click()
    expect(page.locator("#found")).to_be_visible()
    page.goto(f"/customers/{home.ana}")
    expect(page.get_by_role("heading", name="Why do you look?")).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1440, False)])
def test_the_pages_of_coming_in_are_readable_at_every_width(desk, home, opens, width, dark):
    paths = {
        "sign-in": "/sign-in",
        "invitation": invite(desk, Who(ADMIN, "")),
        "staff": "/staff",
        "reason": f"/customers/{home.ana}/reason",
        "audit": "/audit",
        "account": "/account",
    }
    page = opens("/", width=width, dark=dark, bypass_csp=True, signed_in=False)
    token = desk.do(lambda: desk.parts.access.link(Who(SUPPORT, "Sam")))
    page.goto(f"{desk.url}/start/{token}")
    for name, path in paths.items():
        if name == "staff":
            page.goto(desk.way_in())
        if name == "reason":
            token = desk.do(lambda: desk.parts.access.link(Who(SUPPORT, "Sam")))
            page.goto(f"{desk.url}/start/{token}")
        if name == "audit":
            token = desk.do(lambda: desk.parts.access.link(Who(AUDITOR, "Ada")))
            page.goto(f"{desk.url}/start/{token}")
        page.goto(desk.url + path)
        assert violations(page) == [], name
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, name
        if shots():
            page.screenshot(path=shots() / f"{name}-{width}-{'dark' if dark else 'light'}.png")
