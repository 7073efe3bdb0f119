"""Who is not known here and may come in all the same: with the label to claim it, or for a visit.

    CLAIM  [challenge (16)]  ->  receipt (32), after a press: protocol/claim.py
    VISIT  [taste, key, signature]  ->  [[name, code], ...] that is honoured: protocol/visitor.py

Loaded for as long as it is needed.
"""

from esp32 import NVS

from protocol import cbor, claim, visitor
from protocol.errors import ProtocolError
from protocol.fields import parts, raw
from protocol.messages import OWNER
from protocol.session import CLAIM, ERROR

_PRESS_MS = 60_000


def credentials(people):
    """What everybody has, and what stands on the label of a device that has no owner."""
    known = _secret()
    if not known or any(people.role(subject) == OWNER for subject in people.subjects):
        return [visitor.credential()]
    return [visitor.credential(), claim.credential(known)]


async def receive(link, device, door, records, tag, hint):
    """The whole session of one of them; who comes for nothing has knocked once too often."""
    if tag == visitor.VISITOR:
        from firmware.visitor import visit

        served = await visit(link, records, device, door)
    else:
        served = await _claimed(link, records, device)
    if not served:
        door.failed(device.uptime_ms())


async def _claimed(link, records, device):
    opened = records.open(await link.recv() or b"")
    if opened is None or opened[0] != CLAIM:
        return False
    try:
        challenge = raw(parts(cbor.loads(opened[1]), 1)[0], claim.CHALLENGE_BYTES)
        from firmware.press import pressed

        if not await pressed(device, _PRESS_MS):
            raise ProtocolError("claim: nobody pressed a button on it within a minute")
        kind, reply = CLAIM, claim.receipt(_secret(), device.pairwise, challenge)
    except ProtocolError as error:
        kind, reply = ERROR, str(error)
    await link.send(records.seal(kind, cbor.dumps(reply)))
    await link.recv()  # the answer leaves before the link does
    return kind == CLAIM


def _secret():
    buffer = bytearray(claim.SECRET_BYTES)
    try:
        length = NVS("rapport").get_blob("claim", buffer)
    except OSError:
        return None
    return bytes(buffer) if length == claim.SECRET_BYTES else None
