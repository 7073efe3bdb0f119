"""The page that speaks with a device near by: real firmware, Chromium's own Bluetooth."""

import asyncio
import json
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.conftest import CHROMIUM, FLAGS, shots
from tests.conftest import micropython, require
from tools.bench.bleak_backend import BumbleClient, Central
from tools.bench.console import Console
from tools.bench.webbt import FLAGS as BLUETOOTH
from tools.bench.webbt import WebBluetooth
from tools.bench.world import BenchDevice, Person, World, until

_CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")
_OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true })"
_WAIT_MS = 60_000


class Near:
    """Ana beside her lamp, with the page open in a browser that has Bluetooth."""

    def __init__(self, world: World, lamp: BenchDevice, ana: Person, page: Page) -> None:
        self.world, self.lamp, self.ana, self.page = world, lamp, ana, page
        self.console = Console()
        lamp.board.on_line = self.console.take
        self.outputs: dict[int, int] = {}
        lamp.board.on_output = self.outputs.__setitem__

    async def open(self, web: WebBluetooth, query: str) -> None:
        Central(self.ana.phone.device).use()
        assert self.ana.companion
        await self.ana.walk_to(self.lamp)
        await web.show(await self.ana.companion.find_one(self.lamp.board.mac))
        hub = self.world.hub
        await self.page.goto(f"{hub.url}/start/{hub.parts.access.link()}")
        await self.page.goto(f"{hub.url}/near{query}")

    async def connect(self) -> None:
        await self.page.get_by_role("button", name="Connect").click()
        await expect(self.page.locator("#known")).to_be_visible()

    def line(self, title: str) -> Any:
        return self.page.locator("#lines li", has=self.page.get_by_role("heading", name=title))


async def _beside(folder: Path, play: Callable[[Near], Awaitable[None]], query: str | None) -> None:
    require("a micropython interpreter", micropython())
    require("chromium", CHROMIUM)
    wrong: list[str] = []
    async with World(folder / "world", interval_ms=None) as world, async_playwright() as playwright:
        lamp = await world.device("lamp-1", "lamp")
        ana = await world.person("Ana")
        await world.link(ana, lamp)
        with tempfile.TemporaryDirectory() as home:
            browser: Browser = await playwright.chromium.launch(
                executable_path=CHROMIUM, args=[*FLAGS, *BLUETOOTH], env=os.environ | {"HOME": home}
            )
            page = await browser.new_page(reduced_motion="reduce")
            page.set_default_timeout(_WAIT_MS)
            page.on("console", lambda said: _note(wrong, said.text))
            page.on("pageerror", lambda error: wrong.append(str(error)))
            web = WebBluetooth(browser, page, BumbleClient)
            await web.start()
            near = Near(world, lamp, ana, page)
            try:
                await near.open(web, f"?customer={ana.customer}" if query is None else query)
                await play(near)
            finally:
                await web.stop()
                await browser.close()
    assert wrong == []


def _play(folder: Path, play: Callable[[Near], Awaitable[None]], query: str | None = None) -> None:
    expect.set_options(timeout=_WAIT_MS)
    asyncio.run(_beside(folder, play, query))


def test_who_taps_connect_reads_what_the_lamp_knows_and_changes_it(tmp_path: Path):
    async def play(near: Near) -> None:
        await near.connect()
        assert await near.page.locator("#known-title").text_content() == (
            "What the lamp knows of you"
        )
        brightness = near.line("Brightness")
        await expect(brightness).to_contain_text("Brightness 60 %, the usual for everyone")
        await expect(brightness.locator(".chip")).to_have_text("default")

        before = dict(near.outputs)
        await brightness.get_by_label("Brightness").fill("25")
        await brightness.get_by_role("button", name="Change").click()
        await expect(brightness).to_contain_text("Brightness 25 %, because you asked for it.")
        await expect(brightness.locator(".chip")).to_have_text("said")
        await until("the lamp is set", lambda: near.console.codes[0] == 25 and near.console.sure)
        await until("the lamp's light moves", lambda: near.outputs and near.outputs != before)
        await near.world.until_hub_says(near.ana, "brightness", 25)

        await brightness.get_by_label("Brightness").fill("400")
        await brightness.get_by_role("button", name="Change").click()
        await expect(near.page.get_by_role("alert")).to_contain_text("400 is not within 0..100")

        await near.page.get_by_role("button", name="Undo").click()
        await expect(brightness).to_contain_text("Brightness 60 %, the usual for everyone")
        await until("the lamp is set again", lambda: near.console.codes[0] == 60)

        await brightness.get_by_text("Learning", exact=True).click()
        await brightness.get_by_role("button", name="Keep it so").click()
        await expect(brightness).to_contain_text("because you froze it")
        await near.page.get_by_label("How well it may know me").select_option("Stranger")
        await expect(near.page.locator("#status")).to_contain_text("does not recognise you")
        await brightness.get_by_text("Learning", exact=True).click()
        await brightness.get_by_role("button", name="Not any more").click()
        await expect(near.page.get_by_role("alert")).to_contain_text("stranger")
        await near.page.get_by_role("button", name="Leave").click()
        await expect(near.page.get_by_role("button", name="Connect")).to_be_focused()
        assert not near.lamp.board.lines or not [x for x in near.lamp.board.lines if "rror" in x]

    _play(tmp_path, play)


def test_what_goes_wrong_is_said_in_words_and_can_be_tried_again(tmp_path: Path):
    async def play(near: Near) -> None:
        page, alert = near.page, near.page.get_by_role("alert")
        connect = page.get_by_role("button", name="Connect")
        await connect.click()
        await expect(alert).to_contain_text("Paste your key first")
        await page.get_by_label("Key, as the hub gave it").fill("{half")
        await connect.click()
        await expect(alert).to_contain_text("That is no key")
        profiles = near.world.hub.parts.profiles
        assert near.ana.customer
        key = json.dumps(profiles.credential(near.ana.customer))
        wrong_key = key.replace('"ticket": "', '"ticket": "00')
        for text, why in (
            ('{"devices": {}}', "does not know you"),
            (wrong_key, "does not take"),
        ):
            await page.get_by_label("Key, as the hub gave it").fill(text)
            await connect.click()
            await expect(alert).to_contain_text(why)
        await page.get_by_label("Key, as the hub gave it").fill(key)
        await near.connect()
        await near.lamp.board.cut_power()
        await expect(connect).to_be_visible()
        await near.lamp.start()

    _play(tmp_path, play, query="")


def test_a_browser_without_bluetooth_says_which_have_it(tmp_path: Path):
    async def play(near: Near) -> None:
        await near.page.add_init_script(
            "Object.defineProperty(navigator, 'bluetooth', {value: undefined})"
        )
        await near.page.reload()
        alert = near.page.get_by_role("alert")
        await expect(alert).to_contain_text("Chrome and Edge have, on Android, Windows")
        await expect(near.page.get_by_role("button", name="Connect")).to_be_disabled()

    _play(tmp_path, play)


def test_the_page_can_be_read_tapped_and_heard(tmp_path: Path):
    async def play(near: Near) -> None:
        await _look(near.page, "near-before")
        await near.connect()
        await _look(near.page, "near")

    _play(tmp_path, play)


def _note(wrong: list[str], text: str) -> None:
    if not text.startswith("Web Bluetooth is experimental on this platform"):
        wrong.append(text)


async def _look(page: Page, name: str) -> None:
    for width in (360, 768, 1440):
        for scheme in ("light", "dark"):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.emulate_media(color_scheme=scheme)  # pyright: ignore[reportArgumentType]
            folder = shots()
            if folder:
                await page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
            await page.evaluate(_OPEN_ALL)
            assert (name, width, scheme, await page.evaluate(_CHECKS)) == (name, width, scheme, [])
