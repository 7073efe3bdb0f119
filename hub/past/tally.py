"""What is new in the totals that a device says with each visit (protocol/totals.py). Pure.

A device counts on whatever becomes of its events, so what a full journal gave up is in the next
totals that arrive, and is added once, in whatever order and however often they come.
"""

from typing import Any

from protocol.totals import Totals

Heard = dict[str, Totals]  # by subject (hex) and since: the last that was taken in

_MOST = 32  # one for each device and phone; one more when a device lost its memory


def place(subject: bytes | None, totals: Totals) -> str:
    return f"{(subject or b'').hex()}/{totals.since:08x}"


def new(heard: Heard, subject: bytes | None, totals: Totals, visit: Totals | None) -> Totals:
    """What these totals add to what was heard, and notes that they were.

    visit: the one visit that came with them, or None. A visit that is new although its totals are
    not comes from a device that fell back to an older memory: it counts as what it is.
    """
    at = place(subject, totals)
    last = heard.pop(at, Totals(totals.since, 0, 0, 0, ()))
    if totals.visits <= last.visits:
        heard[at] = totals if visit else last
        return visit or Totals(totals.since, 0, 0, 0, ())
    heard[at] = totals
    while len(heard) > _MOST:
        del heard[next(iter(heard))]
    return _difference(totals, last)


def _difference(totals: Totals, last: Totals) -> Totals:
    counted = dict(last.counters)
    counters = tuple((i, max(0, count - counted.get(i, 0))) for i, count in totals.counters)
    return Totals(
        totals.since,
        totals.visits - last.visits,
        max(0, totals.seconds - last.seconds),
        max(0, totals.adjusted - last.adjusted),
        counters,
    )


def read_heard(document: dict[str, list[Any]]) -> Heard:
    return {at: _read(*fields) for at, fields in document.items()}


def _read(since: int, visits: int, seconds: int, adjusted: int, counters: list[Any]) -> Totals:
    return Totals(since, visits, seconds, adjusted, tuple((i, count) for i, count in counters))


def write_heard(heard: Heard) -> dict[str, list[Any]]:
    return {
        at: [*totals[:4], [list(counter) for counter in totals.counters]]
        for at, totals in heard.items()
    }
