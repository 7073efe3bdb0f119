"""A browser that sees the desk as staff do. Nothing it finds wrong passes unseen."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.desk import Desk, Home
from tests.conftest import require

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
_WAIT_MS = 20_000  # two cores may have more to do than this
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
    """opens("/path", width=..., dark=..., script=..., signed_in=...) -> Page"""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_(
        path: str,
        width: int = 1440,
        dark: bool = False,
        script: bool = True,
        signed_in: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(_WAIT_MS)
        page.on("console", lambda said: _note(wrong, said.type, said.text))
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


def _note(wrong: list[str], kind: str, text: str) -> None:
    answered = text.startswith("Failed to load resource: the server responded with a status of 4")
    if kind in ("error", "warning") and not answered:
        wrong.append(text)


def _stays(wrong: list[str], desk: Desk, url: str) -> None:
    if not url.startswith(desk.url):
        wrong.append(f"asked elsewhere: {url}")


def shots() -> Path | None:
    """Where screenshots go, for people to look at: set RAPPORT_SHOTS to a folder."""
    folder = os.environ.get("RAPPORT_SHOTS")
    return Path(folder) if folder else None
