"""A panel through the two cores alone: device core, bytes, the hub's fold."""

from collections.abc import Callable

from firmware.companion import Companion
from firmware.effects import Now, Record
from protocol import events
from protocol.clock import Clock
from protocol.fold import Known, fold
from protocol.product import Product
from protocol.window import daypart
from tools.replay.panel import Panel, Visit
from tools.replay.score import Score, differs

_DEVICE = "panel-1"
_TOUCH_MS, _LEAVE_MS = 2_000, 60_000


class MismatchError(Exception):
    """Device and hub do not know the same of a person: a defect, never a matter of data."""


def replay(panel: Panel, product: Product, done: Callable[[Visit], None]) -> Score:
    """Play every visit; done(visit) after each. Returns the score."""
    score = Score(product)
    device = Companion(product, _DEVICE, b"core", Clock())
    at_device: dict[str, Known] = {}
    at_hub: dict[str, Known] = {}
    for visit in panel.visits:
        known = at_device.setdefault(visit.person, Known())
        kept = at_hub.setdefault(visit.person, Known())
        _visit(device, product, known, kept, visit, score)
        done(visit)
    return score


def _visit(
    device: Companion, product: Product, known: Known, kept: Known, visit: Visit, score: Score
) -> None:
    now = _now(visit.time_s * 1000)
    effects = device.near(_subject(visit.person), known, now)
    effects += device.sure(now)
    score.take(visit, dict(zip([s.name for s in product.settings], device.codes, strict=True)))
    for index, setting in enumerate(product.settings):
        if setting.name in visit.choices:
            wanted = setting.parse(visit.choices[setting.name])
            if differs(setting, device.codes[index], wanted):
                effects += device.adjusted(index, wanted, now)
    effects += device.settled(_now(visit.time_s * 1000 + _TOUCH_MS))
    effects += device.away(_now(visit.time_s * 1000 + _LEAVE_MS))
    for effect in effects:
        if isinstance(effect, Record):
            fold(kept, events.decode_event(effect.payload), _DEVICE, product.settings)
    if kept.rows != known.rows:
        raise MismatchError(f"after a visit of {visit.person}")


def _subject(person: str) -> bytes:
    return person.encode()[:8].ljust(8, b"\0")


def _now(wall_ms: int) -> Now:
    return Now(wall_ms, wall_ms, events.EXACT, daypart(wall_ms // 60_000 % 1440))
