"""Whether a device knows the same of a person as the hub; where it does not, it is told all anew.

A device says so, one person at a time, whenever all is quiet (protocol/alike.py). It is compared
only where both speak of the same: the hub has all of the device's journal, and the device all that
was due of this person. What the hub knows to have lost of a device's journal may live on there, and
is left.
"""

from hub.devices.device import Device
from hub.devices.outbox import ANEW, EVERYTHING, Outbox
from hub.draft import Draft
from protocol.alike import digest
from protocol.fold import Known
from protocol.messages import Person


def unlike(draft: Draft, device: Device, said: tuple[bytes, int, int], now_ms: int) -> bool:
    """Take in what a device said in Told.alike; True if it is to be told something now."""
    subject, chain, theirs = said[0].hex(), *said[1:]
    state, outbox = device.state, Outbox(draft, device)
    if chain != state["chain"] or any(row["subject"] == subject for _, row in outbox.waiting()):
        return False  # it will say so again, once it was told
    if device.customer(subject) is None:
        outbox.forget(subject, 1)
        return True
    ours = digest(_taken(outbox.all_of(subject, now_ms)))
    differing = state.setdefault("differing", {})
    if theirs == ours:
        differing.pop(subject, None)
        return False
    before, differing[subject] = differing.get(subject), [theirs, ours]
    if before == [theirs, ours]:
        return False  # it was told, and stays so: it cannot do otherwise
    outbox.person(subject, EVERYTHING if state.get("lost") else (*EVERYTHING, ANEW))
    return True


def _taken(told: Person) -> Known:
    """What a device knows that has been told this, and nothing else."""
    known, news = Known(), (told.rules, told.undone, told.carried)
    known.merge(told.generation, told.rows, told.entries, *news)
    return known
