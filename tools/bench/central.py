"""The adapter of a host on the virtual radio, and the scanner bleak asks for.

Central(phone.device).use()
found = await BleakScanner.find_device_by_name("Lamp", backend=BumbleScanner)
"""

import asyncio
from typing import Any, ClassVar

from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError
from bumble import core, hci
from bumble.core import AdvertisingData
from bumble.device import Advertisement, Device

_SCAN_MS = 60
_Kind = AdvertisingData.Type
_NAMES = (_Kind.COMPLETE_LOCAL_NAME, _Kind.SHORTENED_LOCAL_NAME)
_SHORT_UUIDS = (
    _Kind.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    _Kind.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
)
_LONG_UUIDS = (
    _Kind.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    _Kind.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)


class Central:
    """A powered-on bumble Device as this host's adapter; mtu is the largest it asks for."""

    current: ClassVar["Central | None"] = None

    def __init__(self, device: Device, mtu: int = 517) -> None:
        self.device, self.mtu = device, mtu
        self.addresses: dict[str, hci.Address] = {}
        self._scanners: set[BumbleScanner] = set()
        self._lock = asyncio.Lock()
        device.on("advertisement", self._heard)

    def use(self) -> "Central":
        """The adapter of every scanner and client that is made from now on."""
        Central.current = self
        return self

    async def scan(self, scanner: "BumbleScanner", on: bool, active: bool = True) -> None:
        async with self._lock:
            (self._scanners.add if on else self._scanners.discard)(scanner)
            if on and not self.device.is_scanning:
                await self.device.start_scanning(
                    active=active, scan_interval=_SCAN_MS, scan_window=_SCAN_MS
                )
            elif not self._scanners and self.device.is_scanning:
                await self.device.stop_scanning()

    def _heard(self, advertisement: Advertisement) -> None:
        self.addresses[_key(advertisement.address)] = advertisement.address
        for scanner in list(self._scanners):
            scanner.heard(advertisement)


class BumbleScanner(BaseBleakScanner):
    def __init__(
        self, detection_callback, service_uuids, scanning_mode: str = "active", **_: Any
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode == "active"
        self._central = current()

    async def start(self) -> None:
        self.seen_devices = {}
        await self._central.scan(self, True, self._active)

    async def stop(self) -> None:
        await self._central.scan(self, False)

    def heard(self, advertisement: Advertisement) -> None:
        data = _advertisement_data(advertisement)
        if not self.is_allowed_uuid(data.service_uuids):
            return
        key = _key(advertisement.address)
        device = self.create_or_update_device(
            key, key, data.local_name, advertisement.address, data
        )
        self.call_detection_callbacks(device, data)


def current() -> Central:
    """The adapter in use; BleakError if none is."""
    if Central.current is None:
        raise BleakError("no adapter: call Central(device).use() first")
    return Central.current


def uuid_text(uuid: core.UUID) -> str:
    """A UUID the way bleak writes it: 128 bits, lower case."""
    raw = uuid.to_bytes()
    if len(raw) == 16:
        return uuid.to_hex_str("-").lower()
    return f"{int.from_bytes(raw, 'little'):08x}-0000-1000-8000-00805f9b34fb"


def _key(address: hci.Address) -> str:
    return address.to_string(False)


def _advertisement_data(advertisement: Advertisement) -> AdvertisementData:
    name, power_dbm = None, None
    manufacturer: dict[int, bytes] = {}
    service: dict[str, bytes] = {}
    uuids: list[str] = []
    for kind, raw in advertisement.data.ad_structures:
        if kind in _NAMES:
            name = raw.decode("utf8", "replace")
        elif kind == _Kind.MANUFACTURER_SPECIFIC_DATA:
            manufacturer[int.from_bytes(raw[:2], "little")] = raw[2:]
        elif kind == _Kind.SERVICE_DATA_16_BIT_UUID:
            service[uuid_text(core.UUID.from_bytes(raw[:2]))] = raw[2:]
        elif kind == _Kind.TX_POWER_LEVEL:
            power_dbm = int.from_bytes(raw[:1], "little", signed=True)
        elif kind in _SHORT_UUIDS or kind in _LONG_UUIDS:
            size = 2 if kind in _SHORT_UUIDS else 16
            pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
            uuids += [uuid_text(core.UUID.from_bytes(piece)) for piece in pieces]
    return AdvertisementData(
        name, manufacturer, service, uuids, power_dbm, advertisement.rssi, (advertisement,)
    )
