"""A newcomer's minute in the room: real firmware, radio, broker and hub behind a real browser."""

import asyncio
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import ROOT, micropython, require
from tools.bench.room.app import play
from tools.bench.world import World

_CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")
_WAIT_MS = 60_000
_START_S, _STOP_S = 60, 60
_WIDTH_CM, _HEIGHT_CM = 1160, 560

Opens = Callable[..., Page]


class _Played:
    """A room that is played in a thread of its own, from start to stop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._url: Future[str] = Future()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> str:
        self._thread.start()
        return self._url.result(_START_S)

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(_STOP_S)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            asyncio.run(self._play())
        except asyncio.CancelledError:
            pass
        except BaseException as error:
            self._url.set_exception(error)
            raise

    async def _play(self) -> None:
        task = asyncio.current_task()
        assert task
        self._loop, self._task = asyncio.get_running_loop(), task
        async with World(self._folder) as world:
            await play(world, 0, self._url.set_result)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[str]:
    require("a micropython interpreter", micropython())
    with _Played(tmp_path) as url:
        yield url


@pytest.fixture
def visits(browser: Browser, room: str) -> Iterator[Opens]:
    """visits(width=..., height=..., dark=..., touch=...) -> Page, once the room has shown itself"""
    wrong: list[str] = []

    def visit(width: int = 1280, height: int = 800, dark: bool = False) -> Page:
        page = browser.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            has_touch=width < 800,
        )
        page.set_default_timeout(_WAIT_MS)
        page.on("console", lambda said: wrong.append(said.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(room)
        page.wait_for_selector("body[data-ready]")
        return page

    yield visit
    for context in browser.contexts:
        context.close()
    assert wrong == []


def test_a_newcomer_understands_in_a_minute(visits: Opens) -> None:
    page = visits()
    lamp, bubble = page.locator("article.lamp-window"), page.locator(".bubble.lamp-window")
    expect(bubble).to_contain_text("Nobody I know is here.")

    _drag(page, "ana", 200, 230)
    expect(bubble).to_contain_text("Ana, sure.")
    expect(bubble).to_contain_text("the usual for everyone, until you choose")

    bright = _light(page)
    lamp.get_by_role("slider").hover()
    for _ in range(5):
        page.mouse.wheel(0, 100)
    expect(lamp.locator(".settings")).to_contain_text("35 %")
    _until_light(page, lambda light: 0 < light < bright)
    happened = page.get_by_role("log")
    expect(happened).to_contain_text("The window lamp sets brightness 35 %.")
    said = re.findall(r"You turn the window lamp (a|\d) steps? down\.", happened.inner_text())
    assert sum(1 if count == "a" else int(count) for count in said) == 5  # in one line if quick
    expect(page.locator("#people .ana")).to_contain_text("35 %")

    _drag(page, "ana", 1080, 130)
    expect(bubble).to_contain_text("it is sure that Ana has left")
    page.get_by_role("button", name="+2 minutes").click()
    expect(bubble).to_contain_text("Nobody I know is here.")
    expect(lamp.locator(".settings")).to_contain_text("60 %")

    _drag(page, "ana", 200, 230)
    expect(bubble).to_contain_text("Ana")
    expect(lamp.locator(".settings")).to_contain_text("35 %")
    for hint in ("Drag Ana to a lamp", "Turn the lamp's knob", "Drag her out"):
        expect(page.locator("#hints .done", has_text=hint)).to_be_visible()
    for hint in ("Let Ben come", "Pull a plug"):
        expect(page.locator("#hints .done", has_text=hint)).to_have_count(0)
    _drag(page, "ben", 620, 210)
    expect(page.locator(".bubble.espresso-1")).to_contain_text("Ben, sure.")
    page.get_by_role("button", name="Brew").click()
    expect(page.get_by_role("img", name="A cup of 40 ml")).to_be_visible()
    _keep(page)


def test_a_lamp_without_wifi_or_hub_still_does_as_it_is_told(visits: Opens) -> None:
    page = visits()
    lamp = page.locator("article.lamp-desk")
    _drag(page, "ana", 800, 500)
    expect(page.locator(".bubble.lamp-desk")).to_contain_text("Ana, sure.")

    lamp.get_by_role("switch", name="Wi-Fi").click()
    expect(lamp).to_contain_text("on its own")
    lamp.get_by_role("button", name="Less brightness").click()
    expect(lamp.locator(".settings")).to_contain_text("55 %")

    page.get_by_role("switch", name="Hub").click()
    expect(page.get_by_role("switch", name="Hub")).not_to_be_checked()
    lamp.get_by_role("button", name="Less brightness").click()
    expect(lamp.locator(".settings")).to_contain_text("50 %")

    page.get_by_role("switch", name="Hub").click()
    lamp.get_by_role("switch", name="Wi-Fi").click()
    expect(page.locator("#people .ana")).to_contain_text("50 %", timeout=3 * _WAIT_MS)


def test_a_plug_that_is_pulled_and_put_back_makes_the_lamp_start_again(visits: Opens) -> None:
    page = visits()
    lamp = page.locator("article.lamp-window")
    lamp.get_by_role("switch", name="Power").click()
    expect(page.locator(".bubble.lamp-window")).to_contain_text("No power.")
    _until_light(page, lambda light: light == 0)
    lamp.get_by_role("switch", name="Power").click()
    expect(lamp.locator(".settings")).to_contain_text("60 %")
    _until_light(page, lambda light: light > 0)


def test_everything_can_be_done_with_keys(visits: Opens) -> None:
    page = visits()
    ana = page.get_by_role("button", name="Ana, outside")
    ana.focus()
    for _ in range(9):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    bubble = page.locator(".bubble.lamp-window")
    expect(bubble).to_contain_text("Ana, sure.")
    page.locator("article.lamp-window").get_by_role("slider").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("article.lamp-window .settings")).to_contain_text("65 %")


def test_a_stranger_is_heard_and_stays_unknown(visits: Opens) -> None:
    page = visits()
    page.get_by_role("button", name="Stranger goes to: Window lamp").click()
    expect(page.get_by_role("log")).to_contain_text("hears a phone it cannot place")
    expect(page.locator(".bubble.lamp-window")).to_contain_text("Nobody I know is here.")


def test_the_page_can_be_read_and_tapped_at_every_width(visits: Opens) -> None:
    for dark in (False, True):
        for width in (360, 768, 1440):
            page = visits(width, dark=dark)
            found = [one for one in page.evaluate(_CHECKS) if _matters(one, width)]
            assert (width, dark, found) == (width, dark, [])
            page.close()


def _matters(found: str, width: int) -> bool:
    """A mouse hits smaller buttons; people on the plan are discs, with no need of an edge."""
    if " by " in found:
        return width < 800
    return not any(f"the edge of button “{who}" in found for who in ("Ana", "Ben", "?"))


def _drag(page: Page, who: str, x_cm: float, y_cm: float) -> None:
    plan = page.locator("#plan").bounding_box()
    token = page.locator(f".token.{who}").bounding_box()
    assert plan
    assert token
    page.mouse.move(token["x"] + token["width"] / 2, token["y"] + token["height"] / 2)
    page.mouse.down()
    x = plan["x"] + x_cm / _WIDTH_CM * plan["width"]
    page.mouse.move(x, plan["y"] + y_cm / _HEIGHT_CM * plan["height"], steps=8)
    page.mouse.up()


def _light(page: Page) -> float:
    return float(page.evaluate("document.getElementById('light-lamp-window').style.opacity"))


def _until_light(page: Page, is_so: Callable[[float], bool]) -> None:
    end = time.monotonic() + _WAIT_MS / 1000
    while not is_so(light := _light(page)):
        assert time.monotonic() < end, light
        page.wait_for_timeout(50)


def _keep(page: Page) -> None:
    """The picture in the documentation, made anew when RAPPORT_PICTURES is set."""
    if not os.environ.get("RAPPORT_PICTURES"):
        return
    page.get_by_role("button", name="Ben goes to: Espresso machine").hover()
    page.mouse.move(2, 2)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(500)
    folder = ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / "room.png")
