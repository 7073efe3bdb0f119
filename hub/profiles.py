"""The hub's half of the relationship: who there is, what products know them, what they ask for.

    profiles = Profiles(store, products, clock, random)
    ana = profiles.welcome("Ana")
    profiles.link(ana, "lamp-0001")                  # from now on the lamp may recognise her
    profiles.wish(ana, "lamp", "brightness", 35, by="Sam (support)", reason="called")
    profiles.about(ana)["settings"]

Each call is one commit: kept as a whole when it returns, or it raises and nothing has changed.
Times are milliseconds since 1970; errors are those of hub/errors.py.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any

from hub import about, wishes
from hub.devices import MOST_PEOPLE, Device, register, registered
from hub.draft import Draft
from hub.errors import (
    AlreadyLinkedError,
    ConflictError,
    DeviceFullError,
    InvalidError,
    UnknownDeviceError,
    UnknownProductError,
)
from hub.keys import Random, credential, new_master, new_share
from hub.outbox import EVERYTHING, WORDS, Outbox, renew_keys
from hub.people import Customer, check_email, check_name, vault
from hub.products import Products
from hub.store import Store
from hub.timeline import entry, name_of
from protocol.presence import PHONE_ROTATION
from protocol.product import Product

_LONGEST_REASON = 200
_MOST_DEVICES = 64  # of one customer
_MOST_FOUND = 50

Clock = Callable[[], int]
Say = Callable[[str, str, bytes], None]
Changed = Callable[[str, str], None]


class Profiles:
    """say(device, kind, payload) reaches devices; changed("customer" or "device", id) pages."""

    def __init__(
        self,
        store: Store,
        products: Products,
        clock: Clock,
        random: Random,
        *,
        zone: tzinfo = UTC,
        say: Say = lambda device, kind, payload: None,
        changed: Changed = lambda kind, name: None,
    ) -> None:
        self.products = products
        self._store, self._clock, self._random = store, clock, random
        self._zone, self._say, self._changed = zone, say, changed

    # People

    def welcome(self, name: str, email: str | None = None) -> str:
        """Begin to remember a customer; their id."""
        name, email = check_name(name), check_email(email)
        draft, customer = Draft(self._store), "c-" + self._random(6).hex()
        profile = {
            "name": name,
            "email": email,
            "since_ms": self._clock(),
            "generation": 1,
            "master": new_master(self._random),
            "rotation": PHONE_ROTATION,
            "devices": {},
        }
        draft.put(vault(customer), "profile", "about", profile)
        welcomed = Customer(draft, customer)
        welcomed.keep()
        self._add(welcomed, "welcome", "Welcome: from here on something is remembered.")
        self._conclude(draft, customer)
        return customer

    def about(self, customer: str) -> dict[str, Any]:
        """Everything known of a customer: id, name, email, since_ms, and lists of dicts.

        devices: id, product, title, online, last_seen_ms, version, waiting (messages not confirmed)
        settings: product, setting, kind, unit, value, shown, source, author, at_ms, why,
            confidence_pct, times, of, frozen, stamp (for based_on), conflict, wish, and options or
            low, high, step
        use: product, title, visits, minutes, counters, corrections
        timeline: id, at_ms, time_trust, device, product, kind, text, details
        """
        draft = Draft(self._store)
        return about.about(draft, self.products, Customer(draft, customer), self.local_minutes())

    def timeline(
        self, customer: str, limit: int = 50, before: int | None = None
    ) -> list[dict[str, Any]]:
        """Up to `limit` entries older than the one with id `before`, newest first."""
        return about.timeline(Customer(Draft(self._store), customer), limit, before)

    def search(self, text: str = "") -> list[dict[str, Any]]:
        """[{id, name, email, since_ms, devices}] by part of a name, email or device; by name."""
        wanted, found = text.strip().lower(), []
        for customer, row in self._store.all("hub", "directory").items():
            words = (row["name"], row["email"] or "", customer, *row["devices"])
            if any(wanted in word.lower() for word in words):
                found.append({"id": customer} | row)
        return sorted(found, key=lambda row: (row["name"].lower(), row["id"]))[:_MOST_FOUND]

    def credential(self, customer: str) -> dict[str, Any]:
        """What the customer's own companion app is given; secret."""
        return credential(customer, Customer(Draft(self._store), customer).profile)

    def forget(self, customer: str) -> None:
        """Forget a customer here and at every device; the id is never used again."""
        draft = Draft(self._store)
        leaving = Customer(draft, customer)
        devices = sorted(leaving.devices)
        for device in devices:
            self._part(draft, leaving, device)
        leaving.forget()
        draft.put("hub", "forgotten", customer, {"at_ms": self._clock()})
        draft.commit()
        self._store.drop(vault(customer))
        self._announce(draft, customer, devices)

    def finish(self) -> None:
        """What a power cut may have interrupted: the vaults of the forgotten go."""
        there = set(self._store.vaults("customer/"))
        for customer in self._store.all("hub", "forgotten"):
            if vault(customer) in there:
                self._store.drop(vault(customer))

    # Devices

    def register(self, device: str, product: str, title: str | None = None) -> None:
        """A device of this product may now speak; said again, only its title may differ."""
        made = self._product(product)
        draft = Draft(self._store)
        register(draft, device, product, title or made.title, self._clock())
        draft.commit()
        self._changed("device", device)

    def list_devices(self) -> list[dict[str, Any]]:
        """[{id, product, title, registered_ms, online, last_seen_ms, version, waiting}]."""
        draft = Draft(self._store)
        return [about.device(draft, device) for device in self.device_names()]

    def device(self, device: str) -> dict[str, Any]:
        """The same of one device, with people: [{id, name}], totals and notes."""
        draft = Draft(self._store)
        self._registered(draft, device)
        return about.device_and_people(draft, device)

    def link(self, customer: str, device: str) -> None:
        """From now on the device may recognise the customer, and gets what is known of them."""
        draft = Draft(self._store)
        person, product = Customer(draft, customer), self._registered(draft, device)
        one = Device(draft, device)
        if device in person.devices:
            raise AlreadyLinkedError(person.name, device)
        if len(one.people()) >= MOST_PEOPLE:
            raise DeviceFullError(device, MOST_PEOPLE)
        if len(person.devices) >= _MOST_DEVICES:
            raise ConflictError(f"{person.name} has {_MOST_DEVICES} devices; that is the most.")
        share = new_share(self._random, self._clock() // 1000)
        person.devices[device] = share
        person.keep()
        one.know(share["subject"], customer)
        Outbox(draft, one).person(
            share["subject"], EVERYTHING, wishes.join(person, product, device)
        )
        self._add(person, "linked", f"{device} may recognise you from here on.", device, product)
        self._conclude(draft, customer, [device])

    def unlink(self, customer: str, device: str) -> None:
        """The device forgets the customer."""
        draft = Draft(self._store)
        person = Customer(draft, customer)
        if device not in person.devices:
            raise UnknownDeviceError(device)
        self._part(draft, person, device)
        wishes.leave(person, device)
        self._add(person, "unlinked", f"{device} forgets you.", device)
        self._conclude(draft, customer, [device])

    def refresh_keys(self, devices: Iterable[str]) -> None:
        """Give these devices the presence keys of a new period, where one has begun."""
        draft, now_ms = Draft(self._store), self._clock()
        renewed = [one for one in devices if renew_keys(draft, Device(draft, one), now_ms)]
        draft.commit()
        for device in renewed:
            self._say_waiting(draft, device)

    def device_names(self) -> list[str]:
        return list(self._store.all("hub", "devices"))

    # What people ask for

    def wish(
        self,
        customer: str,
        product: str,
        setting: str,
        value: Any,
        by: str,
        reason: str = "",
        based_on: str | None = None,
    ) -> int:
        """Ask for a value, at every device of this product; the number of the wish.

        value None lets go of what was asked. based_on: the `stamp` of the setting as it was seen;
        if something else stands by now, ConflictError and nothing is asked.
        """
        if len(reason) > _LONGEST_REASON:
            raise InvalidError("reason", f"reason: at most {_LONGEST_REASON} letters are wanted.")
        draft, made = Draft(self._store), self._product(product)
        person = Customer(draft, customer)
        devices = self._of_product(draft, person, product)
        asked = wishes.Asked(setting, value, by, reason, based_on, self._clock())
        number = wishes.wish(person, made, devices, asked)
        self._tell(draft, person, devices, [number])
        self._conclude(draft, customer, devices)
        return number

    def freeze(self, customer: str, product: str, setting: str, on: bool) -> None:
        """Pause learning of one setting, or go on with it."""
        draft, made = Draft(self._store), self._product(product)
        person = Customer(draft, customer)
        (index, of), use = wishes.find_setting(made, setting), person.use(product)
        (use.known.frozen.add if on else use.known.frozen.discard)(index)
        person.keep_use(product, use)
        text = "is no longer learned from use." if on else "is learned from use again."
        kind = "frozen" if on else "unfrozen"
        self._add(person, kind, f"{name_of(of).capitalize()} {text}", None, product)
        devices = self._of_product(draft, person, product)
        self._tell(draft, person, devices, [])
        self._conclude(draft, customer, devices)

    def local_minutes(self) -> int:
        """The time of day where the hub's customers live, in minutes after midnight."""
        local = datetime.fromtimestamp(self._clock() / 1000, self._zone)
        return local.hour * 60 + local.minute

    # Below: how

    def _product(self, name: str) -> Product:
        if name not in self.products:
            raise UnknownProductError(name, sorted(self.products))
        return self.products[name]

    def _registered(self, draft: Draft, device: str) -> str:
        document = registered(draft, device)
        if document is None:
            raise UnknownDeviceError(device)
        return document["product"]

    def _of_product(self, draft: Draft, person: Customer, product: str) -> list[str]:
        return [one for one in sorted(person.devices) if Device(draft, one).product == product]

    def _part(self, draft: Draft, person: Customer, device: str) -> None:
        share, one = person.devices.pop(device), Device(draft, device)
        person.keep()
        one.forget(share["subject"], self._clock())
        Outbox(draft, one).forget(share["subject"], person.generation)

    def _tell(self, draft: Draft, person: Customer, devices: list[str], numbers: list[int]) -> None:
        for device in devices:
            subject = person.devices[device]["subject"]
            Outbox(draft, Device(draft, device)).person(subject, [WORDS], numbers)

    def _add(self, person: Customer, kind: str, text: str, *where: str | None) -> None:
        """where: device, product."""
        person.timeline.add(entry(self._clock(), kind, text, *where))

    def _conclude(self, draft: Draft, customer: str, devices: Iterable[str] = ()) -> None:
        draft.commit()
        self._announce(draft, customer, devices)

    def _announce(self, draft: Draft, customer: str, devices: Iterable[str]) -> None:
        self._changed("customer", customer)
        for device in devices:
            self._changed("device", device)
            self._say_waiting(draft, device)

    def _say_waiting(self, draft: Draft, device: str) -> None:
        """Say what waits, if the device is there; else it asks when it is back."""
        one = Device(draft, device)
        if one.state["online"]:
            for said in Outbox(draft, one).messages(self._clock()):
                self._say(*said)
