"""Runs on MicroPython: knobs, buttons and sensors on pins that a test moves.

Time passes only while everybody sleeps, so nothing here depends on how fast this computer is.
"""

import asyncio
from asyncio import core
from time import ticks_add, ticks_diff, ticks_ms

from firmware.hands import Button, Knob, Sensor

AHEAD_MS = 1 << 24  # of the clock that asyncio's C code reads: what that calls now is due here


class Clock(core.IOQueue):
    """In the place of what waits for pins and for time."""

    now_ms = ticks_add(ticks_ms(), AHEAD_MS)

    def wait_io_event(self, ms):
        super().wait_io_event(0)
        task = core._task_queue.peek()
        if ms > 0 and ticks_diff(task.ph_key, Clock.now_ms) > 0:
            Clock.now_ms = ticks_add(Clock.now_ms, ms)


core.ticks, core.IOQueue = lambda: Clock.now_ms, Clock
asyncio.new_event_loop()


class Pin:
    """A pin as machine.Pin, that the test sets."""

    IRQ_RISING, IRQ_FALLING = 1, 2

    def __init__(self):
        self._value = 1
        self._handler = None

    def irq(self, handler, trigger):
        assert trigger == self.IRQ_RISING | self.IRQ_FALLING
        self._handler = handler

    def value(self):
        return self._value

    def set(self, value):
        if value != self._value:
            self._value = value
            self._handler(self)


class Adc:
    def __init__(self):
        self.u16 = 0

    def read_u16(self):
        return self.u16


class Bench:
    """A knob and a button, and what they said."""

    def __init__(self, **button):
        self.a, self.b, self.contact = Pin(), Pin(), Pin()
        self.turns, self.presses = [], []
        self._hands = (
            Knob(self.a, self.b, self.turns.append),
            Button(self.contact, self.presses.append, **button),
        )

    def play(self, story):
        async def main():
            tasks = [asyncio.create_task(hand.run()) for hand in self._hands]
            await story()
            for task in tasks:
                task.cancel()

        asyncio.run(main())
        asyncio.new_event_loop()

    def turn(self, detents):
        """One detent is A low, B low, A high, B high; backwards B first."""
        first, second = (self.a, self.b) if detents > 0 else (self.b, self.a)
        for _ in range(abs(detents)):
            for pin, value in ((first, 0), (second, 0), (first, 1), (second, 1)):
                pin.set(value)

    def bounce(self, value):
        for shaken in (value, 1 - value, value, 1 - value, value):
            self.contact.set(shaken)


def test_a_knob_tells_detents_with_their_direction():
    bench = Bench()

    async def story():
        await asyncio.sleep_ms(0)
        bench.turn(1)
        await asyncio.sleep_ms(60)
        bench.turn(-2)
        await asyncio.sleep_ms(60)

    bench.play(story)
    assert bench.turns == [1, -2]


def test_a_fast_turn_is_one_batch_and_loses_nothing():
    bench = Bench()

    async def story():
        for _ in range(10):
            bench.turn(3)
            await asyncio.sleep_ms(1)
        await asyncio.sleep_ms(80)

    bench.play(story)
    assert sum(bench.turns) == 30 and len(bench.turns) <= 3


def test_a_knob_that_bounces_within_a_detent_tells_nothing():
    bench = Bench()

    async def story():
        for _ in range(20):
            bench.a.set(0)
            bench.a.set(1)
        bench.b.set(0)
        bench.a.set(0)
        bench.a.set(1)
        bench.b.set(1)
        await asyncio.sleep_ms(80)

    bench.play(story)
    assert bench.turns == []


def test_half_a_detent_waits_for_its_other_half():
    bench = Bench()

    async def story():
        bench.a.set(0)
        bench.b.set(0)
        await asyncio.sleep_ms(60)
        assert bench.turns == []
        bench.a.set(1)
        bench.b.set(1)
        await asyncio.sleep_ms(60)

    bench.play(story)
    assert bench.turns == [1]


def test_a_bouncing_press_is_one_press():
    bench = Bench()

    async def story():
        for _ in range(3):
            bench.bounce(0)
            await asyncio.sleep_ms(60)
            bench.bounce(1)
            await asyncio.sleep_ms(60)

    bench.play(story)
    assert bench.presses == [False, False, False]


def test_a_press_too_short_to_be_looked_at_counts():
    bench = Bench()

    async def story():
        await asyncio.sleep_ms(0)
        bench.contact.set(0)
        bench.contact.set(1)
        await asyncio.sleep_ms(100)

    bench.play(story)
    assert bench.presses == [False]


def test_a_long_press_is_told_while_it_lasts_and_only_once():
    bench = Bench(long_ms=100)

    async def story():
        bench.bounce(0)
        await asyncio.sleep_ms(70)
        assert bench.presses == []
        await asyncio.sleep_ms(80)
        assert bench.presses == [True]
        await asyncio.sleep_ms(200)
        bench.bounce(1)
        await asyncio.sleep_ms(60)

    bench.play(story)
    assert bench.presses == [True]


def test_without_a_long_press_the_contact_itself_counts():
    bench = Bench(long_ms=0)

    async def story():
        bench.bounce(0)
        await asyncio.sleep_ms(5)
        assert bench.presses == [False]
        await asyncio.sleep_ms(80)
        bench.bounce(1)
        await asyncio.sleep_ms(60)
        bench.bounce(0)
        await asyncio.sleep_ms(5)

    bench.play(story)
    assert bench.presses == [False, False]


def test_pressed_again_while_it_settles_is_a_second_press():
    bench = Bench()

    async def story():
        bench.bounce(0)
        await asyncio.sleep_ms(50)
        bench.contact.set(1)
        await asyncio.sleep_ms(10)
        bench.contact.set(0)
        await asyncio.sleep_ms(80)
        bench.contact.set(1)
        await asyncio.sleep_ms(80)

    bench.play(story)
    assert bench.presses == [False, False]


def test_a_sensor_is_quiet_until_the_signal_moved_enough():
    adc = Adc()
    sensor = Sensor(adc, 20)
    said = []
    for permille in (500, 510, 519, 521, 510, 502, 500, 1000, 0):
        adc.u16 = (permille * 65535 + 999) // 1000
        said.append(sensor.read())
    assert said == [500, 500, 500, 521, 521, 521, 500, 1000, 0]
