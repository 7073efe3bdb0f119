"""What a person and a device say in a session: who I am, what you know of me, what I want.

    ABOUT  ->  [product, [[name, code, source, sentence], ...], visits]
    SAY    [setting index, code]  ->  the setting's new line
    LEAVE  ->  nothing; the link is closed

A request that makes no sense is answered with ERROR and a sentence; the session goes on.
"""

from os import urandom

from protocol import cbor, session
from protocol.errors import ProtocolError
from protocol.schema import is_int
from protocol.why import sentence

ABOUT, SAY, LEAVE, ERROR = 1, 2, 3, 63


async def converse(link, credentials, device, answer, proven):
    """One connection from handshake to leave.

    link: firmware.radio connection; device: our 8-byte pairwise id; answer(credential, kind, value)
    -> value to be sent; proven(credential): the handshake succeeded.
    """
    handshake = session.Device(credentials, device, urandom)
    m2 = handshake.answer(await link.recv() or b"")
    if m2 is None:
        return
    await link.send(m2)
    credential = handshake.finish(await link.recv() or b"")
    if credential is None:
        return
    proven(credential)
    await _talk(link, handshake.records, credential, answer)


async def _talk(link, records, credential, answer):
    while True:
        sealed = await link.recv()
        opened = records.open(sealed) if sealed else None
        if opened is None or opened[0] == LEAVE:
            return
        kind, text = opened
        try:
            reply = cbor.dumps(answer(credential, kind, cbor.loads(text) if text else None))
        except ProtocolError as error:
            kind, reply = ERROR, cbor.dumps(str(error))
        await link.send(records.seal(kind, reply))


def read_say(value, settings):
    """(index, code) of a SAY request."""
    if not isinstance(value, list) or len(value) < 2 or not is_int(value[0]):
        raise ProtocolError("say: [setting index, code] is wanted")
    index, code = value[:2]
    if not 0 <= index < len(settings):
        raise ProtocolError("say: there is no setting %d" % index)
    fitted = settings[index].fit(code)
    if fitted != code:
        low, high = settings[index].low, settings[index].high
        raise ProtocolError("%s: %d is not within %d..%d" % (settings[index].name, code, low, high))
    return index, fitted


def about(product, decisions, daypart, visits):
    """The answer to ABOUT."""
    lines = [
        line(setting, decision, daypart) for setting, decision in zip(product.settings, decisions)
    ]
    return [product.name, lines, visits]


def line(setting, decision, daypart):
    return [setting.name, decision.code, decision.source, sentence(setting, decision, daypart)]
