"""A reading light at a seat: two whites on PWM pins, one knob, one button, a light that offers."""

from machine import PWM, Pin

from firmware.hands import Button, Knob

_LEVEL, _WARMTH = 0, 1
_MOST = 10
_WARMEST_K, _COOLEST_K = 2700, 5000
_FULL = 65535


class Driver:
    def __init__(self, act):
        """act: what hands may do: turn(index, detents), set(index, code), accept()."""
        self._act = act
        self._turns = _LEVEL  # what the knob is for at the moment
        self._level, self._before = 0, 5
        self._warm, self._cool = PWM(Pin(12), freq=1000), PWM(Pin(13), freq=1000)
        self._offers = PWM(Pin(14), freq=2)  # blinks while something is offered
        self.hands = [
            Knob(Pin(4, Pin.IN, Pin.PULL_UP), Pin(5, Pin.IN, Pin.PULL_UP), self._turned),
            Button(Pin(6, Pin.IN, Pin.PULL_UP), self._pressed),
        ]

    def apply(self, codes):
        """Make the light so; codes: level in steps, warmth K."""
        self._level = min(max(codes[_LEVEL], 0), _MOST)
        warmth_K = min(max(codes[_WARMTH], _WARMEST_K), _COOLEST_K)
        power = _FULL * self._level // _MOST
        cool = power * (warmth_K - _WARMEST_K) // (_COOLEST_K - _WARMEST_K)
        self._cool.duty_u16(cool)
        self._warm.duty_u16(power - cool)
        self._offers.duty_u16(0)

    def offer(self, index, code):
        """Something is offered: a press takes it."""
        self._offers.duty_u16(_FULL // 2)

    def blink(self, on):
        """Asks for a press."""
        self._warm.duty_u16(_FULL // 2 if on else 0)

    def on(self):
        return self._level > 0

    def signals(self):
        return ()

    def _turned(self, detents):
        self._act.turn(self._turns, detents)

    def _pressed(self, long):
        """Short: take what is offered, else the knob's next setting. Long: off, or on again."""
        if not long:
            if not self._act.accept():
                self._turns = 1 - self._turns
            return
        if self._level:
            self._before = self._level
        self._act.set(_LEVEL, 0 if self._level else self._before)
