"""Stand-in for MicroPython's machine module: pins and analogue inputs the bench moves."""

import time

import wire
from micropython import const

unique = b""  # six bytes, the MAC address; start.py puts it here
_pins = {}
_analog = {}


class Pin:
    IN = const(1)
    OUT = const(3)
    OPEN_DRAIN = const(7)
    PULL_DOWN = const(1)
    PULL_UP = const(2)
    IRQ_RISING = const(1)
    IRQ_FALLING = const(2)

    def __new__(cls, number, *_, **__):
        return _pins.get(number) or object.__new__(cls)

    def __init__(self, number, mode=-1, pull=-1, *, value=None):
        if number not in _pins:
            _pins[number] = self
            self._number, self._handler, self._trigger = number, None, 0
            self._level = 0 if pull == self.PULL_DOWN else 1
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is None:
            return self._level
        self._level = int(bool(level))
        wire.send({"m": "out", "p": self._number, "v": 65535 * self._level})

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def irq(self, handler=None, trigger=3, *, hard=False):
        self._handler, self._trigger = handler, trigger

    def _moved(self, level):
        if level == self._level:
            return
        self._level = level
        if self._handler and self._trigger & (self.IRQ_RISING if level else self.IRQ_FALLING):
            self._handler(self)


class ADC:
    ATTN_11DB = const(3)

    def __init__(self, pin, *, atten=None):
        self._number = pin._number if isinstance(pin, Pin) else pin

    def atten(self, _):
        pass

    def read_u16(self):
        return _analog.get(self._number, 0)

    def read_uv(self):
        return self.read_u16() * 3300000 // 65535


class PWM:
    def __init__(self, pin, *, freq=5000, duty_u16=0):
        self._number = pin._number if isinstance(pin, Pin) else pin
        self._freq, self._duty = freq, None
        self.duty_u16(duty_u16)

    def freq(self, hertz=None):
        if hertz is None:
            return self._freq
        self._freq = hertz

    def duty_u16(self, duty=None):
        if duty is None:
            return self._duty
        if duty != self._duty:
            self._duty = duty
            wire.send({"m": "out", "p": self._number, "v": duty})

    def deinit(self):
        self.duty_u16(0)


class WDT:
    """Bites nobody: ticks can be skipped by an hour here. Counts how often it was fed."""

    def __init__(self, id=0, timeout=5000):
        self.fed = 0

    def feed(self):
        self.fed += 1


def reset():
    wire.send({"m": "reset"})
    while True:  # the bench cuts the power; nothing may run until then, no finaliser either
        time.sleep_us(1000000)


def reset_cause():
    return 1  # PWRON_RESET


def unique_id():
    return unique


def freq(hertz=None):
    return 240000000 if hertz is None else None


def _pins_moved(message):
    for number, level in message["v"]:
        pin = _pins.get(number)
        if pin:
            pin._moved(level)


def _analog_moved(message):
    _analog[message["p"]] = message["v"]


wire.on["pins"] = _pins_moved
wire.on["adc"] = _analog_moved
