"""Moves what this boot said to where it belongs, once it is known what time it is.

Loaded for that only. The event is kept beside the journal until everybody's memory is done, so that
a power cut in between is mended at the next start; taken in twice it moves nothing twice.
"""

from protocol import cbor
from protocol.anchor import restamp

_NAME = "anchor"


def move(act, payload):
    """Take an ANCHORED event of ours into the journal, and into all that is known of people.

    None: finish what a power cut left.
    """
    if payload is None:
        payload = act.memory.load(_NAME)
    if payload is None:
        return act.memory.forget(_NAME)  # damaged
    act.memory.save(_NAME, payload)
    act.journal.append(payload)
    act.journal.flush()
    fields = cbor.load_list(payload, 9)
    uid, body = fields[1], fields[8]
    for subject in act.people.subjects:
        known = act.knows(subject)[0]
        if restamp(known, uid, body, act.device):
            act.people.keep(subject, known)
    return act.memory.forget(_NAME)
