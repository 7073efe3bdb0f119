"""Hands on the product: knobs, buttons, and what its own sensors see.

Interrupts only note what happened; everything else is done by `run`, a task that never ends. Pins
follow machine.Pin and come from the product's driver.
"""

import asyncio

# By state before and state after, each pin A * 2 + pin B: a step forwards, back, or none (bounce).
_STEPS = (0, -1, 1, 0, 1, 0, 0, -1, -1, 0, 0, 1, 0, 1, -1, 0)
_STEPS_A_DETENT = 4
_BATCH_MS = 30  # a hand that turns is told in batches: fast enough for the eye
_SETTLE_MS = 30
_LONG_MS = 800
_HELD_MS = 700  # on: it is not who the device thinks
_RESET_MS = 10_000  # any button held for so long: the device is as it left the factory


class Knob:
    """A quadrature encoder, 4 steps a detent; turned(detents) after each batch, A first is +."""

    def __init__(self, pin_a, pin_b, turned):
        self._pin_a, self._pin_b = pin_a, pin_b
        self._turned = turned
        self._state = self._read()
        self._steps = 0  # only the interrupt writes it
        self._moved = asyncio.ThreadSafeFlag()
        for pin in (pin_a, pin_b):
            pin.irq(self._changed, pin.IRQ_RISING | pin.IRQ_FALLING)

    async def run(self):
        told = 0
        while True:
            await self._moved.wait()
            await asyncio.sleep_ms(_BATCH_MS)
            steps = self._steps - told
            detents = abs(steps) // _STEPS_A_DETENT
            if not detents:
                continue
            if steps < 0:
                detents = -detents
            told += detents * _STEPS_A_DETENT
            self._turned(detents)

    def _read(self):
        return self._pin_a.value() << 1 | self._pin_b.value()

    def _changed(self, _):
        state = self._read()
        self._steps += _STEPS[self._state << 2 | state]
        self._state = state
        self._moved.set()


class Button:
    """A contact to ground; pressed(long: bool) once a press.

    pressed(False) when it is let go before `long_ms`, pressed(True) as soon as it was held so long.
    With `long_ms` = 0 every press is pressed(False), at the contact. A contact is taken at once and
    then ignored until it has settled. Held for ten seconds more it resets the device, see reset.py.
    `asked`: some question waits for a press, see press.py.
    """

    asked = False  # of all buttons

    def __init__(self, pin, pressed, long_ms=_LONG_MS):
        self._pin = pin
        self.pressed = pressed
        self._long_ms = long_ms
        self.held = None  # called when it is held on; the runtime's, of the first button
        self._contact = False
        self._changed = asyncio.ThreadSafeFlag()
        pin.irq(self._edge, pin.IRQ_RISING | pin.IRQ_FALLING)

    async def run(self):
        while True:
            await self._changed.wait()
            if not self._contact:
                continue
            if not self._long_ms:
                self.pressed(False)
            await asyncio.sleep_ms(_SETTLE_MS)
            if self._long_ms:
                self.pressed(not await self._let_go_within(self._long_ms - _SETTLE_MS))
            if self.held and self._is_down() and not await self._let_go_within(_HELD_MS):
                self.held()
            if self._is_down() and not await self._let_go_within(_RESET_MS - _HELD_MS):
                from firmware.reset import begin_anew  # loaded for that only

                begin_anew()
            while self._is_down():
                await self._changed.wait()
            await asyncio.sleep_ms(_SETTLE_MS)
            self._contact = self._is_down()
            if self._contact:  # pressed again while it settled
                self._changed.set()

    async def _let_go_within(self, ms):
        try:
            await asyncio.wait_for_ms(self._let_go(), ms)
            return True
        except asyncio.TimeoutError:
            return False

    async def _let_go(self):
        while self._is_down():
            await self._changed.wait()

    def _is_down(self):
        return not self._pin.value()

    def _edge(self, _):
        if self._is_down():
            self._contact = True
        self._changed.set()


class Sensor:
    """A signal such as ambient light, in per mille of full scale.

    It keeps its last reading until the signal has moved by `minimum_change` per mille.
    """

    def __init__(self, adc, minimum_change=0):
        self._adc = adc
        self._minimum_change = minimum_change
        self._last = None

    def read(self):
        now = self._adc.read_u16() * 1000 // 65535
        if self._last is None or abs(now - self._last) >= self._minimum_change:
            self._last = now
        return self._last
