"""Stand-in for MicroPython's bluetooth module: peripheral role and scanning, over the wire.

As on a board: attribute buffers are 20 bytes unless set and cut what is longer, values come as
memoryviews, connections count from 0, and a handler that raises is switched off for good.
"""

import sys
from binascii import hexlify, unhexlify

import wire
from micropython import const

FLAG_READ = const(0x02)
FLAG_WRITE_NO_RESPONSE = const(0x04)
FLAG_WRITE = const(0x08)
FLAG_NOTIFY = const(0x10)

_CENTRAL_CONNECT = const(1)
_CENTRAL_DISCONNECT = const(2)
_GATTS_WRITE = const(3)
_GATTS_READ_REQUEST = const(4)
_DEFAULT_BUFFER = const(20)
_EINVAL = const(22)
_ENODEV = const(19)
_INVALID_HANDLE = const(0x01)  # ATT error code


class UUID:
    def __init__(self, value):
        if isinstance(value, int):
            self._bytes = value.to_bytes(2, "little")
        else:
            self._bytes = bytes(reversed(unhexlify(value.replace("-", ""))))

    def __bytes__(self):
        return self._bytes

    def __iter__(self):
        return iter(self._bytes)

    def __len__(self):
        return len(self._bytes)


class _Attribute:
    def __init__(self):
        self.value, self.room = b"", _DEFAULT_BUFFER


class _BLE:
    def __init__(self):
        self._active = False
        self._handler = None
        self._attributes = {}
        self._peers = {}  # connection -> (address type, address)
        self._mtu, self._name = 256, "MPY ESP32"

    def active(self, on=None):
        if on is None or bool(on) == self._active:
            return self._active
        if on:
            wire.call("radio_on")
            self._active = True
        else:
            self._down()
            wire.call("radio_off")
        return self._active

    def config(self, parameter=None, **values):
        if parameter == "mac":
            address = wire.call("mac")
            return (0, unhexlify(address))
        if parameter is not None:
            return {"mtu": self._mtu, "gap_name": self._name}[parameter]
        self._mtu = values.get("mtu", self._mtu)
        self._name = values.get("gap_name", self._name)
        if self._active:
            self._call("config", mtu=self._mtu, name=self._name)

    def irq(self, handler):
        self._handler = handler

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        self._call(
            "advertise",
            us=interval_us,
            data=_hex(adv_data),
            response=_hex(resp_data),
            connectable=connectable,
        )

    def gap_scan(self, duration_ms=0, interval_us=1280000, window_us=11250, active=False):
        self._call("scan", ms=duration_ms, interval=interval_us, window=window_us, active=active)

    def gap_disconnect(self, connection):
        return self._call("disconnect", c=connection)

    def gatts_register_services(self, services):
        described = [
            [_hex(bytes(uuid)), [[_hex(bytes(each[0])), each[1]] for each in characteristics]]
            for uuid, characteristics in services
        ]
        handles = self._call("services", services=described)
        self._attributes = {handle: _Attribute() for service in handles for handle in service}
        return tuple([tuple(service) for service in handles])

    def gatts_read(self, handle):
        return self._attribute(handle).value

    def gatts_write(self, handle, value, send_update=False):
        attribute = self._attribute(handle)
        attribute.value = bytes(value)
        attribute.room = max(attribute.room, len(value))  # a local write grows the buffer

    def gatts_notify(self, connection, handle, value=None):
        value = self._attribute(handle).value if value is None else value
        self._call("notify", c=connection, h=handle, v=_hex(value))

    def gatts_set_buffer(self, handle, size, append=False):
        attribute = self._attribute(handle)
        attribute.value, attribute.room = b"", size  # the C code drops the value too

    # What the bench says.

    def _irq(self, message):
        event = message["e"]
        data = tuple(
            [
                memoryview(unhexlify(each)) if isinstance(each, str) else each
                for each in message["d"]
            ]
        )
        if event == _CENTRAL_CONNECT:
            self._peers[data[0]] = (data[1], bytes(data[2]))
        elif event == _CENTRAL_DISCONNECT:
            self._peers.pop(data[0], None)
        self._fire(event, data)

    def _asked(self, message):
        attribute = self._attributes.get(message["h"])
        if attribute is None:
            wire.send({"a": message["q"], "e": _INVALID_HANDLE})
            return
        event = _GATTS_READ_REQUEST
        if "v" in message:
            attribute.value = unhexlify(message["v"])[: attribute.room]
            event = _GATTS_WRITE
        refusal = self._fire(event, (message["c"], message["h"]))
        wire.send({"a": message["q"], "e": refusal or 0, "v": _hex(attribute.value)})

    def _down(self, _=None):
        self._active = False
        while self._peers:
            connection, (kind, address) = self._peers.popitem()
            self._fire(_CENTRAL_DISCONNECT, (connection, kind, memoryview(address)))

    def _fire(self, event, data):
        if self._handler is None:
            return None
        try:
            return self._handler(event, data)
        except Exception as error:  # as modbluetooth.c does: report, and never call it again
            print("Unhandled exception in IRQ callback handler")
            sys.print_exception(error)
            self._handler = None

    def _call(self, method, **arguments):
        if not self._active:
            raise OSError(_ENODEV)
        return wire.call(method, **arguments)

    def _attribute(self, handle):
        if handle not in self._attributes:
            raise OSError(_EINVAL)
        return self._attributes[handle]


def _hex(value):
    return None if value is None else hexlify(value).decode()


_ble = _BLE()
wire.on["irq"] = _ble._irq
wire.on["gatt"] = _ble._asked
wire.on["down"] = _ble._down


def BLE():
    return _ble
