"""Takes the newest events of the journal into people's memory, where a power cut came in between.

Loaded at the start only. A person's memory has all that this device said of them up to its newest
stamp there: what is later in the journal is missing.
"""

from protocol import cbor
from protocol.chain import EVENT
from protocol.events import ANCHORED, VISIT, Event
from protocol.fold import fold
from protocol.totals import Totals

_MOST = 16  # events that may be flushed at once
_FIELDS = 9


def retake(journal, people, node, settings):
    """journal: Journal; people: People; node: our device id."""
    missing = []
    for _, kind, payload in journal.records(max(1, journal.next - _MOST), _MOST, _MOST * 512):
        event = _event(payload) if kind == EVENT else None
        if event and event.kind == ANCHORED:
            missing = [one for one in missing if one.uid[:4] != event.uid[:4]]  # all was kept then
        elif event and event.subject in people.subjects:
            missing.append(event)
    for subject in {event.subject for event in missing}:
        known, changed = people.known(subject), False
        for event in missing:
            if event.subject == subject and event.stamp > _newest(known, event.uid[:4], node):
                fold(known, event, node, settings)
                _count(known, event)
                changed = True
        if changed:
            people.keep(subject, known)


def _event(payload):
    """Ours, whole: the journal has checked it."""
    fields = cbor.load_list(payload, _FIELDS)
    kind, uid, wall_ms, count, trust, uptime_ms, subject, visit, body = fields[:_FIELDS]
    return Event(kind, uid, (wall_ms, count), trust, uptime_ms, subject, visit, _tuples(body))


def _tuples(value):
    return tuple([_tuples(item) for item in value]) if isinstance(value, list) else value


def _newest(known, boot, node):
    """The newest stamp in a person's memory of what this device said in a boot."""
    words = known.registers
    said = [entry.stamp for entry in words.entries.values()]
    said += [entry.stamp for entry in words.conflicts.values()]
    said += [rule.stamp for rule in known.rules.values()]
    stamps = [stamp[:2] for stamp in said if stamp[2] == node]
    stamps += [row.stamp for row in known.rows if row.uid[:4] == boot]
    return max(stamps + [mark.stamp for mark in known.undone if mark.visit[:4] == boot] + [(0, 0)])


def _count(known, event):
    if event.kind == VISIT and event.body[4:] and event.body[4]:
        totals = Totals(*event.body[4][:5])
        if not known.totals or totals.visits > known.totals.visits:
            known.totals = totals
