"""What a person and a device say in a session: what you know of me, what I want.

    ABOUT  ->  [product, [[name, code, source, sentence], ...], visits, mode]
    SAY    [setting index, code]  ->  the setting's new line
    RULE   [setting index, kind of rule]  ->  the setting's new line; kinds: protocol/rules.py
    UNDO   ->  the lines of all settings, after the last thing this person did here was undone
    MODE   [mode]  ->  the mode; how well they want to be known: rules.STRANGER, LOCAL, FULL
    RESET  ->  true, after a press; then the device is as it left the factory: the owner only
    BULLETIN  [sealed]  ->  was it new? What the hub says, carried here: protocol/bulletin.py
    TASTE  ->  what the person likes, to be carried to strange devices: protocol/visitor.py
    LEAVE  ->  nothing; the link is closed

A request that makes no sense is answered with ERROR and a sentence; the session goes on. What is
guarded waits for a press on the device, half a minute. Each request is answered as long as the keys
of the session are those that the device knows the person by: a lost phone ends with its next.
"""

import asyncio

from firmware.unload import forget
from protocol import cbor, session
from protocol.errors import ProtocolError
from protocol.fields import count, parts
from protocol.rules import FORGET, FULL, LOCAL, STRANGER
from protocol.schema import GUARDED, is_int

_IDLE_MS = 120_000
_FAREWELL_MS = 500
_DEEDS = (session.SAY, session.RULE, session.UNDO)  # by which something is kept of a person


async def converse(link, device, records, subject, hint):
    """With who has shown who they are, until they leave; link: Connection, device: Runtime."""
    while True:
        sealed = await link.recv_within(_IDLE_MS)
        opened = records.open(sealed) if sealed else None
        if opened is None or opened[0] == session.LEAVE:
            return
        kind, text = opened
        done = None
        if not device.people.holds(subject, hint):
            return
        try:
            value = cbor.loads(text) if text else None
            answered, reply, done = await _guard(device, subject, kind, value)
            if not answered:
                reply = _answer(device, subject, kind, value)
        except ProtocolError as error:
            kind, reply = session.ERROR, str(error)
        await link.send(records.seal(kind, cbor.dumps(reply)))
        if done:
            await asyncio.sleep_ms(_FAREWELL_MS)  # the answer leaves first
            done()


async def _guard(device, subject, kind, value):
    """(is it answered, the answer, what to do then) of what takes more than being known."""
    name = ""
    if kind == session.SAY:
        setting = device.product.settings[_read_say(value, device.product.settings)[0]]
        name = setting.name if setting.cost == GUARDED else ""
    if kind == session.BULLETIN:
        from firmware.bulletin import hear

        try:
            return True, hear(device, value), None
        finally:
            forget("firmware.bulletin", "protocol.bulletin")
    if not name and kind not in (session.RESET, session.TASTE):
        return False, None, None
    from firmware import guarded

    try:
        if name:
            return False, await guarded.setting(device, name), None
        if kind == session.TASTE:
            return True, guarded.taste(device, subject), None
        return True, True, await guarded.reset(device, subject)
    finally:
        forget("firmware.guarded", "firmware.press", "firmware.visitor", "protocol.visitor")


def _answer(device, subject, kind, value):
    settings = device.product.settings
    if kind == session.MODE:
        mode = count(parts(value, 1)[0], FULL)
        _choose(device, subject, mode)
        return mode
    if kind in _DEEDS and device.people.mode(subject) == STRANGER:
        raise ProtocolError("you wanted to be a stranger here, so nothing of you is kept")
    if kind == session.SAY:
        index, code = _read_say(value, settings)
        device.carry_out(device.companion.said(index, code, device.prove(subject)))
        return _lines(device, subject)[index]
    if kind == session.RULE:
        index, rule = _read_index(value, settings)
        rule = count(rule, FORGET)
        device.carry_out(device.companion.ruled(index, rule, device.prove(subject)))
        return _lines(device, subject)[index]
    if kind == session.UNDO:
        if not device.carry_out(device.companion.undo(device.prove(subject))):
            raise ProtocolError("undo: you did nothing here since the power came on")
        return _lines(device, subject)
    if kind == session.ABOUT:
        known, _ = device.knows(subject)
        mode = device.people.mode(subject)
        return [device.product.name, _lines(device, subject), len(known.rows), mode]
    raise ProtocolError("request %d is not known here" % kind)


def _choose(device, subject, mode):
    """From now on they want to be known so well."""
    device.people.choose(subject, mode)
    if mode == STRANGER:
        device.recogniser.forget(subject)
        device.carry_out(device.companion.forgotten(subject, device.now()))
    elif subject == device.companion.subject:
        device.companion.known.local = mode == LOCAL
    device.renew_table()


def _read_index(value, settings):
    if not isinstance(value, list) or len(value) < 2 or not is_int(value[0]):
        raise ProtocolError("[setting index, number] is wanted")
    index, number = value[:2]
    if not 0 <= index < len(settings):
        raise ProtocolError("there is no setting %d" % index)
    return index, number


def _read_say(value, settings):
    index, code = _read_index(value, settings)
    setting = settings[index]
    if setting.fit(code) != code:
        raise ProtocolError(
            "%s: %d is not within %d..%d" % (setting.name, code, setting.low, setting.high)
        )
    return index, code


def _lines(device, subject):
    from protocol.sentence import sentence  # for a moment only

    known, now = device.knows(subject)
    settings = device.product.settings
    lines = []
    decisions = device.companion.decisions  # as applied, for whoever is here
    if subject != device.companion.subject:
        decisions = known.decide(settings, now.daypart)
    for setting, decision in zip(settings, decisions):
        why = sentence(setting, decision, now.daypart)
        lines.append([setting.name, decision.code, decision.source, why])
    forget("protocol.sentence")
    return lines
