"""A device becomes nobody's: who owned it and whom it knew are strangers to it from then on."""

from hub.devices.device import Device, vault
from hub.devices.outbox import Outbox
from hub.draft import Draft
from hub.office import Office
from hub.people.customer import Customer
from hub.people.wishes import leave


def nobodys(draft: Draft, office: Office, device: str) -> list[str]:
    """Unlink everybody and let it be claimed anew; the ids of who were known there."""
    people = [Customer(draft, name) for name in Device(draft, device).people().values()]
    for person in people:
        office.part(draft, person, device)
        leave(person, device)
        office.add(person, "unlinked", f"{device} was reset, and forgets you.", device)
    made = draft.get(vault(device), "made", "about")
    if made:
        draft.put(vault(device), "made", "about", made | {"claimed": None, "challenge": None})
    return [person.id for person in people]


def begun_anew(draft: Draft, office: Office, device: Device, life: int) -> list[str]:
    """It says that it was reset since it was heard last; the same, and nothing waits for it."""
    if life <= device.state.get("life", 0):
        return []
    device.state["life"] = life
    device.state["totals"] = {}
    device.keep()
    gone = nobodys(draft, office, device.id)
    Outbox(draft, device).drop(office.clock())
    return gone
