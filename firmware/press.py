"""One press on the product, by whoever stands there: no radio can do it for them."""

import asyncio
from time import ticks_diff, ticks_ms

from firmware.hands import Button

_BLINK_MS = 400


async def pressed(device, wait_ms, times=1000):
    """Ask by the product's own light for a press of any button; False if none comes in time, and
    while something else asks already.

    While it asks, presses mean nothing else. The light is the driver's blink(on), if it has one,
    and blinks so many times.
    """
    if Button.asked:
        return False
    Button.asked = True
    press = asyncio.Event()
    buttons = [hand for hand in device.driver.hands if hasattr(hand, "pressed")]
    usual = [button.pressed for button in buttons]
    for button in buttons:
        button.pressed = lambda long: press.set()
    print("asks for a press")
    try:
        return await _blinking(device, press, wait_ms, 2 * times)
    finally:
        Button.asked = False
        for button, mean in zip(buttons, usual):
            button.pressed = mean
        device.apply(device.companion.codes)


async def _blinking(device, press, wait_ms, turns):
    blink = getattr(device.driver, "blink", _dark)
    since, on = ticks_ms(), True
    while ticks_diff(ticks_ms(), since) < wait_ms:
        if turns:
            blink(on)
            on, turns = not on, turns - 1
        try:
            await asyncio.wait_for_ms(press.wait(), _BLINK_MS)
            return True
        except asyncio.TimeoutError:
            pass
    return False


def _dark(on):
    pass
