"""Somebody is erased: at every device, in the store, and in whatever copy of it there is.

    receipt = erase(office, "c-7f3a", by="Ana")
    finish(office, directory)      # at each start, and daily: what was interrupted

One commit says it all: whom devices forget, that the customer is no more, and the receipt. Then
their key is destroyed, and with it every copy of the store; what is left to do after a power cut
stands in the directory until it is done.
"""

import logging

from hub.draft import Draft
from hub.office import Office
from hub.people import circle
from hub.people.customer import Customer, vault
from hub.people.directory import FORGOTTEN, Directory, place
from hub.privacy import receipt
from hub.privacy.backups import backups
from hub.privacy.receipt import BROKER, ERASED, PHONE, STORE, WAITING
from hub.privacy.traces import sweep
from hub.store import Document, StoreError

_log = logging.getLogger(__name__)

_ID_BYTES = 16


def erase(office: Office, customer: str, by: str = "", own_broker: bool = True) -> str:
    """Erase a customer with all their identities; the id of the receipt. by: who asks for it."""
    draft, now_ms, made = office.draft(), office.clock(), office.random(_ID_BYTES).hex()
    everyone = circle.members(draft, Customer(draft, customer))
    key = receipt.digest(made)
    themselves = by.strip().casefold() in {member.name.casefold() for member in everyone}
    document = {
        "begun_ms": now_ms,
        "asked_by": "the person" if themselves else "somebody for the person",
        "copies": _at_the_hub(draft, now_ms, own_broker)
        + receipt.device_copies(draft, everyone, now_ms)
        + [_copy(PHONE, "The keys in your own phone or tag", WAITING)],
    }
    devices = sorted({device for leaving in everyone for device in leaving.devices})
    sweep(draft, office.store, {leaving.id for leaving in everyone}, devices)
    for leaving in everyone:
        for device in sorted(leaving.devices):
            office.part(draft, leaving, device, key)
        leaving.forget()
        draft.put(*place(FORGOTTEN, leaving.id), {"at_ms": now_ms, "receipt": key})
    draft.put(*receipt.place(key), document)
    draft.commit()
    for leaving in everyone:
        try:
            _destroy(office, leaving.id)
        except StoreError as error:  # erased they are; the rest goes with the next `finish`
            _log.error("a vault was not dropped yet: %s", error)
    office.announce(office.draft(), [leaving.id for leaving in everyone], devices)
    return made


def finish(office: Office, directory: Directory) -> None:
    """What a power cut interrupted."""
    for customer in directory.forgotten():
        _destroy(office, customer)


def _destroy(office: Office, customer: str) -> None:
    """The key and the vault, for good; then nothing says any more that there was such an id."""
    office.store.drop(vault(customer))
    draft = office.draft()
    row = draft.get(*place(FORGOTTEN, customer)) or {}
    if "receipt" in row:
        receipt.settled(draft, row["receipt"], office.clock())
    draft.remove(*place(FORGOTTEN, customer))
    draft.commit()


def _at_the_hub(draft: Draft, now_ms: int, own_broker: bool) -> list[Document]:
    copies = [
        _copy(STORE, "Your profile: what you set, said, wished and agreed to", WAITING),
        _copy(STORE, "The row by which you were found", WAITING),
        _copy(STORE, "Your name and the reasons in the log of who looked", WAITING),
    ]
    for at_ms in backups(draft):
        what = f"The backup of {receipt.day(at_ms)}: without your key it cannot be read"
        copies.append(_copy(STORE, what, WAITING))
    if own_broker:
        what = "Messages under way: sealed by a key that lies in no file"
        return [*copies, _copy(BROKER, what, ERASED, now_ms)]
    return [*copies, _copy(BROKER, "Messages that wait for a device in your broker", WAITING)]


def _copy(where: str, what: str, state: str, at_ms: int | None = None) -> Document:
    return {"where": where, "what": what, "state": state, "at_ms": at_ms}
