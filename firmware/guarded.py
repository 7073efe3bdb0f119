"""What takes more in a session than being known: a press, or being the owner; and what is rare.

Loaded for as long as it is needed.
"""

import asyncio

from firmware.press import pressed
from protocol.errors import ProtocolError
from protocol.messages import OWNER

_PRESS_MS = 30_000
_FINAL_SYNC_S = 10


async def reset(device, subject):
    """The owner sells the device: what is to be done once they have the answer."""
    if device.people.role(subject) != OWNER:
        raise ProtocolError("only its owner may ask that of this device")
    await setting(device, "reset")
    for _ in range(_FINAL_SYNC_S):
        if not device.journal.waiting():
            break
        await asyncio.sleep_ms(1000)
    from firmware.reset import begin_anew

    return begin_anew


async def setting(device, name):
    """Something guarded is about to be done."""
    if not await pressed(device, _PRESS_MS):
        raise ProtocolError("%s: nobody pressed a button on it within 30 s" % name)


def taste(device, subject):
    """What a person likes, to be carried elsewhere."""
    from firmware.visitor import taste

    return taste(device, subject)
