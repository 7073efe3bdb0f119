"""What a person and a device say in a session: what you know of me, what I want.

    ABOUT  ->  [product, [[name, code, source, sentence], ...], visits]
    SAY    [setting index, code]  ->  the setting's new line
    LEAVE  ->  nothing; the link is closed

A request that makes no sense is answered with ERROR and a sentence; the session goes on.
"""

from os import urandom

from protocol import cbor, session
from protocol.errors import ProtocolError
from protocol.schema import is_int
from protocol.sentence import sentence


async def converse(link, device):
    """One connection from handshake to leave; link: Connection, device: Runtime."""
    handshake = session.Device(device.people.credentials(), device.pairwise, urandom)
    m2 = handshake.answer(await link.recv() or b"")
    if m2 is None:
        return
    await link.send(m2)
    credential = handshake.finish(await link.recv() or b"")
    if credential is None:
        return
    device.people.advance(credential)
    await _talk(link, handshake.records, credential.tag, device)


async def _talk(link, records, subject, device):
    while True:
        sealed = await link.recv()
        opened = records.open(sealed) if sealed else None
        if opened is None or opened[0] == session.LEAVE:
            return
        kind, text = opened
        try:
            reply = _answer(device, subject, kind, cbor.loads(text) if text else None)
        except ProtocolError as error:
            kind, reply = session.ERROR, str(error)
        await link.send(records.seal(kind, cbor.dumps(reply)))


def _answer(device, subject, kind, value):
    settings = device.product.settings
    if kind == session.SAY:
        index, code = _read_say(value, settings)
        device.said(subject, index, code)
        return _lines(device, subject)[index]
    if kind == session.ABOUT:
        known, _ = device.knows(subject)
        return [device.product.name, _lines(device, subject), len(known.rows)]
    raise ProtocolError("request %d is not known here" % kind)


def _read_say(value, settings):
    if not isinstance(value, list) or len(value) < 2 or not is_int(value[0]):
        raise ProtocolError("say: [setting index, code] is wanted")
    index, code = value[:2]
    if not 0 <= index < len(settings):
        raise ProtocolError("say: there is no setting %d" % index)
    setting = settings[index]
    if setting.fit(code) != code:
        raise ProtocolError(
            "%s: %d is not within %d..%d" % (setting.name, code, setting.low, setting.high)
        )
    return index, code


def _lines(device, subject):
    known, now = device.knows(subject)
    settings = device.product.settings
    lines = []
    for setting, decision in zip(settings, known.decide(settings, now.daypart)):
        why = sentence(setting, decision, now.daypart)
        lines.append([setting.name, decision.code, decision.source, why])
    return lines
