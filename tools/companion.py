"""The person's side: shows who they are on the air, and speaks with devices that know them.

Plain bleak: on a real adapter as it stands; on the virtual radio with its `scanner` and `client`
backends. The credential is what the hub gives a customer's own phone; it is a secret.

    companion = Companion(credential)
    advert = companion.advert(now_s)               # to be broadcast; changes every 17 minutes
    async with companion.meet(found, now_s) as device:
        print(await device.about())
        await device.say(0, 40)
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner

from protocol import cbor, gatt, presence, session
from protocol.errors import ProtocolError
from protocol.session import ABOUT, ERROR, LEAVE, SAY, pairwise_id

_ANSWER_S = 10.0
_ATT_HEADER = 3


class CompanionError(Exception):
    """The device did not answer, or not as a device that knows this person would."""


class RefusedError(CompanionError):
    """The device understood and declined; the text is its reason."""


class Companion:
    """One person's carrier.

    credential: {"customer", "master", "rotation", "devices": {id: {"subject", "ticket", "epoch"}}},
    bytes as hex. scanner, client: bleak backends; None is this computer's own adapter.
    """

    def __init__(
        self,
        credential: dict[str, Any],
        scanner: type[BaseBleakScanner] | None = None,
        client: type[BaseBleakClient] | None = None,
    ) -> None:
        self._master = bytes.fromhex(credential["master"])
        self._rotation = int(credential["rotation"])
        self._shares = credential["devices"]
        self._scan: dict[str, Any] = {"backend": scanner} if scanner else {}
        self._connect: dict[str, Any] = {"backend": client} if client else {}
        self._credentials: dict[str, session.Credential] = {}

    def advert(self, now_s: int) -> bytes:
        """What to advertise at this time: nobody can read it but this person's devices."""
        key = presence.period_key(self._master, presence.period(now_s))
        return gatt.presence_advert(*presence.identifier(key, self._rotation, now_s))

    def step(self, now_s: int) -> int:
        """Changes when the advert must: then the radio address has to change with it."""
        return now_s >> self._rotation

    async def find(self, timeout_s: float = 5.0) -> list[BLEDevice]:
        """Rapport devices near by, whoever's they are."""
        found = await BleakScanner.discover(
            timeout=timeout_s, service_uuids=[gatt.SERVICE_UUID], **self._scan
        )
        return list(found)

    async def find_one(self, address: str, timeout_s: float = 5.0) -> BLEDevice:
        """The device with this radio address, or CompanionError."""
        found = await BleakScanner.find_device_by_address(address, timeout=timeout_s, **self._scan)
        if found is None:
            raise CompanionError(f"nothing with the address {address} is near")
        return found

    @asynccontextmanager
    async def meet(self, found: BLEDevice, now_s: int) -> "AsyncIterator[Meeting]":
        """An authenticated session with a device, closed at the end; CompanionError if it fails."""
        async with BleakClient(found, **self._connect) as client:
            link = _Link(client)
            await link.open()
            info = bytes(await client.read_gatt_char(gatt.INFO_UUID))
            device = self._known(info[2:10])
            carrier = session.Carrier(
                self._credential(device), info[2:10], session.epoch(now_s), os.urandom
            )
            await link.send(carrier.hello())
            answer = carrier.answer(await link.receive())
            if answer is None or carrier.records is None:
                raise CompanionError(f"{device} could not prove that it knows you")
            await link.send(answer)
            meeting = Meeting(device, link, carrier.records)
            try:
                yield meeting
            finally:
                await meeting.leave()

    def _known(self, pairwise: bytes) -> str:
        for device in self._shares:
            if pairwise_id(device) == pairwise:
                return device
        raise CompanionError("this device does not know you: ask its hub to link it")

    def _credential(self, device: str) -> session.Credential:
        if device not in self._credentials:
            share = self._shares[device]
            ticket = bytes.fromhex(share["ticket"])
            self._credentials[device] = session.Credential(
                device, session.hint_key(ticket), session.first_chain_key(ticket), share["epoch"]
            )
        return self._credentials[device]


class Meeting:
    """A session that is open: what the two say to each other."""

    def __init__(self, device: str, link: "_Link", records: session.Records) -> None:
        self.device = device
        self._link, self._records = link, records

    async def about(self) -> dict[str, Any]:
        """{"product", "settings": [{"name", "code", "source", "why"}], "visits"}: all it knows."""
        product, lines, visits = await self._ask(ABOUT, None)
        return {"product": product, "settings": [_line(line) for line in lines], "visits": visits}

    async def say(self, index: int, code: int) -> dict[str, Any]:
        """State what a setting shall be; its new line. RefusedError if the product cannot."""
        return _line(await self._ask(SAY, [index, code]))

    async def leave(self) -> None:
        if self._link.up:
            await self._link.send(self._seal(LEAVE, None))

    async def _ask(self, kind: int, value: Any) -> Any:
        await self._link.send(self._seal(kind, value))
        opened = self._records.open(await self._link.receive())
        if opened is None:
            raise CompanionError(f"{self.device} answered with something we cannot read")
        kind, reply = opened[0], cbor.loads(opened[1])
        if kind == ERROR:
            raise RefusedError(str(reply))
        return reply

    def _seal(self, kind: int, value: Any) -> bytes:
        sealed = self._records.seal(kind, b"" if value is None else cbor.dumps(value))
        if sealed is None:
            raise CompanionError("the session is too old: meet again")
        return sealed


class _Link:
    """Whole messages over rx and tx."""

    def __init__(self, client: BleakClient) -> None:
        self._client = client
        self._messages: asyncio.Queue[bytes] = asyncio.Queue()
        self._reassembler = gatt.Reassembler()

    @property
    def up(self) -> bool:
        return self._client.is_connected

    async def open(self) -> None:
        await self._client.start_notify(gatt.TX_UUID, self._heard)

    async def send(self, message: bytes) -> None:
        for fragment in gatt.fragments(message, self._client.mtu_size):
            await self._client.write_gatt_char(gatt.RX_UUID, fragment, response=True)

    async def receive(self) -> bytes:
        try:
            return await asyncio.wait_for(self._messages.get(), _ANSWER_S)
        except TimeoutError:
            raise CompanionError("the device did not answer") from None

    def _heard(self, _: Any, fragment: bytearray) -> None:
        try:
            message = self._reassembler.feed(bytes(fragment))
        except ProtocolError:
            return  # the message it belongs to never arrives, and `receive` says so
        if message is not None:
            self._messages.put_nowait(message)


def _line(line: list[Any]) -> dict[str, Any]:
    name, code, source, why = line[:4]
    return {"name": name, "code": code, "source": source, "why": why}
