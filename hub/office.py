"""What every act at the hub needs: a draft to begin with, and how it is concluded and announced."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo

from hub.devices.device import MOST_PEOPLE, Device, registered
from hub.devices.outbox import WORDS, Outbox
from hub.draft import Draft
from hub.errors import (
    ConflictError,
    DeviceFullError,
    UnknownDeviceError,
    UnknownProductError,
)
from hub.learning.carrying import renew
from hub.past.timeline import entry
from hub.people import circle
from hub.people.customer import Customer
from hub.people.keys import Random, new_share
from hub.products import Products
from hub.store import Store
from protocol.product import Product

MOST_DEVICES = 64  # of one customer

Clock = Callable[[], int]
Say = Callable[[str, str, bytes], None]
Changed = Callable[[str, str], None]


class Office:
    """clock gives ms since 1970, random(n) n bytes.

    say(device, kind, payload) reaches devices; changed("customer" or "device", id) pages.
    """

    def __init__(
        self,
        store: Store,
        products: Products,
        clock: Clock,
        random: Random,
        zone: tzinfo = UTC,
        say: Say = lambda device, kind, payload: None,
        changed: Changed = lambda kind, name: None,
    ) -> None:
        self.store, self.products, self.clock, self.random = store, products, clock, random
        self.say, self.changed, self._zone = say, changed, zone

    def draft(self) -> Draft:
        return Draft(self.store)

    def local_minutes(self) -> int:
        """The time of day where the hub's customers live, in minutes after midnight."""
        local = datetime.fromtimestamp(self.clock() / 1000, self._zone)
        return local.hour * 60 + local.minute

    def product(self, name: str) -> Product:
        if name not in self.products:
            raise UnknownProductError(name, sorted(self.products))
        return self.products[name]

    def registered(self, draft: Draft, device: str) -> str:
        """The name of a device's product."""
        document = registered(draft, device)
        if document is None:
            raise UnknownDeviceError(device)
        return document["product"]

    def devices_of(self, draft: Draft, person: Customer, product: str) -> list[str]:
        """The devices of a product that know this person, by any of their identities."""
        everyone = circle.members(draft, person)
        names = {name for member in everyone for name in member.devices}
        return [one for one in sorted(names) if Device(draft, one).product == product]

    def introduce(self, draft: Draft, person: Customer, device: str) -> str:
        """A device may recognise someone from here on; their subject there (hex)."""
        one = Device(draft, device)
        if len(one.people()) >= MOST_PEOPLE:
            raise DeviceFullError(device, MOST_PEOPLE)
        if len(person.devices) >= MOST_DEVICES:
            raise ConflictError(f"{person.name} has {MOST_DEVICES} devices; that is the most.")
        share = new_share(self.random, self.clock() // 1000)
        person.devices[device] = share
        person.keep()
        one.know(share["subject"], person.id)
        return share["subject"]

    def part(self, draft: Draft, person: Customer, device: str, receipt: str = "") -> None:
        """The device forgets this identity. receipt: what waits for it (privacy/receipt.py)."""
        share, one = person.devices.pop(device), Device(draft, device)
        person.keep()
        one.forget(share["subject"], self.clock(), receipt)
        Outbox(draft, one).forget(share["subject"], person.generation)

    def tell(
        self,
        draft: Draft,
        person: Customer,
        devices: Iterable[str],
        due: Iterable[str] = (WORDS,),
        wishes: Iterable[int] = (),
    ) -> None:
        """Something new of a person, for these devices, whichever of their phones comes."""
        for device in devices:
            for member in circle.members(draft, person):
                if device in member.devices:
                    numbers = wishes if member.id == person.id else ()
                    subject = member.devices[device]["subject"]
                    Outbox(draft, Device(draft, device)).person(subject, due, numbers)

    def add(self, person: Customer, kind: str, text: str, *where: str | None) -> None:
        """A line in their timeline. where: device, product."""
        person.timeline.add(entry(self.clock(), kind, text, *where))

    def conclude(self, draft: Draft, people: Iterable[str], devices: Iterable[str] = ()) -> None:
        people, told = list(people), set(devices)
        for customer in people:
            told |= set(renew(draft, Customer(draft, customer), self.products, self.clock()))
        draft.commit()
        self.announce(draft, people, sorted(told))

    def announce(self, draft: Draft, people: Iterable[str], devices: Iterable[str]) -> None:
        for customer in people:
            self.changed("customer", customer)
        for device in devices:
            self.changed("device", device)
            self.say_waiting(draft, device)

    def say_waiting(self, draft: Draft, device: str) -> None:
        """Say what waits, if the device is there; else it asks when it is back."""
        one = Device(draft, device)
        if one.state["online"]:
            for said in Outbox(draft, one).messages(self.clock()):
                self.say(*said)
