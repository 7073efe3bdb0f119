"""Keeps the Wi-Fi joined; everything a hand can do goes on without it."""

import asyncio

import network

_CHECK_MS = 2000


class Wifi:
    def __init__(self, ssid, password):
        self._ssid, self._password = ssid, password
        self._station = network.WLAN(network.STA_IF)

    async def run(self):
        """Join, look now and then, join again."""
        self._station.active(True)
        while True:
            if not self._station.isconnected():
                try:
                    self._station.connect(self._ssid, self._password)
                except OSError as error:
                    print("wifi:", error)
            await asyncio.sleep_ms(_CHECK_MS)
