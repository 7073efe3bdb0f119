"""The pages of updates: who cannot see, tap or read them easily?"""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from hub.devices.rollout import Plan
from hub.link import Message
from protocol import messages, topics
from protocol.update import STATES, Progress
from tests.hub.test_rollout import bundle

_CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")


def _begin(parts) -> None:
    """An update of the lamp, with a device in every state."""
    parts.updates.publish(bundle().content(), Plan(percent=12.5, only=("lamp-*",), stop_failed=9))
    for number, state in enumerate(STATES):
        name = f"lamp-{number + 20}"
        parts.profiles.register(name, "lamp")
        text = "not as signed: /b/firmware/radio.mpy" if state == "failed" else ""
        said = messages.encode(Progress(2, STATES.index(state), 2_000, text))
        parts.ingest.heard([Message(name, topics.PROGRESS, said)])


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1440, True)])
def test_an_update_can_be_read_and_tapped_and_stopped(desk, opens, width, dark):
    page = opens("/updates", width, dark)
    assert "No product has been updated yet" in page.inner_text("main")
    assert page.evaluate(_CHECKS) == []
    desk.do(lambda: _begin(desk.parts))
    page.goto(f"{desk.url}/updates")
    assert "12.5 % of the devices lamp-*" in page.inner_text("main")
    assert page.evaluate(_CHECKS) == []
    page.click("main h2 a")
    expect(page.get_by_role("button", name="Stop it")).to_be_visible()
    page.wait_for_load_state()
    assert page.evaluate(_CHECKS) == []
    page.click("text=Stop it")
    expect(page.locator("main")).to_contain_text("stopped at the desk")
    page.click("text=Go on with it")
    expect(page.locator("main")).to_contain_text("under way")
