"""A control panel: one knob a setting and nothing else, for replaying what people chose."""

import json

from machine import Pin

from firmware.hands import Knob

FIRST_PIN = 100  # knob n has the pins FIRST_PIN + 2 n and the one after


class Driver:
    def __init__(self, act):
        with open("firmware/products/panel/product.json") as file:
            count = len(json.load(file)["settings"])
        self.hands = [self._knob(act, index) for index in range(count)]

    def apply(self, codes):
        pass  # the runtime says on its console what it sets

    def on(self):
        return True

    def signals(self):
        return ()

    def _knob(self, act, index):
        pins = [Pin(FIRST_PIN + 2 * index + n, Pin.IN, Pin.PULL_UP) for n in range(2)]
        return Knob(pins[0], pins[1], lambda detents: act.turn(index, detents))
