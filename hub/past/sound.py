"""Makes a decoded event safe to fold: known settings, codes on their grid, numbers in reason."""

from protocol import events
from protocol.clock import too_far_ahead
from protocol.errors import ProtocolError
from protocol.events import Event
from protocol.product import Product
from protocol.rules import ALL
from protocol.totals import Totals

_MOST_COUNT = 0xFFFF
_MOST_GUESSED_MS = 3_600_000  # a phone's identifier tells the time to a quarter of an hour
_MOST_STARTS_MS = 86_400_000  # each start of a device goes on a minute later
_MOST_VISIT = 0xFFFFFFFF
_MOST_SECONDS = 366 * 86_400  # of one visit
_MOST_COUNTED = 1 << 40


class UnknownSettingError(ProtocolError):
    """It is of a setting that only a newer version of the product has, or none."""


def timely(event: Event, now_ms: int, told_ms: int, boot: str) -> Event:
    """The event, its stamp not too far in the future: that becomes now, of no trusted time.

    told_ms: the latest time that this hub ever told the device; stamps never go back, so they stay
    there when it was the hub's clock that jumped. boot: the device's present one (hex). What that
    boot guessed the device itself will put in its place, with the anchor that follows.
    """
    guessed = event.trust < events.EXACT and event.uid[:4].hex() == boot
    latest_ms = now_ms + guessed * _MOST_GUESSED_MS
    if too_far_ahead((told_ms, 0), now_ms):
        latest_ms = told_ms + _MOST_STARTS_MS
    if not too_far_ahead(event.stamp, latest_ms):
        return event
    number = int.from_bytes(event.uid[4:], "big")  # so that they stay in order
    return event._replace(stamp=(now_ms, number & _MOST_COUNT), trust=events.NO_TIME)


def sound(event: Event, product: Product) -> Event:
    """The event as it is folded, or ProtocolError for one that no honest device makes.

    What a newer version of the product says of settings and counters unknown here is left out.
    """
    if event.stamp[1] > _MOST_COUNT or event.visit > _MOST_VISIT:
        raise ProtocolError(f"event: stamp {event.stamp} or visit {event.visit} out of range")
    event = event._replace(trust=min(event.trust, events.EXACT))
    name = events.KIND_NAMES.get(event.kind)
    if name == "visit":
        return event._replace(body=_visit(event.body, product))
    if name == "tallied":
        return event._replace(body=_totals(event.body, product))
    if name == "anchored":
        return event
    if name == "totals":
        return event._replace(body=_counts(event.body, product))
    if name is not None:
        return event._replace(body=_of_setting(name, event.body, product))
    return event


def _visit(body: tuple, product: Product) -> tuple:
    daypart, seconds, values, counters = body[:4]
    settings, kept = product.settings, {}
    for index, code, source, applied in (value[:4] for value in values):
        if index < len(settings):
            fit = settings[index].fit
            kept[index] = (index, fit(code), _source(source), fit(applied))
    values = tuple(kept[index] for index in sorted(kept))
    whole = daypart, min(seconds, _MOST_SECONDS), values, _counts(counters, product)
    return (*whole, _totals(body[4], product)) if len(body) > 4 and body[4] else whole


def _totals(body: tuple, product: Product) -> Totals:
    since, visits, seconds, adjusted = (min(value, _MOST_COUNTED) for value in body[:4])
    return Totals(since, visits, seconds, adjusted, _counts(body[4], product))


def _counts(counters: tuple, product: Product) -> tuple:
    known = [counter[:2] for counter in counters if counter[0] < len(product.counters)]
    return tuple((index, min(max(count, 0), _MOST_COUNTED)) for index, count in known)


def _of_setting(name: str, body: tuple, product: Product) -> tuple:
    if name == "undone" and body[0] == ALL:
        return body[:2]
    if len(body) < 2 or body[0] >= len(product.settings):
        raise UnknownSettingError(f"event: {name} of {body[:1]}, unknown in {product.name}")
    index, fit = body[0], product.settings[body[0]].fit
    if name == "adjusted":
        return index, fit(body[1]), fit(body[2]), _source(body[3]), *body[4:5]
    if name == "answered":
        return index, fit(body[1]), body[2], fit(body[3]), *body[4:6]
    if name == "ruled":
        return index, body[1], fit(body[2])
    if name == "undone":
        return index, body[1], *(None if code is None else fit(code) for code in body[2:3])
    return index, fit(body[1])


def _source(source: int) -> int:
    return source if 0 <= source < len(events.SOURCE_NAMES) else events.DEFAULT
