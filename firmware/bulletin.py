"""News of the hub that somebody else's phone has carried here: whom to know no more.

For a device that hears nothing of its hub itself. A phone that was lost is a stranger from then on,
and time has surely come as far as the hub said. Loaded for as long as it is needed.
"""

from protocol import bulletin, cbor
from protocol.errors import ProtocolError
from protocol.fields import parts

_OWN = "own"  # in memory: [key, revision of the newest bulletin], see keeping.py
_WIPE = "wipe"  # there is something in flash to be wiped, see runtime.py


def hear(device, value):
    """value: [sealed] (protocol/bulletin.py); False if the device has heard as much before."""
    sealed = parts(value, 1)[0]
    own = device.memory.load(_OWN)
    if own is None or not isinstance(sealed, bytes):
        raise ProtocolError("bulletin: not sealed by the hub of this device")
    key, newest = cbor.load_list(own, 2)[:2]
    revision, hub_ms, known = bulletin.unseal(key, device.pairwise, sealed)
    if revision <= max(newest, device.sync.revision):
        return False
    for subject in list(device.people.subjects):
        if not device.people.holds(subject, known.get(subject)):
            _part(device, subject, subject in known)
    _passed(device, hub_ms)
    device.memory.save(_OWN, cbor.dumps([key, revision]))  # last: else it is heard again
    device.renew_table()
    return True


def _passed(device, hub_ms):
    """It is no earlier than that: what ends by time ends, also where nobody tells the time."""
    time = device.walltime
    time.passed(hub_ms)
    device.memory.save("time", cbor.dumps([time.floor_ms, time.offset_minutes]))


def _part(device, subject, returns):
    """Somebody is a stranger from here on; returns: the hub will tell how they are known again."""
    device.recognised(device.recogniser.forget(subject))
    device.memory.save(_WIPE, cbor.dumps([]))  # when the hub itself says that they are forgotten
    if returns:
        return device.people.lock_out(subject)
    device.carry_out(device.companion.forgotten(subject, device.now()))
    device.people.forget(subject)
