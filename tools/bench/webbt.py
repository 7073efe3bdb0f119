"""The Bluetooth of a page in Chromium, on the virtual radio: what it asks for, bleak does.

Chromium can pretend to have an adapter (DevTools protocol, BluetoothEmulation); each of its GATT
operations is handed on to a BleakClient, and answered with what that one gets.

    web = WebBluetooth(browser, page, backend=BumbleClient)
    await web.start()                 # before the page is opened
    await web.show(found)             # a BLEDevice: the page may find and choose it from now on

Facts of Chromium 156: a prompt answered twice crashes it; a characteristic without its 0x2902
cannot be subscribed to; there is no way to simulate a notification, so a script in the page gives
it to the real characteristic as its own event.
"""

import asyncio
import base64
from collections.abc import Coroutine
from typing import Any

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError, BleakGATTProtocolError
from playwright.async_api import Browser, Page

from protocol import gatt

FLAGS = ("--enable-features=WebBluetooth",)  # for Chromium's command line

_UNLIKELY_ERROR = 0x0E  # of ATT
_NO_CONNECTION = 0x3E  # of HCI: connection failed to be established
_RSSI_DBM = -60
_PROPERTIES = {
    "read": "read",
    "write": "write",
    "write-without-response": "writeWithoutResponse",
    "notify": "notify",
    "indicate": "indicate",
}
_NOTIFIES = """(() => {
  const real = window.BluetoothRemoteGATTCharacteristic?.prototype;
  if (!real) return;
  const live = new Map(), values = new WeakMap(), start = real.startNotifications;
  const value = Object.getOwnPropertyDescriptor(real, "value").get;
  real.startNotifications = async function () {
    const started = await start.call(this);
    live.set(this.uuid, (live.get(this.uuid) ?? new Set()).add(this));
    return started;
  };
  Object.defineProperty(real, "value", {
    get() { return values.get(this) ?? value.call(this); }, configurable: true });
  window.benchNotify = (uuid, data) => {
    for (const one of live.get(uuid) ?? []) {
      if (!one.service.device.gatt.connected) continue;
      values.set(one, new DataView(new Uint8Array(data).buffer));
      one.dispatchEvent(new Event("characteristicvaluechanged"));
      values.delete(one);
    }
  };
})()"""


class WebBluetooth:
    """Answers every prompt of the page with the device that was shown last."""

    def __init__(
        self, browser: Browser, page: Page, backend: type[BaseBleakClient] | None = None
    ) -> None:
        self._browser, self._page = browser, page
        self._backend: dict[str, Any] = {"backend": backend} if backend else {}
        self._found: dict[str, BLEDevice] = {}
        self._clients: dict[str, BleakClient] = {}
        self._characteristics: dict[str, tuple[BleakClient, BleakGATTCharacteristic]] = {}
        self._answered: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()  # notifications stay in order

    async def start(self) -> None:
        await self._page.add_init_script(_NOTIFIES)
        self._of_browser = await self._browser.new_browser_cdp_session()
        self._of_page = await self._page.context.new_cdp_session(self._page)
        await self._ask("enable", state="powered-on", leSupported=True)
        await self._of_page.send("DeviceAccess.enable")
        self._of_page.on(
            "DeviceAccess.deviceRequestPrompted", lambda event: self._spawn(self._choose(event))
        )
        self._on("gattOperationReceived", self._link)
        self._on("characteristicOperationReceived", self._operate)

    async def stop(self) -> None:
        for client in self._clients.values():
            await client.disconnect()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def show(self, found: BLEDevice) -> None:
        """A device is near."""
        if found.address not in self._found:
            await self._ask(
                "simulatePreconnectedPeripheral",
                address=found.address,
                name=found.name or "",
                manufacturerData=[],
                knownServiceUuids=[gatt.SERVICE_UUID],
            )
        self._found[found.address] = found

    # What the page wants.

    async def _choose(self, event: dict[str, Any]) -> None:
        if event["id"] in self._answered:
            return
        if not event["devices"]:
            return self._advertise()
        self._answered.add(event["id"])
        chosen = event["devices"][-1]["id"]
        await self._of_page.send(
            "DeviceAccess.selectPrompt", {"id": event["id"], "deviceId": chosen}
        )

    def _advertise(self) -> None:
        """A device whose link has ended is only found again when it is heard."""
        for found in self._found.values():
            record = {"name": found.name or "", "uuids": [gatt.SERVICE_UUID]}
            entry = {
                "deviceAddress": found.address,
                "rssi": _RSSI_DBM,
                "scanRecord": record | {"appearance": 0, "txPower": 0, "manufacturerData": []},
            }
            self._spawn(self._ask("simulateAdvertisement", entry=entry))

    async def _link(self, event: dict[str, Any]) -> None:
        address, kind, code = event["address"], event["type"], 0
        if kind == "connection":
            code = await self._connect(address)
        elif kind == "disconnection" and address in self._clients:
            await self._clients[address].disconnect()
        await self._ask("simulateGATTOperationResponse", address=address, type=kind, code=code)

    async def _connect(self, address: str) -> int:
        def lost(_: BleakClient) -> None:
            self._spawn(self._ask("simulateGATTDisconnection", address=address))

        client = BleakClient(self._found[address], disconnected_callback=lost, **self._backend)
        self._clients[address] = client
        try:
            await client.connect()
        except (BleakError, TimeoutError):
            return _NO_CONNECTION
        for service in client.services:
            made = await self._ask("addService", address=address, serviceUuid=service.uuid)
            for characteristic in service.characteristics:
                await self._add(client, made["serviceId"], characteristic)
        return 0

    async def _add(
        self, client: BleakClient, service: str, characteristic: BleakGATTCharacteristic
    ) -> None:
        properties = {_PROPERTIES[name]: True for name in characteristic.properties}
        made = await self._ask(
            "addCharacteristic",
            serviceId=service,
            characteristicUuid=characteristic.uuid,
            properties=properties,
        )
        identity = made["characteristicId"]
        self._characteristics[identity] = (client, characteristic)
        for each in characteristic.descriptors:
            await self._ask("addDescriptor", characteristicId=identity, descriptorUuid=each.uuid)

    async def _operate(self, event: dict[str, Any]) -> None:
        identity, kind = event["characteristicId"], event["type"]
        answer = {"characteristicId": identity, "type": kind, "code": 0}
        try:
            data = await self._do(identity, kind, event)
            if data is not None:
                answer["data"] = base64.b64encode(data).decode()
        except BleakGATTProtocolError as error:
            answer["code"] = int(error.args[0])
        except BleakError:
            answer["code"] = _UNLIKELY_ERROR
        await self._ask("simulateCharacteristicOperationResponse", **answer)

    async def _do(self, identity: str, kind: str, event: dict[str, Any]) -> bytes | None:
        client, characteristic = self._characteristics[identity]
        if kind == "read":
            return bytes(await client.read_gatt_char(characteristic))
        if kind == "write":
            data = base64.b64decode(event["data"])
            response = event.get("writeType") != "write-without-response"
            await client.write_gatt_char(characteristic, data, response=response)
        elif kind == "subscribe-to-notifications":
            uuid = characteristic.uuid
            await client.start_notify(
                characteristic, lambda _, value: self._spawn(self._notify(uuid, bytes(value)))
            )
        elif kind == "unsubscribe-from-notifications":
            await client.stop_notify(characteristic)
        return None

    async def _notify(self, uuid: str, value: bytes) -> None:
        async with self._turn:
            act = "([uuid, data]) => window.benchNotify(uuid, data)"
            await self._page.evaluate(act, [uuid, list(value)])

    # Inside.

    def _on(self, name: str, handle: Any) -> None:
        self._of_browser.on(f"BluetoothEmulation.{name}", lambda event: self._spawn(handle(event)))

    async def _ask(self, name: str, /, **arguments: Any) -> Any:
        return await self._of_browser.send(f"BluetoothEmulation.{name}", arguments)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
