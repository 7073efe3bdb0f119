"""How far the journals of devices are safe here, ahead of what is folded: for hub/intake.py.

A device is looked up once in its state, which is right as long as nothing of it waits to be folded;
from then on its own messages say how far it is. Where only folding can tell, nothing is said.
"""

from typing import NamedTuple

from hub.devices import plain
from hub.devices.device import Device, registered
from hub.devices.heard import Heard, after, begun, heard_of
from hub.draft import Draft
from hub.link import Message
from hub.products import Products
from hub.store import Store
from protocol import topics
from protocol.errors import ProtocolError
from protocol.messages import Events, Hello


class _Journal(NamedTuple):
    product: str
    heard: Heard | None


class Journals:
    def __init__(self, store: Store, products: Products) -> None:
        self._store, self._products = store, products
        self._by_device: dict[str, _Journal | None] = {}

    def further(self, message: Message) -> Heard | None:
        """How far its device's journal is safe with this message, if it is said by folding too."""
        journal = self._journal(message.device)
        if journal is None or message.kind not in (topics.HELLO, topics.EVENTS):
            return None
        try:
            said = plain.read(message.kind, message.payload)
        except ProtocolError:
            return None  # folding counts it
        heard = journal.heard
        if isinstance(said, Hello) and said.product == journal.product:
            heard = begun(heard, said)
        elif isinstance(said, Events) and heard:
            heard = after(heard, said) if said.stream == heard.stream else None
        self._by_device[message.device] = _Journal(journal.product, heard)
        return heard if isinstance(said, Events) else None

    def is_ahead(self, device: str) -> bool:
        """Was all of it acknowledged that its messages since the last `clear` could be?"""
        journal = self._by_device.get(device)
        return bool(journal and journal.heard)

    def clear(self) -> None:
        """All is folded."""
        self._by_device.clear()

    def _journal(self, device: str) -> _Journal | None:
        if device not in self._by_device:
            self._by_device[device] = self._look_up(device)
        return self._by_device[device]

    def _look_up(self, device: str) -> _Journal | None:
        draft = Draft(self._store)
        known = registered(draft, device)
        if known is None or known["product"] not in self._products:
            return None
        return _Journal(known["product"], heard_of(Device(draft, device).state))
