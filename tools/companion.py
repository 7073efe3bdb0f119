"""The person's side: shows who they are on the air, and speaks with devices that know them.

Plain bleak: on a real adapter as it stands; on the virtual radio with its `scanner` and `client`
backends. The credential is what the hub gives a customer's own phone; it is a secret.

    companion = Companion(credential)
    advert = companion.advert(now_s)               # to be broadcast; changes every 17 minutes
    async with companion.meet(found, now_s) as device:
        print(await device.about())
        await device.say(0, 40)
"""

import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakError

from protocol import cbor, claim, gatt, presence, session, visitor
from protocol.rules import MODE_NAMES
from protocol.session import (
    ABOUT,
    BULLETIN,
    CLAIM,
    ERROR,
    LEAVE,
    MODE,
    RESET,
    RULE,
    SAY,
    TASTE,
    UNDO,
    VISIT,
    pairwise_id,
)
from tools.companion_link import ANSWER_S, CompanionError, Link, RefusedError

__all__ = ["Companion", "CompanionError", "Meeting", "RefusedError", "as_visitor", "with_label"]

_ANY = "*"  # instead of a device
_PRESS_S, _CLAIM_S = 50.0, 70.0  # somebody has to walk there


class Companion:
    """One person's carrier.

    credential: {"customer", "master", "rotation", "devices": {id: {"subject", "ticket", "epoch"}}},
    bytes as hex, and the "bulletin" that is to be carried there; for who has only the label of a
    device its share is {"code"}. scanner, client: bleak backends; None is this computer's own
    adapter. suite: the least that will do.
    """

    def __init__(
        self,
        credential: dict[str, Any],
        scanner: type[BaseBleakScanner] | None = None,
        client: type[BaseBleakClient] | None = None,
        suite: int = session.SUITE,
    ) -> None:
        self._suite = suite
        self._master = bytes.fromhex(credential["master"])
        self._rotation = int(credential["rotation"])
        self._shares = credential["devices"]
        self._scan: dict[str, Any] = {"backend": scanner} if scanner else {}
        self._connect: dict[str, Any] = {"backend": client} if client else {}
        self._credentials: dict[str, session.Credential] = {}
        self._carried: set[str] = set()

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

    @contextlib.asynccontextmanager
    async def meet(self, found: BLEDevice, now_s: int) -> "AsyncIterator[Meeting]":
        """An authenticated session with a device, closed at the end; CompanionError if it fails."""
        link = Link()
        client = BleakClient(found, disconnected_callback=link.lost, **self._connect)
        async with contextlib.AsyncExitStack() as until_left:
            try:
                await until_left.enter_async_context(client)
                meeting = await self._open(client, link, now_s)
                await self._carry(meeting)
            except BleakError as error:
                raise CompanionError(f"the device ended the link: {error}") from None
            try:
                yield meeting
            finally:
                await meeting.leave()

    async def _open(self, client: BleakClient, link: Link, now_s: int) -> "Meeting":
        await link.open(client)
        info = bytes(await client.read_gatt_char(gatt.INFO_UUID))
        device = self._known(info[2:10])
        known = self._credential(device)
        epoch = min(session.epoch(now_s), known.last)
        suite = max(info[1] >> 4, self._suite, known.least_suite)
        if suite > info[1] & 0x0F:
            raise CompanionError(f"{device} knows no suite {suite} for sessions")
        carrier = session.Carrier(known, info[2:10], epoch, os.urandom, suite)
        await link.send(carrier.hello())
        answer = carrier.answer(await link.receive())
        if answer is None or carrier.records is None:
            raise CompanionError(f"{device} could not prove that it knows you")
        await link.send(answer)
        return Meeting(device, link, carrier.records)

    async def _carry(self, meeting: "Meeting") -> None:
        """Tell a device once what its hub could not; it knows best whether that is news."""
        sealed = self._shares.get(meeting.device, {}).get("bulletin")
        if not sealed or sealed in self._carried:
            return
        with contextlib.suppress(RefusedError):
            await meeting.bulletin(bytes.fromhex(sealed))
        self._carried.add(sealed)

    def _known(self, pairwise: bytes) -> str:
        for device in self._shares:
            if pairwise_id(device) == pairwise:
                return device
        if _ANY in self._shares:
            return pairwise.hex()
        raise CompanionError("this device does not know you: ask its hub to link it")

    def _credential(self, device: str) -> session.Credential:
        if device not in self._credentials:
            share = self._shares.get(device) or self._shares[_ANY]
            if "code" in share:
                return claim.credential(claim.secret(device, share["code"]))
            if "visit" in share:
                return visitor.credential()
            ticket = bytes.fromhex(share["ticket"])
            self._credentials[device] = session.Credential(
                device, session.hint_key(ticket), session.first_chain_key(ticket), share["epoch"]
            )
        return self._credentials[device]


class Meeting:
    """A session that is open: what the two say to each other."""

    def __init__(self, device: str, link: Link, records: session.Records) -> None:
        self.device = device
        self._link, self._records = link, records

    async def about(self) -> dict[str, Any]:
        """All it knows, and how well it may: the name of a mode (see protocol/rules.py).

        {"product", "settings": [{"name", "code", "source", "why"}], "visits", "mode"}
        """
        product, lines, visits, mode = await self._ask(ABOUT, None)
        settings = [_line(line) for line in lines]
        return {
            "product": product,
            "settings": settings,
            "visits": visits,
            "mode": MODE_NAMES[mode],
        }

    async def say(self, index: int, code: int) -> dict[str, Any]:
        """State what a setting shall be; its new line. RefusedError if the product cannot.

        One that is guarded waits for a press on the device.
        """
        return _line(await self._ask(SAY, [index, code], _PRESS_S))

    async def rule(self, index: int, kind: int) -> dict[str, Any]:
        """Rule how a setting is learned (kinds: protocol/rules.py); its new line."""
        return _line(await self._ask(RULE, [index, kind]))

    async def mode(self, mode: int) -> None:
        """How well it may know this person: rules.STRANGER, LOCAL or FULL."""
        await self._ask(MODE, [mode])

    async def bulletin(self, sealed: bytes) -> bool:
        """Carry what its hub says of others (protocol/bulletin.py); False if that is no news."""
        return await self._ask(BULLETIN, [sealed])

    async def undo(self) -> list[dict[str, Any]]:
        """Take back the last thing this person did there; all lines. RefusedError for nothing."""
        return [_line(line) for line in await self._ask(UNDO, None)]

    async def claim(self, challenge: str) -> str:
        """For who has only the label: the receipt (hex) for a hub's challenge, after a press."""
        receipt = await self._ask(CLAIM, [bytes.fromhex(challenge)], _CLAIM_S)
        return bytes(receipt).hex()

    async def taste(self) -> list[Any]:
        """What this person likes there, to be carried to strange devices: see tools/taste.py."""
        return await self._ask(TASTE, None)

    async def visit(self, taste: bytes, modulus: bytes, signature: bytes) -> list[Any]:
        """For who is a stranger there: [[name, code], ...] of what is honoured, after a press."""
        return await self._ask(VISIT, [taste, modulus, signature], _PRESS_S)

    async def reset(self) -> None:
        """The device becomes as it left the factory, after a press: the owner only."""
        await self._ask(RESET, None, _PRESS_S)

    async def leave(self) -> None:
        if self._link.up:
            with contextlib.suppress(BleakError):  # it was quicker
                await self._link.send(self._seal(LEAVE, None), answered=False)

    async def _ask(self, kind: int, value: Any, answer_s: float = ANSWER_S) -> Any:
        await self._link.send(self._seal(kind, value))
        opened = self._records.open(await self._link.receive(answer_s))
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


def as_visitor(**backends: Any) -> Companion:
    """Who is known nowhere, and carries their taste with them."""
    anybody = {"master": bytes(32).hex(), "rotation": 10, "devices": {_ANY: {"visit": True}}}
    return Companion(anybody, **backends)


def with_label(device: str, code: str, **backends: Any) -> Companion:
    """What can claim a device, by the 16 letters on its label."""
    label = {"master": bytes(32).hex(), "rotation": 10, "devices": {device: {"code": code}}}
    return Companion(label, **backends)


def _line(line: list[Any]) -> dict[str, Any]:
    name, code, source, why = line[:4]
    return {"name": name, "code": code, "source": source, "why": why}
