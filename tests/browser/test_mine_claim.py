"""A product is added by its label on a phone: real firmware, Chromium's own Bluetooth."""

import asyncio
import os
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright, expect

from hub.access.who import CUSTOMER, Who
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.conftest import micropython, require
from tests.radio.test_claim import CODE, NAME, home
from tools.bench.bleak_backend import BumbleClient, Central
from tools.bench.webbt import FLAGS as BLUETOOTH
from tools.bench.webbt import WebBluetooth

_WAIT_MS = 60_000


def test_a_product_is_added_by_its_label_and_a_press(tmp_path: Path):
    require("a micropython interpreter", micropython())
    require("chromium", CHROMIUM)
    expect.set_options(timeout=_WAIT_MS)
    asyncio.run(_added(tmp_path))


async def _added(folder: Path) -> None:
    wrong: list[str] = []
    async with home(folder / "world") as at, async_playwright() as playwright:
        ana = await at.world.person("Ana")
        assert ana.customer and ana.companion
        with tempfile.TemporaryDirectory() as chrome:
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=[*FLAGS, *BLUETOOTH],
                env=os.environ | {"HOME": chrome},
            )
            page = await browser.new_page(
                reduced_motion="reduce", viewport={"width": 360, "height": 740}
            )
            page.set_default_timeout(_WAIT_MS)
            page.on("pageerror", lambda error: wrong.append(str(error)))
            web = WebBluetooth(browser, page, BumbleClient)
            await web.start()
            try:
                Central(ana.phone.device).use()
                await ana.walk_to(at.lamp)
                await web.show(await ana.companion.find_one(at.lamp.board.mac))
                hub, who = at.world.hub, Who(CUSTOMER, "Ana", ana.customer)
                await page.goto(f"{hub.url}/start/{hub.parts.access.link(who)}")
                await page.goto(f"{hub.url}/mine/home")
                await page.get_by_label("What stands on its label").fill(
                    f"RPT1:{NAME}:{CODE[:-1]}0"
                )
                await page.get_by_role("button", name="Go on").click()
                await expect(page.locator("#label-problem")).to_contain_text("not the code on the")
                await page.get_by_label("What stands on its label").fill(f"{NAME} {CODE.lower()}")
                await page.get_by_role("button", name="Go on").click()
                pressing = asyncio.create_task(at.press_when_asked())
                await page.get_by_role("button", name="Connect").click()
                await pressing
                await expect(page.locator(".notice")).to_contain_text("It is yours.")
                await expect(page.locator(f"#{NAME}")).to_contain_text("you say whom else it knows")
                assert at.parts.household.members(NAME)[0]["role"] == "owner"
            finally:
                await web.stop()
                await browser.close()
    assert wrong == []
