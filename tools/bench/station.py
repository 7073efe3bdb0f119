"""The Bluetooth of one simulated device: what its stand-in module calls, done with bumble.

Peripheral role and scanning only; the events and their tuples are those of MicroPython.
"""

import asyncio
import errno
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from bumble import att, hci
from bumble.core import UUID
from bumble.device import AdvertisingType, Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service

from tools.bench.air import Air, put_on_air
from tools.bench.antenna import Antenna

if TYPE_CHECKING:
    from tools.bench.radio import Wire

_CENTRAL_CONNECT = 1
_CENTRAL_DISCONNECT = 2
_SCAN_RESULT = 5
_SCAN_DONE = 6
_MTU_EXCHANGED = 21

_READ, _WRITE_NO_RESPONSE, _WRITE = 0x02, 0x04, 0x08
_MOST_ADVERT = 31  # bytes
_MTU = 256
_SCAN_MS = (2.5, 10240.0)  # shortest and longest interval and window
_CONNECTION_INTERVAL_S = 0.015


class Station:
    """One device on the air; `refuse_notifies` makes the next so many fail as a full stack does."""

    def __init__(self, air: Air, wire: "Wire", name: str, mac: str) -> None:
        self.refuse_notifies = 0
        self._air, self._wire, self._name, self._mac = air, wire, name, mac
        self._device: Device | None = None
        self._antenna: Antenna | None = None
        self._attributes: dict[int, Characteristic] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._scan: asyncio.Task[None] | None = None
        for call in (
            self.radio_on,
            self.radio_off,
            self.mac,
            self.config,
            self.services,
            self.advertise,
            self.scan,
            self.notify,
            self.disconnect,
        ):
            wire.calls[call.__name__] = call

    @property
    def device(self) -> Device:
        if not self._device:
            raise OSError(errno.ENODEV, "the radio is off")
        return self._device

    def power_lost(self) -> None:
        """Gone from the air without a word."""
        for task in list(self._tasks):
            task.cancel()
        if self._antenna:
            self._air.vanish(self._antenna)
        self._device = self._antenna = self._scan = None

    def fail(self) -> None:
        """The stack dies under the firmware, as NimBLE does on a controller reset."""
        self.power_lost()
        self._wire.send("down")

    # Calls of the device.

    async def radio_on(self) -> None:
        self._device, self._antenna = put_on_air(self._air, self._name, self._mac, public=True)
        self._device.gatt_server.max_mtu = _MTU
        self._device.on("connection", self._connected)
        self._device.host.on("advertising_report", self._heard)
        await self._device.power_on()

    async def radio_off(self) -> None:
        if not self._device:
            return
        for connection in list(self._device.connections.values()):
            await connection.disconnect()
        self.power_lost()

    async def mac(self) -> str:
        return self._mac.replace(":", "").lower()

    async def config(self, mtu: int, name: str) -> None:
        self.device.gatt_server.max_mtu = mtu
        self.device.name = name
        for attribute in self.device.gatt_server.attributes:
            if isinstance(attribute, Characteristic) and attribute.uuid == UUID("2A00"):
                attribute.value = name.encode()

    async def services(self, services: list[Any]) -> list[list[int]]:
        server = self.device.gatt_server
        server.services.clear()
        server.attributes.clear()
        server.attributes_by_handle.clear()
        self.device.add_default_services(add_gap_service=True, add_gatt_service=True)
        self._attributes.clear()
        return [self._add_service(uuid, described) for uuid, described in services]

    async def advertise(
        self, us: int | None, data: str | None, response: str | None, connectable: bool
    ) -> None:
        if us is None:
            await self.device.stop_advertising()
            return
        advert, scan_response = bytes.fromhex(data or ""), bytes.fromhex(response or "")
        if len(advert) > _MOST_ADVERT or len(scan_response) > _MOST_ADVERT:
            raise OSError(errno.EINVAL, "advert too long")
        await self.device.start_advertising(
            AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE
            if connectable
            else AdvertisingType.UNDIRECTED_SCANNABLE,
            own_address_type=hci.OwnAddressType.PUBLIC,
            advertising_data=advert,
            scan_response_data=scan_response,
            advertising_interval_min=us / 1000,
            advertising_interval_max=us / 1000,
        )

    async def scan(self, ms: int | None, interval: int, window: int, active: bool) -> None:
        if self._scan:
            self._scan.cancel()
            self._scan = None
        if ms is None:
            await self._stop_scanning()
            return
        shortest, longest = _SCAN_MS
        await self.device.start_scanning(
            active=active,
            own_address_type=hci.OwnAddressType.PUBLIC,
            scan_interval=max(shortest, min(longest, interval / 1000)),
            scan_window=max(shortest, min(longest, window / 1000)),
        )
        if ms:
            self._scan = self._spawn(self._stop_scanning(after_s=ms / 1000))

    async def notify(self, c: int, h: int, v: str) -> None:
        connection = self._connection(c)
        if self.refuse_notifies:
            self.refuse_notifies -= 1
            raise OSError(errno.ENOMEM, "no buffer for a notification")
        value = bytes.fromhex(v)[: connection.att_mtu - 3]  # NimBLE cuts without a word
        await self.device.gatt_server.notify_subscriber(
            connection, self._attributes[h], value, force=True
        )

    async def disconnect(self, c: int) -> bool:
        if not self._device or c + 1 not in self._device.connections:
            return False
        self._spawn(self._part(self._connection(c)))
        return True

    # Inside.

    def _add_service(self, uuid: str, described: list[Any]) -> list[int]:
        characteristics = [self._characteristic(each, flags) for each, flags in described]
        self.device.add_service(Service(_uuid(uuid), characteristics))
        self._attributes.update({each.handle: each for each in characteristics})
        return [each.handle for each in characteristics]

    def _characteristic(self, uuid: str, flags: int) -> Characteristic:
        permissions = att.Attribute.Permissions(0)
        if flags & _READ:
            permissions |= att.Attribute.Permissions.READABLE
        if flags & (_WRITE | _WRITE_NO_RESPONSE):
            permissions |= att.Attribute.Permissions.WRITEABLE

        async def read(connection: Connection) -> bytes:
            return bytes.fromhex(await self._ask(connection, characteristic.handle))

        async def write(connection: Connection, value: bytes) -> None:
            await self._ask(connection, characteristic.handle, v=bytes(value).hex())

        characteristic = Characteristic(
            _uuid(uuid),
            Characteristic.Properties(flags & 0xFF),
            permissions,
            CharacteristicValue(read=read, write=write),
        )
        return characteristic

    async def _ask(self, connection: Connection, handle: int, **value: str) -> str:
        try:
            answer = await self._wire.ask("gatt", c=connection.handle - 1, h=handle, **value)
        except (ConnectionError, TimeoutError):
            raise att.ATT_Error(att.ATT_UNLIKELY_ERROR_ERROR) from None
        if answer["e"]:
            raise att.ATT_Error(answer["e"])
        return answer["v"]

    def _connection(self, number: int) -> Connection:
        connection = self.device.connections.get(number + 1)
        if connection is None:
            raise OSError(errno.ENOTCONN, "not connected")
        return connection

    async def _part(self, connection: Connection) -> None:
        await asyncio.sleep(_CONNECTION_INTERVAL_S)
        await connection.disconnect()

    async def _stop_scanning(self, after_s: float = 0.0) -> None:
        await asyncio.sleep(after_s)
        if self.device.is_scanning:
            await self.device.stop_scanning()
            self._event(_SCAN_DONE)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _event(self, number: int, *data: Any) -> None:
        self._wire.send("irq", e=number, d=data)

    def _connected(self, connection: Connection) -> None:
        number = connection.handle - 1
        peer = (number, *_address(connection.peer_address))
        self._event(_CENTRAL_CONNECT, *peer)
        connection.on("disconnection", lambda reason: self._event(_CENTRAL_DISCONNECT, *peer))
        connection.on(
            "connection_att_mtu_update",
            lambda: self._event(_MTU_EXCHANGED, number, connection.att_mtu),
        )

    def _heard(self, report: Any) -> None:
        if not self._device or not self._device.is_scanning:
            return
        bits = int(report.event_type)
        kind = 4 if bits & 8 else (0 if bits & 1 else (2 if bits & 2 else 3))
        data = bytes(report.data).hex()
        self._event(_SCAN_RESULT, *_address(report.address), kind, report.rssi, data)


def _uuid(little_endian: str) -> UUID:
    return UUID.from_bytes(bytes.fromhex(little_endian))


def _address(address: hci.Address) -> tuple[int, str]:
    """MicroPython's (address type, address): most significant byte first."""
    return (0 if address.is_public else 1), bytes(reversed(bytes(address))).hex()
