"""A lamp: two whites and a coloured light on PWM pins, one knob, one button, one light sensor."""

from machine import ADC, PWM, Pin

from firmware.hands import Button, Knob, Sensor

_BRIGHTNESS, _WARMTH, _COLOUR = 0, 1, 2
_WARMEST_K, _COOLEST_K = 2200, 6500
_FULL = 65535


class Driver:
    def __init__(self, act):
        """act: what hands may do: turn(index, detents), set(index, code), count(index, n)."""
        self._act = act
        self._turns = _BRIGHTNESS  # what the knob is for at the moment
        self._brightness, self._dimmed = 0, 60
        self._warm, self._cool = PWM(Pin(12), freq=1000), PWM(Pin(13), freq=1000)
        self._colours = [PWM(Pin(pin), freq=1000) for pin in (14, 15, 16)]
        self.hands = [
            Knob(Pin(4, Pin.IN, Pin.PULL_UP), Pin(5, Pin.IN, Pin.PULL_UP), self._turned),
            Button(Pin(6, Pin.IN, Pin.PULL_UP), self._pressed),
        ]
        self._ambient = Sensor(ADC(Pin(34)), 20)

    def apply(self, codes):
        """Make the light so; codes: brightness %, warmth K, colour 0xRRGGBB."""
        self._brightness = min(max(codes[_BRIGHTNESS], 0), 100)
        warmth_K = min(max(codes[_WARMTH], _WARMEST_K), _COOLEST_K)
        cool = (
            _FULL * self._brightness // 100 * (warmth_K - _WARMEST_K) // (_COOLEST_K - _WARMEST_K)
        )
        self._cool.duty_u16(cool)
        self._warm.duty_u16(_FULL * self._brightness // 100 - cool)
        for channel, shift in zip(self._colours, (16, 8, 0)):
            channel.duty_u16((codes[_COLOUR] >> shift & 255) * 257 * self._brightness // 100)

    def blink(self, on):
        """Asks for a press."""
        self._warm.duty_u16(_FULL // 2 if on else 0)
        self._cool.duty_u16(0)

    def on(self):
        return self._brightness > 0

    def signals(self):
        """(ambient light in permille,)"""
        return (self._ambient.read(),)

    def _turned(self, detents):
        self._act.turn(self._turns, detents)

    def _pressed(self, long):
        """Short: the knob's next setting. Long: off, or on again as bright as it was."""
        if not long:
            self._turns = (self._turns + 1) % 3
        elif self._brightness:
            self._dimmed = self._brightness
            self._act.set(_BRIGHTNESS, 0)
        else:
            self._act.set(_BRIGHTNESS, self._dimmed)
