"""What staff ask a running hub from the terminal: replay a visit, replace a device."""

import contextlib
import io
import json
import threading
import time

import pytest
import uvicorn
from rich.console import Console

from hub.access.door import Access
from hub.api.parts import Parts
from hub.app import create_app
from hub.config import Settings
from hub.link.memory import MemoryLink
from tests.conftest import micropython, require
from tests.hub.living import LAMP
from tests.journeys.home import Home
from tests.journeys.test_replay_visit import LAMP_JSON, visit, visits
from tools.asking import HubError, ask
from tools.replay.visit import replay_visit

KEY = "the-staff-key"


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.ana = home.welcome("Ana")
    home.quiet()
    yield home
    for lamp in home.lamps.values():
        lamp.power_off()


@contextlib.contextmanager
def served(home, folder):
    """The settings with which the hub of this home is reached."""
    product = folder / "products" / "lamp"
    product.mkdir(parents=True)
    (product / "product.json").write_text(json.dumps(LAMP_JSON))
    (folder / "staff.key").write_text(KEY)
    hub = home.hub
    parts = Parts(
        hub.store, MemoryLink(), {"lamp": LAMP}, lambda: hub.now_ms, hub.dice,
        Access(KEY, lambda: hub.now_ms, hub.dice),
    )  # fmt: skip
    server = uvicorn.Server(uvicorn.Config(create_app(parts), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Settings(data=folder, port=port, products=[folder / "products"])
    finally:
        server.should_exit = True
        thread.join()


def test_a_visit_is_replayed_on_both_interpreters_and_all_digests_are_equal(home, tmp_path):
    require("a micropython interpreter", micropython())
    visit(home, "lamp-1", -5)
    visit(home, "lamp-1", 0)
    home.quiet()
    line, text = visits(home)[0], io.StringIO()
    with served(home, tmp_path) as settings:
        assert replay_visit(home.ana, line, settings, Console(file=text, width=120))
    shown = text.getvalue()
    assert "All three are equal." in shown
    assert "brightness 35" in shown


def test_what_the_log_does_not_explain_is_said_and_is_no_success(home, tmp_path):
    require("a micropython interpreter", micropython())
    visit(home, "lamp-1", -5)
    visit(home, "lamp-1", 0)
    home.quiet()
    draft = home.hub.profiles.office.draft()
    for key, entry in list(draft.all(f"customer/{home.ana}", "log").items())[:2]:
        changed = entry | {"device": "lamp-9", "at_ms": 1 << 50}
        draft.put(f"customer/{home.ana}", "log", key, changed)
    draft.commit()
    text = io.StringIO()
    with served(home, tmp_path) as settings:
        assert not replay_visit(home.ana, visits(home)[0], settings, Console(file=text, width=120))
    assert "does not lead to what the device decided" in text.getvalue()


def test_what_the_hub_refuses_is_told_in_its_own_words(home, tmp_path):
    with served(home, tmp_path) as settings:
        with pytest.raises(HubError, match="no device 'lamp-9'"):
            ask(settings, "POST", "/api/devices/lamp-1/replace", {"by": "lamp-9"})
        moved = ask(settings, "POST", "/api/devices/lamp-1/replace", {"by": "lamp-2"})["moved"]
    assert moved == [home.ana]


def test_without_a_hub_or_its_key_it_is_said_what_to_do(tmp_path):
    with pytest.raises(HubError, match="RAPPORT_DATA"):
        ask(Settings(data=tmp_path), "GET", "/api/customers")
    (tmp_path / "staff.key").write_text(KEY)
    with pytest.raises(HubError, match="rapport hub"):
        ask(Settings(data=tmp_path, port=1), "GET", "/api/customers")
