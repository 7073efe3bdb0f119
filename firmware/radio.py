"""The device's Bluetooth: hears who is near, and holds sessions with those who connect.

radio = Radio("Lamp", info, heard, session)
radio.table = {identifier: tag}
await radio.run()

The interrupt only stores and sets a flag: it runs on a small stack, and an exception in it would
switch Bluetooth off for good. Everything else happens in tasks.
"""

import asyncio
import errno
from binascii import unhexlify
from collections import deque

import bluetooth
from micropython import const

from firmware.connection import Connection
from protocol import gatt

_CENTRAL_CONNECT = const(1)
_CENTRAL_DISCONNECT = const(2)
_GATTS_WRITE = const(3)
_SCAN_RESULT = const(5)
_SCAN_DONE = const(6)
_MTU_EXCHANGED = const(21)

# The receiver is always on: at 30 ms of every 320 ms a phone is seen after 0.6 s, at the default
# of 11 ms of every 1.28 s after 4.4 s, at 100 % with its first advert. A product has mains power.
_SCAN_INTERVAL_US = const(30000)
_SCAN_WINDOW_US = const(30000)
_ADVERTISE_US = const(100000)
_MOST_CONNECTIONS = const(3)  # the ESP32 has four; one stays free for those who part slowly
_MOST_SIGHTINGS = const(16)
_MOST_NAME = const(29)  # bytes in a scan response
_BUFFER = const(256)  # bytes of one write; unset it is 20, and the rest is cut off in silence
_CHECK_MS = const(5000)
_RESTART_MS = const(1000)
_FLAGS = b"\x02\x01\x06"  # general discoverable, no classic Bluetooth
_SERVICE = bytes(reversed(unhexlify(gatt.SERVICE_UUID.replace("-", ""))))
_UUIDS_128, _NAME = const(7), const(9)  # assigned numbers, advertising data types


class Radio:
    """Runs the stack; `heard(tag, rssi_dbm)` and `await session(connection)` run in tasks.

    table maps the 8-byte identifiers that matter to anything (a tag); it may be replaced whole at
    any time. An advert outside it leaves no trace, but while `seeking` is True the identifiers of
    presence adverts nobody can place go to `sought(identifier)`. `dropped` counts what the
    interrupt found no room for, `restarts` how often the stack had to be started again.
    """

    def __init__(self, name, info, heard, session, mtu=247):
        self.table = {}
        self.seeking, self.sought = False, _ignore
        self.dropped = self.restarts = 0
        self._name, self._info, self._mtu = name, info, mtu
        self._heard, self._session = heard, session
        self._ble = bluetooth.BLE()
        self._sightings: deque[tuple] = deque((), _MOST_SIGHTINGS)
        self._connections = []
        self._scanning = self._advertising = False
        self._wake = asyncio.ThreadSafeFlag()
        self._rx = self._tx = 0

    async def run(self):
        """Serve for ever; a stack that fails is started again after a pause."""
        looker = asyncio.create_task(self._look_after())
        try:
            while True:
                await self._run_once()
                await asyncio.sleep_ms(_RESTART_MS)
        finally:
            looker.cancel()
            self._shut()

    def notify(self, handle, fragment):
        self._ble.gatts_notify(handle, self._tx, fragment)  # type: ignore

    def disconnect(self, handle):
        try:
            self._ble.gap_disconnect(handle)
        except OSError:
            pass  # the peer was quicker

    async def _run_once(self):
        try:
            self._open()
            while True:
                await self._step()
        except OSError as error:
            self.restarts += 1
            print("radio: starts again,", repr(error))
            self._shut()

    def _open(self):
        self._ble.active(True)
        self._ble.irq(self._irq)
        self._ble.config(gap_name=self._name, mtu=self._mtu)
        write = bluetooth.FLAG_WRITE | bluetooth.FLAG_WRITE_NO_RESPONSE
        service = (
            bluetooth.UUID(gatt.SERVICE_UUID),
            (
                (bluetooth.UUID(gatt.RX_UUID), write),
                (bluetooth.UUID(gatt.TX_UUID), bluetooth.FLAG_NOTIFY),
                (bluetooth.UUID(gatt.INFO_UUID), bluetooth.FLAG_READ),
            ),
        )
        ((self._rx, self._tx, info),) = self._ble.gatts_register_services((service,))
        self._ble.gatts_set_buffer(self._rx, _BUFFER)
        self._ble.gatts_write(info, self._info)
        self._scanning = self._advertising = False

    def _shut(self):
        for connection in self._connections:
            connection.up = False
            connection.changed.set()
        self._connections = []
        try:
            self._ble.active(False)
        except OSError:
            pass  # it is down, which is what is wanted

    async def _step(self):
        if not self._ble.active():
            raise OSError(errno.ENODEV)
        if not self._scanning:
            self._scanning = True
            self._ble.gap_scan(0, _SCAN_INTERVAL_US, _SCAN_WINDOW_US)  # type: ignore
        if not self._advertising and len(self._connections) < _MOST_CONNECTIONS:
            self._advertising = True
            self._advertise()
        await self._wake.wait()
        while self._sightings:
            identifier, tag, rssi_dbm = self._sightings.popleft()
            if tag is not None:
                self._heard(tag, rssi_dbm)
            elif self.seeking:
                self.sought(identifier)
        for connection in list(self._connections):
            connection.changed.set()
            if not connection.served:
                connection.served = True
                asyncio.create_task(self._serve(connection))
            if not connection.up:
                self._connections.remove(connection)

    async def _serve(self, connection):
        try:
            await self._session(connection)
        except Exception as error:  # noqa: BLE001  one session must not end all
            print("radio: a session ended,", repr(error))
        connection.close()

    async def _look_after(self):
        # A stack that dies does so without an event.
        while True:
            await asyncio.sleep_ms(_CHECK_MS)
            self._wake.set()

    def _advertise(self):
        advert = _FLAGS + _field(_UUIDS_128, _SERVICE)
        response = _field(_NAME, self._name.encode()[:_MOST_NAME])
        self._ble.gap_advertise(_ADVERTISE_US, advert, resp_data=response)

    def _irq(self, event, data):
        try:
            if event == _SCAN_RESULT:
                self._sighted(data[3], data[4])
            else:
                self._link_event(event, data)
                self._wake.set()
        except Exception:  # noqa: BLE001  nothing may leave, not even a MemoryError
            self.dropped += 1

    def _sighted(self, rssi_dbm, advert):
        identifier = gatt.find_presence(advert)
        if identifier is None:
            return
        tag = self.table.get(identifier)
        if tag is None and not self.seeking:
            return
        if len(self._sightings) == _MOST_SIGHTINGS:
            self.dropped += 1
            return
        self._sightings.append((identifier, tag, rssi_dbm))
        self._wake.set()

    def _link_event(self, event, data):
        if event == _SCAN_DONE:
            self._scanning = False
            return
        if event == _CENTRAL_CONNECT:
            self._advertising = False  # a connection stops it
            self._connections.append(Connection(self, data[0]))
            return
        for connection in self._connections:
            if connection.up and connection.handle == data[0]:
                self._about(connection, event, data)

    def _about(self, connection, event, data):
        if event == _GATTS_WRITE and data[1] == self._rx:
            connection.written(self._ble.gatts_read(self._rx))  # type: ignore
        elif event == _MTU_EXCHANGED:
            connection.mtu = data[1]
        elif event == _CENTRAL_DISCONNECT:
            connection.up = False


def _ignore(identifier):
    pass


def _field(kind, value):
    return bytes((len(value) + 1, kind)) + value
