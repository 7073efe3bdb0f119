"""Who is here, said by hand: no phone is needed, and a device that is mistaken is put right.

hold the first button     nobody is here, and what the visit did never happened; then the device
                          shows each of its people in turn, by so many blinks
press at yours            it is you, until you are heard and leave, or for an hour untouched
"""

from firmware.press import pressed
from firmware.unload import unload

_MOST = 6
_WAIT_MS, _BLINK_MS = 2_500, 800
_choosing = []  # one at a time


def mistaken(device):
    """It is not who the device thinks: take the visit back, and ask."""
    device.carry_out(device.companion.not_me(device.now()))
    device.recognised(device.recogniser.refuse(device.uptime_ms()))
    device.ask(device.people.choosable())


async def choose(device, subjects):
    """Show each of them; whoever presses while they are shown it is."""
    if _choosing:
        return
    _choosing.append(1)
    try:
        for number, subject in enumerate(subjects[:_MOST]):
            print("asks for", number + 1)
            if await pressed(device, _WAIT_MS + number * _BLINK_MS, number + 1):
                now_ms = device.uptime_ms()
                return device.recognised(device.recogniser.chosen(subject, now_ms))
    finally:
        _choosing.clear()
        unload("firmware.choosing", "firmware.press")
