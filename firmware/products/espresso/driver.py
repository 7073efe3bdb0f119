"""An espresso machine: a heater and a pump on PWM pins, six buttons."""

from machine import PWM, Pin

from firmware.hands import Button

_STRENGTH, _VOLUME, _TEMPERATURE = 0, 1, 2
_CUPS, _SINCE_DESCALING = 0, 1
_HARD_LIMIT_C = 96  # the boiler's own: no profile, hub or fault above gets past it
_COLDEST_C = 20
_FULL = 65535


class Driver:
    def __init__(self, act):
        """act: what hands may do: turn(index, detents), set(index, code), count(index, n)."""
        self._act = act
        self._heater, self._pump = PWM(Pin(12), freq=10), PWM(Pin(13), freq=50)
        self._volume_ml = 0
        steps = ((4, _STRENGTH, 1), (5, _VOLUME, 1), (18, _VOLUME, -1), (19, _TEMPERATURE, 1))
        self.hands = [self._step(*step) for step in steps + ((21, _TEMPERATURE, -1),)]
        self.hands.append(Button(Pin(22, Pin.IN, Pin.PULL_UP), self._brew))

    def apply(self, codes):
        """Heat to what is wanted, never above the boiler's limit; codes: index, ml, degrees C."""
        wanted_C = min(max(codes[_TEMPERATURE], _COLDEST_C), _HARD_LIMIT_C)
        self._heater.duty_u16(_FULL * wanted_C // 100)
        self._volume_ml = codes[_VOLUME]

    def on(self):
        return True

    def signals(self):
        return ()

    def _step(self, pin, index, detents):
        turn = self._act.turn
        return Button(Pin(pin, Pin.IN, Pin.PULL_UP), lambda long: turn(index, detents))

    def _brew(self, long):
        """Short: a cup. Long: the machine was descaled."""
        if long:
            self._act.reset(_SINCE_DESCALING)
            return
        self._pump.duty_u16(_FULL * self._volume_ml // 120)
        self._act.count(_CUPS, 1)
        self._act.count(_SINCE_DESCALING, 1)
