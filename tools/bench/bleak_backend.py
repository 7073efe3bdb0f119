"""A bleak backend on the virtual radio: applications stay plain BleakScanner and BleakClient.

Central(phone.device).use()
async with BleakClient(found, backend=BumbleClient) as client: ...

Leave `backend` out and the same application talks through the computer's own adapter.
"""

import asyncio
import contextlib
import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import att, core, hci
from bumble.device import Connection
from bumble.gatt import Characteristic

from tools.bench.central import BumbleScanner, Central, current, uuid_text

__all__ = ["BumbleClient", "BumbleScanner", "Central"]

_PROPERTIES = (
    (Characteristic.Properties.READ, "read"),
    (Characteristic.Properties.WRITE_WITHOUT_RESPONSE, "write-without-response"),
    (Characteristic.Properties.WRITE, "write"),
    (Characteristic.Properties.NOTIFY, "notify"),
    (Characteristic.Properties.INDICATE, "indicate"),
)

_Method = TypeVar("_Method", bound=Callable[..., Any])


def _while_connected(method: _Method) -> _Method:
    """Turn bumble's ways of failing into bleak's."""

    @functools.wraps(method)
    async def guarded(self: "BumbleClient", *args: Any, **kwargs: Any) -> Any:
        if not self.is_connected:
            raise BleakError("Not connected")
        try:
            return await method(self, *args, **kwargs)
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from None
        except asyncio.CancelledError:
            # Bumble cancels its own future on link loss; whoever cancels us wants the real thing.
            task = asyncio.current_task()
            if self.is_connected or (task and task.cancelling()):
                raise
            raise BleakError("disconnected during the operation") from None
        except core.BaseBumbleError as error:
            raise BleakError(str(error)) from None

    return cast(_Method, guarded)


class BumbleClient(BaseBleakClient):
    def __init__(self, address_or_ble_device: BLEDevice | str, **kwargs: Any) -> None:
        super().__init__(address_or_ble_device, **kwargs)
        self._central = current()
        self._device = (
            address_or_ble_device if isinstance(address_or_ble_device, BLEDevice) else None
        )
        self._connection: Connection | None = None
        self._subscribed: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        return (self._device and self._device.name) or self.address

    @property
    def mtu_size(self) -> int:
        return self._connection.att_mtu if self._connection else 23

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool, **_: Any) -> None:
        if self._connection:
            raise BleakError("already connected")
        peer = await self._peer()
        try:
            self._connection = await self._central.device.connect(peer, timeout=self._timeout)
        except (core.TimeoutError, TimeoutError):
            raise TimeoutError from None
        except core.BaseBumbleError as error:
            raise BleakError(f"failed to connect: {error}") from None
        self._connection.on("disconnection", self._gone)
        try:
            await self._discover()
        except BaseException:
            await self.disconnect()
            raise

    async def disconnect(self) -> None:
        connection = self._connection
        if not connection:
            return
        with contextlib.suppress(core.BaseBumbleError):  # the peer may be quicker
            await connection.disconnect()
        self._gone(0)

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("sessions carry their own keys; nothing here pairs")

    async def unpair(self) -> None:
        raise NotImplementedError("nothing here pairs")

    @_while_connected
    async def read_gatt_char(self, characteristic, *, use_cached=False, **_: Any) -> bytearray:
        return bytearray(await self._client.read_value(characteristic.handle))

    @_while_connected
    async def read_gatt_descriptor(self, descriptor, *, use_cached=False, **_: Any) -> bytearray:
        return bytearray(await self._client.read_value(descriptor.handle))

    @_while_connected
    async def write_gatt_char(self, characteristic, data, response: bool) -> None:
        if not response and len(data) > self.mtu_size - 3:
            raise BleakError("a write without response is at most MTU - 3 bytes")
        await self._client.write_value(characteristic.handle, bytes(data), with_response=response)

    @_while_connected
    async def write_gatt_descriptor(self, descriptor, data) -> None:
        await self._client.write_value(descriptor.handle, bytes(data), with_response=True)

    @_while_connected
    async def start_notify(self, characteristic, callback, **_: Any) -> None:
        def notified(value: bytes) -> None:
            callback(bytearray(value))

        self._subscribed[characteristic.handle] = notified
        await self._client.subscribe(characteristic.obj, notified)

    @_while_connected
    async def stop_notify(self, characteristic) -> None:
        notified = self._subscribed.pop(characteristic.handle, None)
        await self._client.unsubscribe(characteristic.obj, notified)

    @property
    def _client(self):
        assert self._connection
        return self._connection.gatt_client

    async def _peer(self) -> hci.Address:
        if self._device:
            return self._device.details
        known = self._central.addresses.get(self.address.upper())
        if known is None:
            raise BleakDeviceNotFoundError(self.address, f"{self.address} was never seen")
        return known

    def _gone(self, reason: int) -> None:
        if self._connection is None:
            return
        self._connection = None
        self._subscribed.clear()
        if self._disconnected_callback:
            self._disconnected_callback()

    @_while_connected
    async def _discover(self) -> None:
        client, connection = self._client, self._connection
        assert connection
        if self._central.mtu > att.ATT_DEFAULT_MTU:
            await client.request_mtu(self._central.mtu)
        found = BleakGATTServiceCollection()
        for service in await client.discover_services():
            listed = BleakGATTService(service, service.handle, uuid_text(service.uuid))
            found.add_service(listed)
            for each in await client.discover_characteristics([], service):
                names = [name for bit, name in _PROPERTIES if each.properties & bit]
                characteristic = BleakGATTCharacteristic(
                    each,
                    each.handle,
                    uuid_text(each.uuid),
                    names,  # pyright: ignore[reportArgumentType]
                    lambda: connection.att_mtu - 3,
                    listed,
                )
                found.add_characteristic(characteristic)
                others = await client.discover_descriptors(each)
                each.descriptors_discovered = True  # bumble leaves it unset, and asks once more
                for other in others:
                    kind = uuid_text(other.type)
                    descriptor = BleakGATTDescriptor(other, other.handle, kind, characteristic)
                    found.add_descriptor(descriptor)
        self.services = found
