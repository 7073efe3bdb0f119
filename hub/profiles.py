"""The hub's half of the relationship: who there is, what products know them, what they ask for.

    profiles = Profiles(Office(store, products, clock, random))
    ana = profiles.welcome("Ana")
    profiles.link(ana, "lamp-0001")                  # from now on the lamp may recognise her
    profiles.wish(ana, "lamp", "brightness", 35, by="Sam (support)", reason="called")
    profiles.about(ana)["settings"]

Each call is one commit: kept as a whole when it returns, or it raises and nothing has changed.
Times are milliseconds since 1970; errors are those of hub/errors.py.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from hub import about
from hub.devices.device import Device, register
from hub.devices.outbox import EVERYTHING, Outbox, renew_keys
from hub.errors import (
    AlreadyLinkedError,
    InvalidError,
    UnknownDeviceError,
    UnknownWishError,
)
from hub.learning import norms
from hub.learning.rules import Ruling, rule
from hub.office import Office
from hub.past.record import compact
from hub.people import circle, wishes
from hub.people.bulletin import bulletins
from hub.people.customer import MOST_WISHES, Customer, check_email, check_name, vault
from hub.people.directory import CUSTOMER, Directory, move_in, place
from hub.people.keys import credential, new_audit_key, new_master
from hub.privacy.erasure import erase, finish
from protocol import topics, window
from protocol.messages import encode
from protocol.presence import PHONE_ROTATION

_LONGEST_REASON = 200
_MOST_FOUND = 50
_MOST_LISTED = 200


class Profiles:
    def __init__(self, office: Office) -> None:
        self.office, self.products = office, office.products
        self._store, self._clock, self._random = office.store, office.clock, office.random
        self._directory = Directory(office.store)

    # People

    def welcome(self, name: str, email: str | None = None) -> str:
        """Begin to remember a customer; their id."""
        name, email = check_name(name), check_email(email)
        draft, customer = self.office.draft(), "c-" + self._random(6).hex()
        profile = {
            "name": name,
            "email": email,
            "since_ms": self._clock(),
            "generation": 1,
            "master": new_master(self._random),
            "rotation": PHONE_ROTATION,
            "devices": {},
            "audit": new_audit_key(self._random),
        }
        draft.put(vault(customer), "profile", "about", profile)
        welcomed = Customer(draft, customer)
        welcomed.keep()
        self.office.add(welcomed, "welcome", "Welcome: from here on something is remembered.")
        self.office.conclude(draft, [customer])
        return customer

    def about(self, customer: str) -> dict[str, Any]:
        """Everything known of a customer: id, name, email, since_ms, and lists of dicts.

        devices: id, product, title, online, last_seen_ms, version, waiting (messages not confirmed)
        settings: product, setting, kind, unit, value, shown, source, author, at_ms, why,
            confidence_pct, times, of, frozen, stamp (for based_on), conflict, wish, had (its values
            in order: [{text, times}] of the last visits), here (which of them now), and options or
            low, high, step
        use: product, title, visits, minutes, counters, corrections
        timeline: id, at_ms, time_trust, device, product, kind, text, details
        """
        draft = self.office.draft()
        return about.about(draft, self.products, Customer(draft, customer), self.local_minutes())

    def by_time(self, customer: str, product: str) -> list[dict[str, Any]]:
        """The settings of a product at each time of day, with `daypart`, as in `about`."""
        draft, made = self.office.draft(), self.office.product(product)
        return about.by_time(draft, Customer(draft, customer), made)

    def timeline(
        self, customer: str, limit: int = 50, before: int | None = None
    ) -> list[dict[str, Any]]:
        """Up to `limit` entries older than the one with id `before`, newest first."""
        return about.timeline(Customer(self.office.draft(), customer), limit, before)

    def search(self, text: str = "") -> list[dict[str, Any]]:
        """[{id, name, email, since_ms, devices}] by part of a name, email or device; by name."""
        found = []
        for customer in self._directory.customers(text, _MOST_FOUND):
            if row := self._store.get(*place(CUSTOMER, customer)):
                found.append({"id": customer} | row)
        return found

    def credential(self, customer: str) -> dict[str, Any]:
        """What the customer's own companion app is given; secret."""
        draft, office = self.office.draft(), self.office
        secrets = credential(customer, Customer(draft, customer).profile)
        devices = secrets["devices"]
        for name, sealed in bulletins(draft, devices, office.clock(), office.random).items():
            devices[name]["bulletin"] = sealed.hex()
        return secrets

    def forget(self, customer: str) -> None:
        """Forget a customer, all their identities, here and at every device; no id returns."""
        erase(self.office, customer)

    def finish(self) -> None:
        """What a power cut may have interrupted: the vaults of the forgotten go."""
        move_in(self._store)
        finish(self.office, self._directory)

    # Devices

    def register(self, device: str, product: str, title: str | None = None) -> None:
        """A device of this product may now speak; said again, only its title may differ."""
        made = self.office.product(product)
        draft = self.office.draft()
        register(draft, device, product, title or made.title, self._clock())
        draft.commit()
        self.office.changed("device", device)

    def list_devices(self, text: str = "", most: int = _MOST_LISTED) -> list[dict[str, Any]]:
        """[{id, product, title, registered_ms, online, last_seen_ms, version, waiting, ...}].

        In the order of ids, by part of an id, title or product; `most` of them.
        """
        draft = self.office.draft()
        found = self._directory.devices(text, most)
        return [about.device(draft, device) for device in found]

    def device(self, device: str) -> dict[str, Any]:
        """The same of one device, with people: [{id, name}], totals and notes."""
        draft = self.office.draft()
        self.office.registered(draft, device)
        return about.device_and_people(draft, device)

    def link(
        self, customer: str, device: str, role: str = "user", until_ms: int | None = None
    ) -> None:
        """From now on the device may recognise the customer, and gets what is known of them.

        role: a name of keys.ROLES; until_ms: when a guest's pass ends.
        """
        draft = self.office.draft()
        person, product = Customer(draft, customer), self.office.registered(draft, device)
        if device in person.devices:
            raise AlreadyLinkedError(person.name, device)
        everyone = circle.members(draft, person)
        for member in everyone:
            if device in member.devices:
                continue
            subject = self.office.introduce(draft, member, device)
            right = {"role": role} | ({} if until_ms is None else {"until_ms": until_ms})
            member.devices[device].update(right)
            joined = wishes.join(member, product, device)
            Outbox(draft, Device(draft, device)).person(subject, EVERYTHING, joined)
            if member.id != customer:
                member.devices[device]["by"] = customer
        text = f"{device} may recognise you from here on."
        self.office.add(person, "linked", text, device, product)
        self.office.conclude(draft, [member.id for member in everyone], [device])

    def unlink(self, customer: str, device: str) -> None:
        """The device forgets the customer."""
        draft = self.office.draft()
        person = Customer(draft, customer)
        if device not in person.devices:
            raise UnknownDeviceError(device)
        everyone = circle.members(draft, person)
        for member in everyone:
            if device in member.devices:
                self.office.part(draft, member, device)
                wishes.leave(member, device)
        self.office.add(person, "unlinked", f"{device} forgets you.", device)
        self.office.conclude(draft, [member.id for member in everyone], [device])

    def refresh_keys(self, devices: Iterable[str]) -> None:
        """Give these devices the presence keys of a new period, where one has begun."""
        draft, now_ms = self.office.draft(), self._clock()
        renewed = [one for one in devices if renew_keys(draft, Device(draft, one), now_ms)]
        draft.commit()
        for device in renewed:
            self.office.say_waiting(draft, device)

    def device_names(self, most: int | None = None) -> list[str]:
        """All that are registered, in order; or the first `most` of them."""
        return self._directory.all_devices(most)

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
        own: bool = False,
    ) -> int:
        """Ask for a value, at every device of this product; the number of the wish.

        value None lets go of what was asked. based_on: the `stamp` of the setting as it was seen;
        if something else stands by now, ConflictError and nothing is asked. own: the customer asks
        themselves: what a hand had set before, unseen, gives way to it (see hub/past/again.py).
        """
        if len(reason) > _LONGEST_REASON:
            raise InvalidError("reason", f"reason: at most {_LONGEST_REASON} letters are wanted.")
        draft, made = self.office.draft(), self.office.product(product)
        person = Customer(draft, customer)
        devices = self.office.devices_of(draft, person, product)
        asked = wishes.Asked(setting, value, by, reason, based_on, self._clock(), own)
        number = wishes.wish(draft, person, made, devices, asked)
        self.office.tell(draft, person, devices, wishes=[number])
        self.office.conclude(draft, [customer], devices)
        self.office.changed(*wishes.news(person, number))
        return number

    def wished(self, customer: str, number: int) -> dict[str, Any]:
        """A wish and what became of it: id, state, product, setting, value, by, ..., devices."""
        made = Customer(self.office.draft(), customer).wishes.get(number)
        if made is None:
            raise UnknownWishError(number)
        return wishes.shown_wish(number, made)

    def wishes(self, customer: str) -> list[dict[str, Any]]:
        """Everything that was asked for and what became of it, as in `wished`, the newest first."""
        draft = self.office.draft()
        everyone = circle.members(draft, Customer(draft, customer))
        found = [
            wishes.shown_wish(number, made)
            for member in everyone
            for number, made in member.wishes.newest(MOST_WISHES)
        ]
        return sorted(found, key=lambda wish: wish["at_ms"], reverse=True)

    def rule(
        self, customer: str, product: str, setting: str, kind: str, by: str = "support"
    ) -> None:
        """Decide about the learning of a setting; kind: a name of protocol.rules.RULE_NAMES."""
        draft, made = self.office.draft(), self.office.product(product)
        person, daypart = Customer(draft, customer), window.daypart(self.local_minutes())
        rule(draft, person, made, Ruling(setting, kind, by, self._clock(), daypart))
        if kind == "forget":  # nor is it in what could be undone
            compact(person, self.products, person.history.last)
        devices = self.office.devices_of(draft, person, product)
        self.office.tell(draft, person, devices)
        self.office.conclude(draft, [customer], devices)

    def begin_with(self, product: str, made: Mapping[int, norms.Norm]) -> None:
        """Let everybody's learning of a product begin so, at all its devices: learning/norms.py."""
        draft = self.office.draft()
        norms.keep(draft, self.office.product(product).name, made)
        told = norms.message(draft, product)
        draft.commit()
        for device in self.device_names():
            one = Device(draft, device)
            if told and one.state["online"] and one.product == product:
                self.office.say(device, topics.DEFAULTS, encode(told))

    def local_minutes(self) -> int:
        """The time of day where the hub's customers live, in minutes after midnight."""
        return self.office.local_minutes()
