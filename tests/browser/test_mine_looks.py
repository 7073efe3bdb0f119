"""A customer's pages, at three widths and in both schemes: who cannot see, tap or read them?"""

import os
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import expect

from hub.access.who import CUSTOMER, Who
from tests.browser.conftest import received_bytes, shots
from tests.conftest import ROOT

_CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")
_AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
_OPEN_ALL = """document.querySelectorAll("details").forEach((one) => {
    one.removeAttribute("name");
    one.open = true;
})"""
_RICHEST = ("/mine", "/mine/choices", "/mine/home")
_PAGES = (*_RICHEST, "/mine/history", "/mine/data", "/mine/erase", "/near")
_MOST_BYTES = 100 << 10
_PICTURES = ROOT / "docs" / "pictures"


def test_the_first_load_is_under_100_kb(home, opens):
    page, loaded = opens("/static/mark.svg", signed_in=False), []
    page.on("requestfinished", lambda request: loaded.append(request))
    who = Who(CUSTOMER, "Ana Oliveira", home.ana)
    page.goto(f"{home.desk.url}/start/{home.desk.do(lambda: home.desk.parts.access.link(who))}")
    expect(page.locator("#live")).to_be_visible()
    assert len(loaded) >= 8
    assert received_bytes(loaded) < _MOST_BYTES


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_every_page_can_be_read_tapped_and_heard(home, mine, width, dark):
    home.make_it_lively()
    home.desk.do(lambda: home.desk.profiles.link(home.ana, "lamp-9", "owner"))
    page = mine(width=width, dark=dark, bypass_csp=True)
    for path in _PAGES:
        page.goto(home.desk.url + path)
        keep(page, f"{path[1:].replace('/', '-')}-{width}-{'dark' if dark else 'light'}")
        page.evaluate(_OPEN_ALL)
        is_asked = path in _RICHEST or (width, dark) == (360, False)  # axe takes its time
        assert (path, page.evaluate(_CHECKS), axe(page) if is_asked else []) == (path, [], [])


def test_a_receipt_can_be_read_by_everybody(home, mine):
    page = mine(bypass_csp=True)
    receipt = home.desk.do(lambda: home.desk.parts.erasures.begin(home.ana, "Ana Oliveira"))
    page.goto(f"{home.desk.url}/mine/receipt/{receipt}")
    keep(page, "mine-receipt-360-light")
    page.evaluate(_OPEN_ALL)
    assert page.evaluate(_CHECKS) + axe(page) == []


def axe(page):
    """What axe finds wrong."""
    page.add_script_tag(path=_AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_why_opens_below_its_buttons_and_none_of_them_moves(home, mine, dark):
    page = mine(dark=dark)
    row = page.locator("#lamp-brightness")
    summaries = row.locator(".acts > details > summary, .acts > form > button")
    before = [one.bounding_box() for one in summaries.all()]
    row.get_by_text("Why?").click()
    expect(row.get_by_text("sure.")).to_be_visible()
    after = [one.bounding_box() for one in summaries.all()]
    places = [
        (one["x"], round(one["y"] - many[0]["y"])) for many in (before, after) for one in many
    ]
    assert places[:3] == places[3:]
    draw(page, f"mine-{'dark' if dark else 'light'}")


def draw(page, name):
    """The picture in the documentation, made anew when RAPPORT_PICTURES is set."""
    if not os.environ.get("RAPPORT_PICTURES"):
        return
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#lamp-title").evaluate(
        "one => scrollTo(0, scrollY + one.getBoundingClientRect().top - 24)"
    )
    _PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=_PICTURES / f"{name}.png")


def keep(page, name):
    folder = shots()
    if folder:
        page.screenshot(path=folder / f"{name}.png", full_page=True)
