"""Who may do what at a device: its owner, who lives with it, who is there for a day.

    household.invite("c-7f3a", "lmp-000123", "c-09be", "guest", hours=6)
    household.dismiss("c-7f3a", "lmp-000123", "c-09be")

Owner: invites and dismisses, may reset the device in a session. User: is recognised, and may leave.
Guest: the same for at most a day, then the device and the hub forget it by themselves.
"""

from typing import Any

from hub.devices.device import Device
from hub.devices.outbox import KEYS, Outbox
from hub.draft import Draft
from hub.errors import ConflictError, InvalidError, UnknownCustomerError, UnknownDeviceError
from hub.office import Office
from hub.people import circle
from hub.people.customer import Customer
from hub.people.keys import LONGEST_PASS_H, by_hand, role
from hub.profiles import Profiles
from hub.store import Document

_HOUR_MS = 3_600_000
_PASSES = "passes"  # by when they end


class Household:
    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles
        self._office: Office = profiles.office

    def members(self, device: str) -> list[dict[str, Any]]:
        """[{id, name, role, until_ms, by_hand}] of who is known there.

        until_ms is None but for guests; by_hand: may be chosen at the device, without a phone.
        """
        draft = self._office.draft()
        self._office.registered(draft, device)
        people = [Customer(draft, name) for name in Device(draft, device).people().values()]
        shares = [(person, person.devices[device]) for person in people]
        return [
            {
                "id": one.id,
                "name": one.name,
                "role": role(share),
                "until_ms": share.get("until_ms"),
                "by_hand": by_hand(share),
            }
            for one, share in sorted(shares, key=lambda pair: pair[0].id)
        ]

    def invite(
        self, by: str, device: str, customer: str, as_role: str = "user", hours: int = 0
    ) -> None:
        """The owner lets a device know somebody; hours: of a guest, 1 to 24."""
        self._check_owner(by, device)
        if as_role not in ("user", "guest"):
            raise InvalidError("role", "role: user or guest; a device has one owner.")
        if as_role == "guest" and not 1 <= hours <= LONGEST_PASS_H:
            raise InvalidError("hours", f"hours: 1 to {LONGEST_PASS_H} are wanted for a guest.")
        until_ms = self._office.clock() + hours * _HOUR_MS if as_role == "guest" else None
        if until_ms:
            draft = self._office.draft()
            row = {"device": device, "customer": customer, "until_ms": until_ms}
            draft.put("hub", _PASSES, f"{until_ms:015} {device} {customer}", row)
            draft.commit()
        self._profiles.link(customer, device, as_role, until_ms)

    def dismiss(self, by: str, device: str, customer: str) -> None:
        """The owner sends somebody away, or somebody leaves by themselves."""
        if by != customer:
            self._check_owner(by, device)
        if self._role(self._office.draft(), device, customer) == "owner":
            raise ConflictError("An owner leaves by resetting the device: it is nobody's then.")
        self._profiles.unlink(customer, device)

    def choosable(self, by: str, device: str, customer: str, yes: bool) -> None:
        """May somebody be chosen at the device by hand? They say so themselves, or its owner."""
        if by != customer:
            self._check_owner(by, device)
        draft = self._office.draft()
        if self._role(draft, device, customer) == "guest":
            raise ConflictError("A guest is only known by their phone.")
        everyone = circle.members(draft, Customer(draft, customer))
        for member in (one for one in everyone if device in one.devices):
            share = member.devices[device]
            share["by_hand"] = yes
            member.keep()
            Outbox(draft, Device(draft, device)).person(share["subject"], [KEYS])
        self._office.conclude(draft, [customer], [device])

    def end_passes(self) -> None:
        """Guests whose time is over are forgotten."""
        now_ms = self._office.clock()
        for key, row in self._office.store.all("hub", _PASSES).items():
            if row["until_ms"] > now_ms:
                return
            self._end(row)
            draft = self._office.draft()
            draft.remove("hub", _PASSES, key)
            draft.commit()

    def _end(self, row: Document) -> None:
        try:
            share = Customer(self._office.draft(), row["customer"]).devices.get(row["device"])
        except UnknownCustomerError:
            return  # forgotten altogether
        if share and share.get("until_ms") == row["until_ms"]:
            self._profiles.unlink(row["customer"], row["device"])

    def _check_owner(self, by: str, device: str) -> None:
        if self._role(self._office.draft(), device, by) != "owner":
            raise ConflictError(f"Only the owner of {device} may do that.")

    def _role(self, draft: Draft, device: str, customer: str) -> str:
        share = Customer(draft, customer).devices.get(device)
        if share is None:
            raise UnknownDeviceError(device)
        return role(share)
