"""Makes a decoded event safe to fold: known settings, codes on their grid, numbers in reason."""

from protocol import events
from protocol.clock import too_far_ahead
from protocol.errors import ProtocolError
from protocol.events import Event
from protocol.product import Product

_MOST_COUNT = 0xFFFF
_MOST_VISIT = 0xFFFFFFFF
_MOST_SECONDS = 366 * 86_400  # of one visit
_MOST_COUNTED = 1 << 40


def sound(event: Event, product: Product, now_ms: int) -> Event:
    """The event as it is folded, or ProtocolError for one that no honest device makes.

    A stamp too far in the future becomes now, of no trusted time. What a newer version of the
    product says of settings and counters unknown here is left out.
    """
    if event.stamp[1] > _MOST_COUNT or event.visit > _MOST_VISIT:
        raise ProtocolError(f"event: stamp {event.stamp} or visit {event.visit} out of range")
    if too_far_ahead(event.stamp, now_ms):
        event = event._replace(stamp=(now_ms, 0), trust=events.NO_TIME)
    event = event._replace(trust=min(event.trust, events.EXACT))
    name = events.KIND_NAMES.get(event.kind)
    if name == "visit":
        return event._replace(body=_visit(event.body, product))
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
    return daypart, min(seconds, _MOST_SECONDS), values, _counts(counters, product)


def _counts(counters: tuple, product: Product) -> tuple:
    known = [counter[:2] for counter in counters if counter[0] < len(product.counters)]
    return tuple((index, min(max(count, 0), _MOST_COUNTED)) for index, count in known)


def _of_setting(name: str, body: tuple, product: Product) -> tuple:
    if len(body) < 2 or body[0] >= len(product.settings):
        raise ProtocolError(f"event: {name} of setting {body[:1]}, unknown in {product.name}")
    index, fit = body[0], product.settings[body[0]].fit
    if name == "adjusted":
        return index, fit(body[1]), fit(body[2]), _source(body[3])
    if name == "answered":
        return index, fit(body[1]), body[2], fit(body[3])
    return index, fit(body[1])


def _source(source: int) -> int:
    return source if 0 <= source < len(events.SOURCE_NAMES) else events.DEFAULT
