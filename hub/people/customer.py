"""A customer's vault as a draft sees it: who they are, how they use each product, what happened."""

import re

from hub.draft import Draft
from hub.errors import InvalidError, UnknownCustomerError
from hub.past.history import History
from hub.past.use import Use, write_use
from hub.people.directory import CUSTOMER, place
from hub.ring import Ring
from hub.store import Document
from protocol.decision import Carried

MOST_EVENTS = 1000  # of a customer's timeline; older ones live on in the totals
MOST_WISHES = 200
MOST_CONSENTS = 1000

_LONGEST_NAME, _LONGEST_EMAIL = 80, 254
_ID = re.compile(r"c-[0-9a-f]{12}")


def vault(customer: str) -> str:
    return f"customer/{customer}"


class Customer:
    """One customer; UnknownCustomerError for nobody. Change `profile`, then `keep` it.

    profile: name, email, since_ms, generation, master (hex), rotation, devices: {device: {subject
    (hex), ticket (hex), epoch}}; and, where there is any: audit (hex, see hub/access/audit.py),
    used (products), linked (see circle.py), proof (see identities.py), consents (see consent.py).
    """

    def __init__(self, draft: Draft, customer: str) -> None:
        profile = (
            draft.get(vault(customer), "profile", "about") if _ID.fullmatch(customer) else None
        )
        if profile is None:
            raise UnknownCustomerError(customer)
        self.id = customer
        self.profile = profile
        self._draft, self._vault = draft, vault(customer)
        self.timeline = Ring(draft, self._vault, "events", MOST_EVENTS)
        self.wishes = Ring(draft, self._vault, "wishes", MOST_WISHES)
        self.consents = Ring(draft, self._vault, "consents", MOST_CONSENTS)
        self.history = History(draft, self._vault)

    @property
    def name(self) -> str:
        return self.profile["name"]

    @property
    def generation(self) -> int:
        return self.profile["generation"]

    @property
    def devices(self) -> Document:
        return self.profile["devices"]

    def keep(self) -> None:
        """The profile, and the row by which it is listed and found."""
        self._draft.put(self._vault, "profile", "about", self.profile)
        row = {name: self.profile[name] for name in ("name", "email", "since_ms")}
        self._draft.put(*place(CUSTOMER, self.id), row | {"devices": sorted(self.devices)})

    def use_of(self, product: str) -> Document | None:
        """Their own use of a product, as it was folded last (see hub/past/record.py)."""
        return self._draft.get(self._vault, "use", product)

    def keep_use(self, product: str, use: Use) -> None:
        self._draft.put(self._vault, "use", product, write_use(use))
        used = self.used()
        if product not in used:
            self.profile["used"] = sorted([*used, product])
            self.keep()

    def forget_use(self, product: str) -> None:
        """Nothing is known of their use of a product any more."""
        self.profile["used"] = [name for name in self.used() if name != product]
        self.keep()
        self._draft.remove(self._vault, "use", product)
        self.history.forget(product)

    def carried(self, product: str) -> dict[int, Carried]:
        """What their other products say of this one (see hub/learning/carrying.py)."""
        kept = self._draft.get(self._vault, "carried", product) or {}
        return {int(index): Carried(*fields) for index, fields in kept.items()}

    def keep_carried(self, product: str, carried: dict[int, Carried]) -> None:
        fields = {str(index): list(one) for index, one in carried.items()}
        self._draft.put(self._vault, "carried", product, fields)

    def used(self) -> list[str]:
        """The names of the products of which something is known."""
        if "used" not in self.profile:  # kept before there was such a list
            self.profile["used"] = list(self._draft.all(self._vault, "use"))
        return list(self.profile["used"])

    def forget(self) -> None:
        """From this commit on there is no such customer; the vault remains to be dropped."""
        self._draft.remove(self._vault, "profile", "about")
        self._draft.remove(*place(CUSTOMER, self.id))


def check_name(name: str) -> str:
    """The name without spaces around it; InvalidError for what is none."""
    name = name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise InvalidError("name", f"name: 1 to {_LONGEST_NAME} letters are wanted.")
    return name


def check_email(email: str | None) -> str | None:
    """The address, or None for an empty one; InvalidError for what is none."""
    email = (email or "").strip()
    if not email:
        return None
    local, at, domain = email.partition("@")
    if not (local and at and domain) or len(email) > _LONGEST_EMAIL or not email.isprintable():
        raise InvalidError("email", f"email: {email[:40]!r} is no address like ana@example.org.")
    return email
