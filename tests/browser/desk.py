"""A whole hub on 127.0.0.1, with devices that live beside it, for a browser to look at.

The hub runs in a thread of its own; whatever touches it does so there, through `do`.
"""

import asyncio
import struct
import threading
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Page, expect

from hub import products
from hub.access.door import Access
from hub.api.parts import Parts
from hub.app import create_app
from hub.link import Message
from hub.link.memory import MemoryLink
from hub.relation import offering
from hub.store import Put
from hub.store.memory import MemoryStore
from protocol import chain, events, topics
from protocol.decision import digest
from protocol.events import VISIT
from protocol.product import read_product
from tests.browser.report import of_a_fleet
from tests.hub.living import LAMP, NOON_MS, Dice, Unit

_SHIPPED = Path(__file__).parents[2] / "firmware" / "products"
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_MORNING = 1  # the daypart
_LEAVES_MS = 7 * _HOUR_MS + 51 * 60_000  # in a day; the visit began 20 minutes before

BLIND = read_product(
    {
        "product": "blind",
        "title": "Window blind",
        "settings": [
            {"kind": "time", "name": "opens_at", "start": "07:00"},
            {"kind": "switch", "name": "follow_sun"},
            {"kind": "colour", "name": "edge_light", "palette": ["#ffb066", "#6aa8ff"]},
        ],
    }
)


class Desk:
    """The hub of these tests. Of it, `said`, `hear` and `now_ms` are what a Unit needs."""

    def __init__(self) -> None:
        dice = Dice()
        self.now_ms = NOON_MS
        self.link = MemoryLink()
        known = products.load([_SHIPPED]) | {"lamp": LAMP, "blind": BLIND}
        self.parts = Parts(
            store=MemoryStore(),
            link=self.link,
            products=known,
            offerings=offering.load([_SHIPPED], known),
            clock=lambda: self.now_ms,
            random=dice,
            access=Access("the-staff-key", lambda: self.now_ms, dice),
            zone=UTC,
        )
        self.profiles = self.parts.profiles
        config = uvicorn.Config(create_app(self.parts), port=0, log_level="warning", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Desk":
        self._loop = asyncio.new_event_loop()
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the hub did not start")
            self._thread.join(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *error: object) -> None:
        self.do(self.parts.changed.close)
        self._server.should_exit = True
        self._thread.join(10)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve())

    def do(self, act: Callable[[], Any]) -> Any:
        """Do this in the hub's thread; what it returns."""

        async def acted() -> Any:
            return act()

        return asyncio.run_coroutine_threadsafe(acted(), self._loop).result(10)

    def way_in(self) -> str:
        return f"{self.url}/start/{self.do(self.parts.access.link)}"

    # What a Unit needs of its hub

    @property
    def said(self) -> list[Message]:
        return self.link.said

    def hear(self, *batch: Message) -> list[Message]:
        for message in batch:
            self.link.deliver(*message)
        return []


class Home:
    """Ana, Ben and what they have: a lamp that learned, a full lamp, a machine to be descaled."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.do(self._furnish)

    def _furnish(self) -> None:
        desk, profiles = self.desk, self.desk.profiles
        desk.now_ms = NOON_MS - 9 * 24 * _HOUR_MS
        for device, product, title in (
            ("lamp-1", "lamp", "Reading lamp"),
            ("lamp-2", "lamp", "Lamp upstairs"),
            ("espresso-1", "espresso", None),
            ("blind-1", "blind", None),
            ("lamp-9", "lamp", None),
        ):
            profiles.register(device, product, title)
        self.ana = profiles.welcome("Ana Oliveira", "ana@example.org")
        self.ben = profiles.welcome("Ben Ng")
        for device in ("lamp-1", "lamp-2", "espresso-1", "blind-1"):
            profiles.link(self.ana, device, "owner")
        profiles.link(self.ben, "espresso-1")
        self.lamp, self.machine = Unit(desk, "lamp-1"), Unit(desk, "espresso-1")
        self.lamp.hello()
        self.lamp.listen()
        self.machine.hello(product="espresso")
        self._use_the_lamp()
        self._use_the_machine()
        desk.now_ms = max(desk.now_ms, NOON_MS)

    def _use_the_lamp(self) -> None:
        ana, applied = self.subject("lamp-1"), 60
        for visit, code in enumerate((35, 35, 40, 35, 30, *[35] * 7)):
            mood = 0 if visit in (0, 2, 3) else 1  # what the lamp chose; Ana wants the other
            if code != applied:
                self.lamp.adjust(ana, 0, code, applied)
            values = ((0, code, events.DEFAULT, applied), (1, 1, events.DEFAULT, mood))
            self.lamp.close(ana, values, 1500 + 60 * visit)
            applied = 35 if visit else 60
            self.desk.now_ms += 16 * _HOUR_MS
        self.lamp.send()
        self.lamp.listen()

    def _use_the_machine(self) -> None:
        ana, at = self.subject("espresso-1"), self.machine
        for cups in (40, 60, 88):
            values = ((0, 2, events.DEFAULT, 1), (1, 40, events.DEFAULT, 40))
            at.event(VISIT, (1, 300, values, ((0, cups), (1, cups))), ana)
            at.visit += 1
        at.event(events.TOTALS, ((0, 1204), (1, 188)))
        lost = struct.pack(chain.GAP_FORMAT, 120, 187, chain.OVERFLOW)
        at.records.append((chain.GAP, lost))
        at.send()
        self.desk.link.deliver("espresso-1", topics.ONLINE, b"0")

    def subject(self, device: str) -> bytes:
        secrets = self.desk.profiles.credential(self.ana)["devices"]
        return bytes.fromhex(secrets[device]["subject"])

    def come_again(self, visits: int) -> None:
        """Ana has the lamp as it is, so many times."""

        def came() -> None:
            ana, usual = self.subject("lamp-1"), (0, 35, events.LEARNED, 35)
            for _ in range(visits):
                self.lamp.close(ana, (usual,), 1500)
            self.lamp.send()

        self.desk.do(came)

    def make_it_lively(self) -> None:
        """Wishes on their way, learning that is paused, a setting changed in two places."""

        def made() -> None:
            profiles = self.desk.profiles
            profiles.wish(self.ana, "lamp", "mood", "calm", "Sam", "Ana called: too bright to read")
            profiles.wish(self.ana, "blind", "opens_at", "07:30", "Sam")
            profiles.rule(self.ana, "lamp", "night_light", "paused")
            self.lamp.adjust(self.subject("lamp-1"), 1, 1, 0)
            self.lamp.send(len(self.lamp.records))

        self.desk.do(made)

    @property
    def visit(self) -> int:
        """The line of Ana's timeline that tells of her first visit at the lamp."""
        lines = self.desk.profiles.timeline(self.ana, 1000)
        return min(one["id"] for one in lines if one["kind"] == "visit")

    def reckon(self) -> None:
        """What the manufacturer sees of many lamps."""
        put = Put("hub", "insight", "lamp", of_a_fleet(120))
        self.desk.do(lambda: self.desk.parts.store.commit([put]))

    def come_in_the_morning(self) -> None:
        """Ana is at the lamp this morning at 7:31, for 20 minutes: it decides by what it knows."""

        def came() -> None:
            ana, desk, noon_ms = self.subject("lamp-1"), self.desk, self.desk.now_ms
            self.lamp.listen()
            decided = self.lamp.known[ana].decide(LAMP.settings, _MORNING)
            values = tuple((at, one.code, one.source, one.code) for at, one in enumerate(decided))
            desk.now_ms = noon_ms // _DAY_MS * _DAY_MS + _LEAVES_MS
            body = (_MORNING, 1200, values, (), (), digest(decided, _MORNING), _MORNING)
            self.lamp.event(VISIT, body, ana)
            self.lamp.visit += 1
            desk.now_ms = noon_ms
            self.lamp.send(len(self.lamp.records))

        self.desk.do(came)

    def turn(self, code: int, before: int) -> None:
        """Ana turns the lamp's knob, now."""

        def turned() -> None:
            self.lamp.adjust(self.subject("lamp-1"), 0, code, before)
            self.lamp.send(len(self.lamp.records))

        self.desk.do(turned)

    def lamp_listens(self) -> None:
        """The lamp takes what the hub said, confirms it and answers."""

        def heard() -> None:
            first = len(self.lamp.records) + 1
            self.lamp.listen()
            self.lamp.send(first)

        self.desk.do(heard)


def listening(page: Page) -> None:
    """Until the page hears of changes."""
    expect(page.locator("#live")).to_be_visible()


def tab_to(page: Page, selector: str, most: int) -> None:
    """Get there with at most so many presses of Tab."""
    page.wait_for_load_state()
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.locator(selector).evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")
