"""A key-fob: says who carries it, and nothing else. It listens to nobody and keeps nothing.

Its NVS, namespace "rapport": `master`, the presence master key (32 bytes), and `clock`, the time at
which it was provisioned (s since 1970, 8 bytes); from then on its own clock counts, and the time is
kept once an hour, so that a change of battery costs minutes and not the tag. When its identifier
changes, radio and address change with it, after a pause of no fixed length: nothing goes on.
"""

import asyncio
from os import urandom
from time import ticks_diff, ticks_ms

import bluetooth

from protocol import gatt, presence

_MASTER_BYTES = 32
_INTERVAL_US = 1_022_500  # of those that phones scan for (Apple's accessory guidelines)
_PRIVATE_ADDRESS = 3  # non-resolvable, new at each start of the radio
_MOST_PAUSE_MS = 2_000
_KEPT_S = 3600


def start():
    """Runs for ever; called by main.py."""
    from esp32 import NVS

    asyncio.run(Tag(NVS("rapport"), bluetooth.BLE()).run())


class Tag:
    def __init__(self, nvs, ble):
        self._nvs, self._ble = nvs, ble
        self._master = _blob(nvs, "master", _MASTER_BYTES)
        self._kept_s = self._set_s = int.from_bytes(_blob(nvs, "clock", 8), "big")
        self._ticks, self._passed_ms = ticks_ms(), 0

    async def run(self):
        while True:
            now_s = self._now_s()
            self._keep(now_s)
            self._advertise(now_s)
            while self._now_s() >> presence.TAG_ROTATION == now_s >> presence.TAG_ROTATION:
                await asyncio.sleep_ms(1000)
            self._ble.active(False)
            await asyncio.sleep_ms(int.from_bytes(urandom(2), "big") % _MOST_PAUSE_MS)

    def _advertise(self, now_s):
        key = presence.period_key(self._master, presence.period(now_s))
        identifier, mask = presence.identifier(key, presence.TAG_ROTATION, now_s)
        self._ble.active(True)
        self._ble.config(addr_mode=_PRIVATE_ADDRESS)
        advert = gatt.presence_advert(identifier, mask)
        self._ble.gap_advertise(_INTERVAL_US, advert, connectable=False)

    def _now_s(self):
        ticks = ticks_ms()
        self._passed_ms += ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        return self._set_s + self._passed_ms // 1000

    def _keep(self, now_s):
        if now_s - self._kept_s >= _KEPT_S:
            self._nvs.set_blob("clock", now_s.to_bytes(8, "big"))
            self._nvs.commit()
            self._kept_s = now_s


def _blob(nvs, name, length):
    buffer = bytearray(length)
    if nvs.get_blob(name, buffer) != length:
        raise ValueError("NVS rapport/%s: %d bytes are wanted" % (name, length))
    return bytes(buffer)
