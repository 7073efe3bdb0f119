"""Stand-in for MicroPython's network module: a Wi-Fi station the bench switches on and off."""

import wire
from micropython import const

STA_IF = const(0)
AP_IF = const(1)
STAT_IDLE = const(1000)
STAT_CONNECTING = const(1001)
STAT_GOT_IP = const(1010)
STAT_NO_AP_FOUND = const(201)


class WLAN:
    _active = _wanted = False
    _reachable = True  # whether the access point is there

    def __new__(cls, interface=STA_IF):
        return _station

    def active(self, on=None):
        if on is not None:
            self._active = bool(on)
            self._wanted = self._wanted and self._active
        return self._active

    def connect(self, ssid=None, key=None, **_):
        if not self._active:
            raise OSError("Wifi Internal State Error")
        self._wanted = True

    def disconnect(self):
        self._wanted = False

    def isconnected(self):
        return self._wanted and self._reachable

    def status(self, parameter=None):
        if parameter == "rssi":
            return -50
        if not self._wanted:
            return STAT_IDLE
        return STAT_GOT_IP if self._reachable else STAT_NO_AP_FOUND

    def config(self, *parameters, **_):
        return None

    def ifconfig(self):
        address = "127.0.0.1" if self.isconnected() else "0.0.0.0"
        return (address, "255.0.0.0", address, address)


_station = object.__new__(WLAN)


def _wifi(message):
    _station._reachable = bool(message["v"])


wire.on["wifi"] = _wifi
