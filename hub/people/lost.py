"""A phone or tag is lost: what was on it opens nothing any more, wherever it is.

    where = Lost(office).revoke("c-7f3a")

The identity whose phone it was gets new secrets, for whatever it carries next; others of the same
person (hub/people/identities.py) keep theirs. What is remembered of the person stays.
"""

from typing import Any

from hub.devices.device import Device
from hub.devices.outbox import KEYS, Outbox
from hub.office import Office
from hub.people import keys
from hub.people.customer import Customer


class Lost:
    def __init__(self, office: Office) -> None:
        self._office = office

    def revoke(self, customer: str) -> list[dict[str, Any]]:
        """[{id, online, recognition_ends_ms, sessions_end_ms}] of each device that knew the phone.

        A device that is online is told now. One that is not recognises the phone until the first
        time at the latest, and opens sessions for it until the second, if its clock goes.
        """
        office, draft = self._office, self._office.draft()
        person, now_s = Customer(draft, customer), office.clock() // 1000
        person.profile["master"] = keys.new_master(office.random)
        told = []
        for device, share in sorted(person.devices.items()):
            recognition_ms, sessions_ms = keys.ends(share, now_s)
            share.update(keys.new_ticket(office.random, now_s))
            one = Device(draft, device)
            Outbox(draft, one).person(share["subject"], [KEYS])
            told.append(
                {
                    "id": device,
                    "online": one.state["online"],
                    "recognition_ends_ms": recognition_ms,
                    "sessions_end_ms": sessions_ms,
                }
            )
        person.keep()
        office.add(person, "revoked", "A lost phone is of no use any more; enrol another.")
        office.conclude(draft, [customer], [one["id"] for one in told])
        return told
