"""A firm with a hub and a clock to be put forward, and Ana with an espresso machine."""

import asyncio
import random
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi.testclient import TestClient

from hub import products
from hub.access.door import Access
from hub.api.parts import Parts
from hub.app import create_app
from hub.link import Message
from hub.link.memory import MemoryLink
from hub.relation import offering
from hub.store.memory import MemoryStore
from protocol import chain, events, messages, topics
from protocol.events import EXACT, TOTALS, VISIT, Event, encode_event
from protocol.messages import Events, Hello
from tests.hub.living import Dice

FOLDER = Path(__file__).resolve().parents[2] / "firmware" / "products"
PRODUCTS = products.load([FOLDER])
BERLIN = ZoneInfo("Europe/Berlin")
KEY = "the-staff-key"
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
STREAM, BOOT = b"stream-1", b"boot"


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp() * 1000)


def connected() -> MemoryLink:
    link = MemoryLink()
    asyncio.run(link.open(lambda batch: None))
    return link


class Firm:
    """It begins on a Monday at noon."""

    def __init__(self, hooks=(), store=None, now_ms=None, link=None) -> None:
        self.now_ms = now_ms or at("2026-11-02 12:00")
        self.store, self.link = store or MemoryStore(), link or connected()
        dice = Dice() if store is None else random.Random(now_ms).randbytes
        self.parts = Parts(
            store=self.store,
            link=self.link,
            products=PRODUCTS,
            offerings=offering.load([FOLDER], PRODUCTS),
            hooks=tuple(hooks),
            clock=lambda: self.now_ms,
            random=dice,
            access=Access(KEY, lambda: self.now_ms, dice),
            zone=BERLIN,
        )

    def staff(self) -> TestClient:
        """Has to be entered, so that the application runs."""
        app = create_app(self.parts)
        return TestClient(app, headers={"Authorization": f"Bearer {KEY}"})

    def welcome(self, name="Ana", *devices, role="owner") -> str:
        customer = self.parts.profiles.welcome(name)
        for device in devices:
            self.parts.profiles.register(device, "espresso")
            self.parts.profiles.link(customer, device, role)
        return customer

    def agree(self, customer, yes=True) -> None:
        self.parts.consents.say(customer, "service", yes, "Ana")

    def go(self, **span) -> None:
        self.now_ms += span.pop("days", 0) * DAY_MS + span.pop("hours", 0) * HOUR_MS
        self.now_ms += span.pop("minutes", 0) * MINUTE_MS
        assert not span


class Machine:
    """As much of an espresso machine as counts cups."""

    def __init__(self, firm: Firm, device="esp-1") -> None:
        self.firm, self.device, self.number, self.total = firm, device, 0, 0
        hello = Hello("espresso", 1, STREAM, BOOT, 1, chain.start(STREAM), 0, 0, None, None)
        self.say(topics.HELLO, hello)

    def say(self, kind, message) -> None:
        self.firm.parts.ingest.heard([Message(self.device, kind, messages.encode(message))])

    def event(self, kind, body, subject=None) -> None:
        self.number += 1
        uid = BOOT + self.number.to_bytes(4, "big")
        stamp = (self.firm.now_ms, self.number)
        event = Event(kind, uid, stamp, EXACT, 1000, subject, self.number, body)
        self.say(topics.EVENTS, Events(STREAM, self.number, [(chain.EVENT, encode_event(event))]))

    def brew(self, customer, cups=2) -> None:
        """A visit; with cups the way they are, nothing corrected."""
        credential = self.firm.parts.profiles.credential(customer)
        subject = bytes.fromhex(credential["devices"][self.device]["subject"])
        values = ((0, 1, events.DEFAULT, 1), (1, 40, events.DEFAULT, 40))
        self.total += cups
        self.event(VISIT, (1, 60, values, ((0, cups), (1, cups))), subject)

    def brew_for_strangers(self, cups) -> None:
        self.total += cups
        self.event(TOTALS, ((0, self.total), (1, self.total)))

    def descale(self) -> None:
        self.total = 0
        self.event(TOTALS, ((0, 1000), (1, 0)))

    def weekdays(self, customer, days, cups=8) -> None:
        """Days go by: so many cups a day, none on Saturdays and Sundays."""
        for _ in range(days):
            if datetime.fromtimestamp(self.firm.now_ms / 1000, BERLIN).weekday() < 5:
                self.brew(customer, cups)
            self.firm.go(days=1)


def brewing(*hooks):
    """Ana has agreed, and her machine has brewed 192 cups."""
    firm = Firm(hooks)
    ana = firm.welcome("Ana", "esp-1")
    machine = Machine(firm)
    firm.agree(ana)
    machine.weekdays(ana, 33, cups=8)  # to a Saturday noon
    machine.brew_for_strangers(192 - machine.total)
    return firm, ana, machine


def carry(firm):
    return asyncio.run(firm.parts.carrier.carry())
