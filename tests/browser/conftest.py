"""A browser that sees the desk as staff do. Nothing it finds wrong passes unseen."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

from hub.access.who import CUSTOMER, Who
from tests.browser.desk import Desk, Home
from tests.conftest import ROOT, require

CHROMIUM = shutil.which("chromium") or ""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_WAIT_MS = 60_000  # two cores may have more to do than this
expect.set_options(timeout=_WAIT_MS)

Opens = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for the whole run: while Playwright is there, no test can call asyncio.run."""
    require("chromium", CHROMIUM)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, env=os.environ | {"HOME": home}
        )
        yield browser
        browser.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk() as desk:
        yield desk


@pytest.fixture
def home(desk: Desk) -> Home:
    return Home(desk)


@pytest.fixture
def opens(browser: Browser, desk: Desk) -> Iterator[Opens]:
    """opens("/path", width=..., dark=..., script=..., signed_in=..., ...) -> Page"""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_(
        path: str,
        width: int = 1440,
        dark: bool = False,
        script: bool = True,
        signed_in: bool = True,
        bypass_csp: bool = False,
        goes_offline: bool = False,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            java_script_enabled=script,
            bypass_csp=bypass_csp,  # only to put a checker into a page
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(_WAIT_MS)
        page.on("console", lambda said: _note(wrong, said.type, said.text, goes_offline))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: _stays(wrong, desk, request.url))
        if signed_in:
            page.goto(desk.way_in())
        page.goto(desk.url + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def mine(home: Home, opens: Opens) -> Opens:
    """mine("/mine/home", width=...) -> Page of Ana, signed in as a customer, on her phone."""

    def open_(path: str = "/mine", **how: Any) -> Page:
        who = Who(CUSTOMER, "Ana Oliveira", home.ana)
        link = home.desk.do(lambda: home.desk.parts.access.link(who))
        page = opens(f"/start/{link}", **{"width": 360, "signed_in": False} | how)
        if path != "/mine":
            page.goto(home.desk.url + path)
        return page

    return open_


@pytest.fixture
def by_name(browser: Browser, desk: Desk) -> Iterator[Page]:
    """At the computer's name: browsers have no passkeys for addresses in digits.

    Its content security policy is passed by only to check the pages for accessibility.
    """
    context = browser.new_context(
        base_url=desk.url.replace("127.0.0.1", "localhost"), bypass_csp=True
    )
    context.set_default_timeout(_WAIT_MS)
    yield context.new_page()
    context.close()


def invite(desk: Desk, who: Who) -> str:
    """Where somebody makes their account."""
    return f"/invitation/{desk.do(lambda: desk.parts.access.invitations.begin(who))}"


def _note(wrong: list[str], kind: str, text: str, goes_offline: bool) -> None:
    answered = text.startswith("Failed to load resource: the server responded with a status of 4")
    unknown = text.startswith("Error with Permissions-Policy header: Unrecognized feature")
    cut_off = goes_offline and text.endswith("net::ERR_INTERNET_DISCONNECTED")
    if kind in ("error", "warning") and not (answered or unknown or cut_off):
        wrong.append(text)


def _stays(wrong: list[str], desk: Desk, url: str) -> None:
    if not url.startswith(desk.url):
        wrong.append(f"asked elsewhere: {url}")


def received_bytes(loaded: list[Request]) -> int:
    """Of requests that are finished: of their answers, with what stands before them."""
    sizes = [request.sizes() for request in loaded]
    return sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)


def shots() -> Path | None:
    """Where screenshots go, for people to look at: set RAPPORT_SHOTS to a folder."""
    folder = os.environ.get("RAPPORT_SHOTS")
    return Path(folder) if folder else None


def picture(page: Page, name: str, part: Locator | None = None) -> None:
    """A picture for the documentation, made anew when RAPPORT_PICTURES is set."""
    if os.environ.get("RAPPORT_PICTURES"):
        page.set_viewport_size({"width": 1200, "height": 1250})
        page.evaluate("scrollTo(0, 0)")
        (part or page).screenshot(path=ROOT / "docs" / "pictures" / f"{name}.png")
