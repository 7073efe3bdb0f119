"""Finds out who connects, before anything is said; loaded for that only, as the heap is small."""

import asyncio
from os import urandom

from firmware.unload import forget
from protocol.events import EXACT
from protocol.session import Device

_ANSWER_MS = 5_000
_STRANGERS = ("firmware.strangers", "firmware.press", "protocol.claim", "protocol.visitor")


async def shake(link, device, door):
    """(Records, subject, hint) of who has shown who they are, or None.

    link: Connection, device: Runtime, door: Doorstep.
    """
    least_suite = device.product.least_suite
    handshake = Device(_credentials(device), device.pairwise, urandom, least_suite)
    m1 = await link.recv_within(_ANSWER_MS)
    if m1 is None or not door.is_open(device.uptime_ms()):
        return None
    m2 = m3 = None
    for m2 in handshake.answering(m1):  # noqa: B007
        await asyncio.sleep_ms(0)  # hands and adverts in between
    forget("protocol.x25519")
    if m2 is not None and await link.send(m2):
        m3 = await link.recv_within(_ANSWER_MS)
    credential = handshake.finish(m3 or b"")
    if credential is None:
        if m2 is None or m3 is not None:  # a link that was lost is no guess
            door.failed(device.uptime_ms())
        return None
    if credential.tag in device.people.subjects:
        door.passed()
        device.people.advance(credential)
    return handshake.records, credential.tag, credential.hint


def _credentials(device):
    least_h = device.walltime.least_ms(device.uptime_ms()) // 3_600_000
    for each in device.people.credentials(least_h, device.walltime.trust == EXACT):
        yield each
    from firmware.strangers import credentials

    others = credentials(device.people)
    forget(*_STRANGERS)
    for each in others:
        yield each
