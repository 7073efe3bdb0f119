"""What a batch of messages will read, asked for at once: two round trips to a store far away.

A store that is near consumes nothing of what is handed to it, and so does not pay for it.
"""

from collections.abc import Iterable

from hub.devices.device import Device, is_name, vault
from hub.draft import Draft
from hub.link import Message
from hub.people import customer as people

_FEW = 4  # customers of a device: of one with more it is not known who was there


def ahead(draft: Draft, batch: Iterable[Message]) -> None:
    devices = dict.fromkeys(message.device for message in batch if is_name(message.device))
    draft.ahead(vault(device) for device in devices)
    draft.ahead(people.vault(one) for device in devices for one in _customers(draft, device))


def _customers(draft: Draft, device: str) -> list[str]:
    known = list(Device(draft, device).people().values())
    return known if len(known) <= _FEW else []
