"""Erases people for good, and tells them what became of every copy.

erasures = Erasures(office)
receipt = erasures.begin(ana, by="Ana")
erasures.receipt(receipt)                 # signed; until the last device confirmed it is open
"""

from typing import Any

from hub.access.signing import fingerprint, private_key, public, sign
from hub.errors import UnknownError
from hub.office import Office
from hub.privacy import receipt as receipts
from hub.privacy.erasure import erase


class Erasures:
    """own_broker: the broker is the hub's own, so that nothing waits in it that can be read."""

    def __init__(self, office: Office, own_broker: bool = True) -> None:
        self._office, self._own_broker = office, own_broker

    def begin(self, customer: str, by: str) -> str:
        """Erase a customer with all their identities; the id of the receipt, unguessable.

        by: who asked, as people read it; kept only as whether it was the person themselves.
        """
        return erase(self._office, customer, by, self._own_broker)

    def receipt(self, receipt: str) -> dict[str, Any]:
        """It as of now, signed: what hub/privacy/receipt.py shows, with key and signature."""
        document = self._office.draft().get(*receipts.place(receipts.digest(receipt)))
        if document is None:
            raise UnknownError("There is no such receipt: look at its link again.")
        shown = receipts.shown(receipt, document, self._office.clock())
        return sign(private_key(self._office.store, self._office.random), shown)

    def key(self) -> dict[str, str]:
        """By what key receipts are signed: key (hex) and its fingerprint."""
        own = public(private_key(self._office.store, self._office.random))
        return {"key": own, "fingerprint": fingerprint(own)}

    def write_off(self, device: str) -> int:
        """A device is lost for good: what waits for it waits no more. How many receipts did."""
        draft = self._office.draft()
        self._office.registered(draft, device)
        count = receipts.written_off(draft, device, self._office.clock())
        draft.commit()
        return count
