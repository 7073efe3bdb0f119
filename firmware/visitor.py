"""Honours the taste of somebody who only visits: until their link ends, and nothing of it is kept.

Comfort settings only, by their traits and within the product's limits, after a press by whoever
stands there, and only while nobody is here whom the device knows. Loaded for the visit.
"""

from firmware.hands import Button
from firmware.press import pressed
from firmware.unload import forget
from protocol import cbor, session, visitor
from protocol.errors import ProtocolError
from protocol.fields import parts
from protocol.schema import CHEAP
from protocol.window import DAYPARTS

_PRESS_MS = 30_000


def taste(device, subject):
    """What a person here likes, to be carried elsewhere: see protocol/visitor.py."""
    known, _ = device.knows(subject)
    settings, by_part = device.product.settings, []
    for part in range(DAYPARTS + 1):
        by_part.append([one.code for one in known.decide(settings, part)])
    return [
        [setting.trait, _unit(setting), [codes[index] for codes in by_part]]
        for index, setting in enumerate(settings)
        if "." in setting.trait and setting.cost == CHEAP and not setting.retired
    ]


async def visit(link, records, device, door):
    """The whole visit, once its session is open; False if nothing was honoured."""
    opened = records.open(await link.recv() or b"")
    if opened is None or opened[0] != session.VISIT:
        return False
    try:
        wanted = await _wanted(device, door, cbor.loads(opened[1]))
    except ProtocolError as error:
        await link.send(records.seal(session.ERROR, cbor.dumps(str(error))))
        return False
    before = device.companion.codes
    _set(device, wanted)
    names = [[device.product.settings[index].name, wanted[index]] for index in sorted(wanted)]
    await link.send(records.seal(session.VISIT, cbor.dumps(names)))
    while (records.open(await link.recv() or b"") or (session.LEAVE,))[0] != session.LEAVE:
        pass  # they are here still
    codes = device.companion.codes
    _set(device, {index: before[index] for index in wanted if codes[index] == wanted[index]})
    return True


async def _wanted(device, door, value):
    """{index: code} that is honoured."""
    from protocol.rsa import verify

    carried, modulus, signature = parts(value, 3)
    if not all(isinstance(each, bytes) for each in (carried, modulus, signature)):
        raise ProtocolError("[taste, key, signature] is wanted")
    genuine = verify(modulus, signature, visitor.signed(carried))
    forget("protocol.rsa")
    if not genuine:
        raise ProtocolError("this taste is not as its owner signed it")
    tastes, daypart = visitor.read(cbor.loads(carried)), device.now().daypart
    if Button.asked:
        raise ProtocolError("something else is asked there just now")
    if door.declined(modulus, device.uptime_ms()):
        raise ProtocolError("it asked before, and nobody there wanted it")
    if not await pressed(device, _PRESS_MS):
        door.decline(modulus, device.uptime_ms())
        raise ProtocolError("nobody pressed a button on it within 30 s")
    if device.companion.subject is not None:
        raise ProtocolError("somebody is here who lives with it")
    wanted = {}
    for index, setting in enumerate(device.product.settings):
        for trait, unit, codes in tastes:
            fits = (setting.trait, _unit(setting)) == (trait, unit)
            if fits and "." in trait and setting.cost == CHEAP and not setting.retired:
                wanted[index] = setting.fit(codes[daypart])
    return wanted


def _set(device, wanted):
    """As a hand would whose nobody is known: followed, and not remembered."""
    if device.companion.subject is None:
        for index in wanted:
            device.carry_out(device.companion.adjusted(index, wanted[index], None))


def _unit(setting):
    return setting.unit or setting.kind
