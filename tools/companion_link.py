"""A companion's Bluetooth link to a device: whole messages over rx and tx, cut to fit."""

import asyncio
from typing import Any

from bleak import BleakClient

from protocol import gatt
from protocol.errors import ProtocolError

ANSWER_S = 10.0
_MOST_UNPACED = 4  # packets at once; a device has room for 16


class CompanionError(Exception):
    """The device did not answer, or not as a device that knows this person would."""


class RefusedError(CompanionError):
    """The device understood and declined; the text is its reason."""


class Link:
    """Whole messages over rx and tx."""

    def __init__(self) -> None:
        self._client: BleakClient | None = None
        self._messages: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._reassembler = gatt.Reassembler()

    @property
    def up(self) -> bool:
        return self._client is not None and self._client.is_connected

    async def open(self, client: BleakClient) -> None:
        self._client = client
        await client.start_notify(gatt.TX_UUID, self._heard)

    def lost(self, _: Any) -> None:
        """The device ended it, or is out of reach: nobody has to wait for an answer."""
        self._messages.put_nowait(None)

    async def send(self, message: bytes, answered: bool = True) -> None:
        """answered: what comes back says that it has arrived, so the link need not."""
        assert self._client, "open comes first"
        fragments = gatt.fragments(message, self._client.mtu_size)
        paced = not answered or len(fragments) > _MOST_UNPACED
        for fragment in fragments:
            await self._client.write_gatt_char(gatt.RX_UUID, fragment, response=paced)

    async def receive(self, answer_s: float = ANSWER_S) -> bytes:
        try:
            message = await asyncio.wait_for(self._messages.get(), answer_s)
        except TimeoutError:
            raise CompanionError("the device did not answer") from None
        if message is None:
            raise CompanionError("the device ended the session: it may not know you any more")
        return message

    def _heard(self, _: Any, fragment: bytearray) -> None:
        try:
            message = self._reassembler.feed(bytes(fragment))
        except ProtocolError:
            return  # the message it belongs to never arrives, and `receive` says so
        if message is not None:
            self._messages.put_nowait(message)
