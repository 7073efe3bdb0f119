"""What happened to a customer, one plain sentence each.

An entry: at_ms, time_trust (of that time, as in protocol/events.py), device, product, kind, text,
details (the same as numbers and names, for tables).
"""

from typing import Any

from hub.store import Document
from protocol import chain, events
from protocol.events import EXACT, KIND_NAMES, OUTCOME_NAMES, SOURCE_NAMES, Event
from protocol.fold import corrected
from protocol.product import Product
from protocol.rules import ALL, FORGET, FROZEN, LEARN, PAUSED, RULE_NAMES
from protocol.schema import Setting

_REASONS = {
    chain.OVERFLOW: "the device's memory was full; totals are kept",
    chain.CORRUPT: "device memory damaged",
    chain.ERASED: "erased on the device",
}

_RULES = {
    LEARN: "{} is learned from use again.",
    FROZEN: "{} stays at {}, whatever is done by hand.",
    PAUSED: "{} is no longer learned from use, and not applied.",
    FORGET: "What was learned of {} is forgotten.",
}


def shown(setting: Setting, code: int) -> str:
    """A value as people say it, with its unit."""
    value = setting.show(code)  # type: ignore[attr-defined]
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value} {setting.unit}".strip()


def entry(
    at_ms: int,
    kind: str,
    text: str,
    device: str | None = None,
    product: str | None = None,
    **more: Any,
) -> Document:
    """Something that happened at the hub."""
    return {"at_ms": at_ms, "time_trust": EXACT, "device": device, "product": product} | {
        "kind": kind,
        "text": text,
        "details": more,
    }


def of_event(event: Event, device: str, product: Product, now_ms: int) -> Document:
    """An entry for a sound event of a device."""
    kind = KIND_NAMES[event.kind]
    text, details = _TELL[kind](event.body, device, product)
    at_ms = min(event.stamp[0], now_ms) if event.trust != events.NO_TIME else now_ms
    told = entry(at_ms, kind, text, device, product.name, **details)
    return told | {"time_trust": event.trust}


def of_gap(first: int, last: int, reason: int) -> str:
    """A sentence for records that a device gave up."""
    which = f"Event {first} was" if first == last else f"Events {first} to {last} were"
    return f"{which} lost: {_REASONS.get(reason, 'reason unknown')}."


def name_of(setting: Setting) -> str:
    return setting.name.replace("_", " ")


def _adjusted(body: tuple, device: str, product: Product) -> tuple[str, Document]:
    index, code, before, source = body[:4]
    setting = product.settings[index]
    now, was = shown(setting, code), shown(setting, before)
    text = f"{name_of(setting).capitalize()} set to {now} by hand at {device} (it was {was})."
    details = {"setting": setting.name, "value": now, "before": was}
    return text, details | {"source": SOURCE_NAMES[source]}


def _visit(body: tuple, device: str, product: Product) -> tuple[str, Document]:
    _, seconds, values, counters = body[:4]
    settings = product.settings
    table, moved, as_last = [], [], []
    for index, code, source, applied in values:
        setting = settings[index]
        changed = bool(corrected(setting, applied, code))
        if changed:
            moved.append(f"{name_of(setting)} {shown(setting, code)}")
        if source == events.COMPARED:
            as_last.append(name_of(setting))
        table.append(
            {
                "setting": setting.name,
                "value": shown(setting, code),
                "applied": shown(setting, applied),
                "source": SOURCE_NAMES[source],
                "corrected": changed,
            }
        )
    what = f"corrected to {', '.join(moved)}" if moved else "nothing had to be corrected"
    counted = {product.counters[index].name: count for index, count in counters}
    text = f"{_duration(seconds).capitalize()} at {device}: {what}."
    if as_last:
        text += f" To compare, as agreed: {', '.join(as_last)} as last time."
    return text, {"seconds": seconds, "values": table, "counters": counted}


def _answered(body: tuple, device: str, product: Product) -> tuple[str, Document]:
    index, asked, outcome, code = body[:4]
    setting = product.settings[index]
    wish = f"{name_of(setting)} {shown(setting, asked)}"
    text = {
        events.APPLIED: f"{device} takes the wish: {wish}.",
        events.LIMITED: f"{device} can only do {shown(setting, code)} of the wish: {wish}.",
        events.REFUSED: f"{device} kept {shown(setting, code)}, set by hand before the wish came:"
        f" {wish}.",
    }[outcome]
    return text, {
        "setting": setting.name,
        "asked": shown(setting, asked),
        "outcome": OUTCOME_NAMES[outcome],
        "value": shown(setting, code),
    }


def _stated(body: tuple, device: str, product: Product) -> tuple[str, Document]:
    setting, code = product.settings[body[0]], body[1]
    value = shown(setting, code)
    text = f"{name_of(setting).capitalize()} {value} asked for at {device}."
    return text, {"setting": setting.name, "value": value}


def _undone(body: tuple, device: str, product: Product) -> tuple[str, Document]:
    index = body[0]
    what = "A visit" if index == ALL else name_of(product.settings[index]).capitalize()
    name = None if index == ALL else product.settings[index].name
    return f"{what} taken back at {device}.", {"setting": name}


def _ruled(body: tuple, device: str, product: Product) -> tuple[str, Document]:
    index, kind, code = body[:3]
    setting = product.settings[index]
    return f"{of_rule(setting, kind, code)[:-1]}, said at {device}.", {
        "setting": setting.name,
        "rule": RULE_NAMES[kind],
        "value": shown(setting, code),
    }


def of_rule(setting: Setting, kind: int, code: int) -> str:
    """What a rule for learning means, in a sentence."""
    text = _RULES[kind].format(name_of(setting), shown(setting, code))
    return text[0].upper() + text[1:]


def _tallied(body: tuple, device: str, product: Product) -> tuple[str, Document]:
    _, visits, seconds, adjusted, _ = body
    text = f"Of some visits at {device} only the totals are left: its memory was full."
    return text, {"visits": visits, "seconds": seconds, "adjusted": adjusted}


def _duration(seconds: int) -> str:
    minutes = (seconds + 30) // 60
    if minutes < 1:
        return "less than a minute"
    return "a minute" if minutes == 1 else f"{minutes} minutes"


_TELL = {
    "adjusted": _adjusted,
    "visit": _visit,
    "answered": _answered,
    "stated": _stated,
    "undone": _undone,
    "ruled": _ruled,
    "tallied": _tallied,
}
