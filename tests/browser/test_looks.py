"""Every page, at three widths and in both schemes: who cannot see, tap or read it easily?"""

from pathlib import Path

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import received_bytes, shots

_CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")
_OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true })"
_MOST_BYTES = 100 << 10


def _paths(home):
    ana = f"/customers/{home.ana}"
    return {
        "search": "/",
        "nobody": "/?q=zzz",
        "new": "/customers/new",
        "customer": ana,
        "beginner": f"/customers/{home.ben}",
        "forget": f"{ana}/forget",
        "device": "/devices/espresso-1",
        "unheard": "/devices/lamp-9",
        "unknown": "/customers/c-000000000000",
        "visit": f"{ana}/visits/{home.visit}",
        "insight": "/insight",
    }


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_every_page_can_be_read_tapped_and_heard(home, opens, width, dark):
    home.make_it_lively()
    home.reckon()
    page, wrong = opens("/", width, dark), {}
    for name, path in _paths(home).items():
        page.goto(home.desk.url + path)
        keep(page, f"{name}-{width}-{'dark' if dark else 'light'}")
        page.evaluate(_OPEN_ALL)
        wrong[name] = page.evaluate(_CHECKS) + violations(page)
    assert {name: some for name, some in wrong.items() if some} == {}


def test_an_empty_desk_and_a_stranger_are_told_how_to_begin(desk, opens):
    page = opens("/", width=360)
    assert "Begin with the first person who agreed to it." in page.inner_text("main")
    assert page.evaluate(_CHECKS) == []
    keep(page, "empty-360-light")
    page = opens("/", width=360, signed_in=False)
    assert "rapport hub" in page.inner_text("main")
    assert page.evaluate(_CHECKS) == []
    keep(page, "stranger-360-light")


def test_the_first_load_is_under_100_kb(home, opens):
    page, loaded = opens("/new"), []
    page.on("requestfinished", lambda request: loaded.append(request))
    page.goto(f"{home.desk.url}/customers/{home.ana}")
    page.wait_for_selector("#live:visible")
    assert len(loaded) >= 8
    assert received_bytes(loaded) < _MOST_BYTES


def keep(page, name):
    folder = shots()
    if folder:
        page.screenshot(path=folder / f"{name}.png", full_page=True)
