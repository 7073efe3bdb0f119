"""Leaves no byte in flash of somebody who was forgotten.

What is removed lies there until something else does: in blocks that are free now, in the names of
a folder, in the last segment of the journal. A step takes some tens of milliseconds, so that hands
and adverts have their turn between two. Loaded for as long as it takes.
"""

import os
from time import ticks_diff, ticks_ms

_MARK = "wipe"
_PIECE = bytes(512)
_STEP_MS = 40
_PATIENCE = 120  # steps, a minute: the hub takes over what it was not told yet
_RENAMES = 150  # of a name, until what the folder's two blocks said before is gone from both
_LAST_BYTES = 65_536  # that are filled at one go: while flash is full, nothing else is kept
_MOST_BYTES = 16 << 20  # what has more free is no board's flash, and not ours to fill


def steps(act, message):
    """Forget who is to be, for a Runtime; go on whenever the next step is asked for.

    The hub is told at the end. What a power cut or a failing flash leaves is said again by the hub.
    """
    known = message.subject in act.people.subjects or _MARK in act.memory.names()
    if known:
        act.memory.save(_MARK, b"")
    act.people.forget(message.subject)
    act.recogniser.forget(message.subject)
    act.carry_out(act.companion.forgotten(message.subject, act.now()))
    act.renew_table()
    if not known:
        act.kept(message.revision)
        return
    for _ in _overwrite(act):
        yield
    act.memory.forget(_MARK)
    act.kept(message.revision)
    act.sync.joined(act.uptime_ms())  # what was said meanwhile is said again


def _overwrite(act):
    journal, folder = act.journal, act.memory.folder
    for _ in range(_PATIENCE):
        if not journal.waiting():
            break
        yield
    journal.renew()
    act.carry_out(act.companion.totals(act.now()))  # the new segment is to have its number
    free = os.statvfs(folder)
    left = free[0] * free[3]
    if left > _MOST_BYTES:
        return
    path, began = folder + "/wiped.new", ticks_ms()  # so named: it goes at the next start
    for number in range(2 * _RENAMES):
        name = journal.path + "/00000000" if number & 1 else path
        with open(name, "wb"):
            pass
        os.remove(name)
        if ticks_diff(ticks_ms(), began) > _STEP_MS:
            yield
            began = ticks_ms()
    try:
        with open(path, "wb") as file:
            while file.write(_PIECE):
                left -= len(_PIECE)
                if left > _LAST_BYTES and ticks_diff(ticks_ms(), began) > _STEP_MS:
                    yield
                    began = ticks_ms()
    except OSError:
        pass  # full
    os.remove(path)
