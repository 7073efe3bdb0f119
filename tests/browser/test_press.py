"""News come while somebody presses: the press is not lost, and lands on nothing else."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.desk import Home, listening

_BRIGHTNESS = "#lamp-brightness"
_A_SWAP_MS = 500  # long enough for one that does not wait; who waits passes at any speed


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_a_press_into_which_news_come_still_presses(home, mine, hand):
    page = mine()
    listening(page)
    row = page.locator(_BRIGHTNESS)
    button = row.get_by_role("button", name="Not any more brightness").first
    _down(page, button, hand)
    _news(home, page)
    page.wait_for_timeout(_A_SWAP_MS)
    _up(page, hand)
    expect(row.get_by_role("button", name="Learn it again")).to_be_visible()


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_news_that_waited_for_a_press_that_did_nothing_show_after_it(home, mine, hand):
    page = mine()
    listening(page)
    _down(page, page.locator("#lamp-title"), hand)
    _news(home, page)
    _up(page, hand)
    expect(page.locator("#done")).to_contain_text("Brightness set to 55 % by hand")


def test_news_show_though_the_key_came_up_in_another_window(home, mine):
    page = mine()
    listening(page)
    _down(page, page.locator(f"{_BRIGHTNESS}-change > summary"), "keyboard")
    _news(home, page)
    page.evaluate("dispatchEvent(new Event('blur'))")
    expect(page.locator("#done")).to_contain_text("Brightness set to 55 % by hand")


@pytest.mark.parametrize(("path", "part"), [("/mine", "#done"), ("/mine/history", "#history")])
def test_the_focus_stays_at_its_line_when_others_come_above_it(home, mine, path, part):
    home.turn(50, 35)
    page = mine(path)
    listening(page)
    line = page.locator(f"{part} li", has_text="set to 50 %")
    line.get_by_role("button").focus()
    home.turn(55, 50)
    expect(page.locator(part)).to_contain_text("set to 55 %")
    expect(line.get_by_role("button")).to_be_focused()


def test_support_undoes_what_was_focused_though_more_happened_since(home, opens):
    home.turn(50, 35)
    page = opens(f"/customers/{home.ana}")
    listening(page)
    line = page.locator("#timeline .told > li", has_text="set to 50 %")
    undo = line.get_by_role("button", name="Undo")
    undo.focus()
    home.turn(55, 50)
    expect(page.locator("#timeline")).to_contain_text("set to 55 %")
    expect(undo).to_be_focused()


def test_a_button_that_needs_a_script_waits_for_it(mine):
    assert mine("/near", script=False).get_by_role("button", name="Connect").is_disabled()


def _down(page: Page, what: Locator, hand: str) -> None:
    if hand == "keyboard":
        what.focus()
        page.keyboard.down("Space")
    else:
        what.hover()
        page.mouse.down()


def _up(page: Page, hand: str) -> None:
    if hand == "keyboard":
        page.keyboard.up("Space")
    else:
        page.mouse.up()


def _news(home: Home, page: Page) -> None:
    """The lamp's knob is turned, and the page has fetched what that changed."""
    with page.expect_response(lambda answer: answer.request.resource_type == "fetch") as fetched:
        home.turn(55, 35)
    fetched.value.finished()
