"""Everything the hub knows of a customer, in the words and units of people.

What is shown as a value is what a device applies now: the same decision from the same rows.
"""

from collections import Counter
from typing import Any

from hub.devices.device import Device, registered
from hub.devices.outbox import Outbox
from hub.draft import Draft
from hub.insight.bins import bins
from hub.past.timeline import shown
from hub.past.use import Use
from hub.people import circle, wishes
from hub.people.customer import Customer
from hub.people.keys import ROLES, role
from hub.people.wishes import NODE
from hub.products import Products
from protocol import events, preference, window
from protocol.decision import Decision
from protocol.events import SOURCE_NAMES
from protocol.product import Product
from protocol.registers import HAND, Entry
from protocol.rules import FROZEN, RULE_NAMES
from protocol.schema import Setting
from protocol.sentence import sentence
from protocol.window import of_setting

DAYPARTS = ("night", "morning", "midday", "evening")

_TIMELINE = 50  # entries shown at first


def about(
    draft: Draft, products: Products, customer: Customer, local_minutes: int
) -> dict[str, Any]:
    """See Profiles.about."""
    profile, everyone = customer.profile, circle.members(draft, customer)
    linked = sorted({name for member in everyone for name in member.devices})
    devices = [device(draft, name) | _right(everyone, name) for name in linked]
    used = {name for member in everyone for name in member.used()}
    names = sorted({one["product"] for one in devices} | used)
    daypart, wanted = window.daypart(local_minutes), wishes.newest(everyone)
    settings, uses = [], []
    for product in (products[name] for name in names if name in products):
        use = circle.use(draft, customer, product)
        settings += _settings(product, use, daypart, wanted)
        uses.append(_use(product, use))
    return {
        "id": customer.id,
        "name": profile["name"],
        "email": profile["email"],
        "since_ms": profile["since_ms"],
        "identities": [{"id": member.id, "name": member.name} for member in everyone],
        "devices": devices,
        "settings": settings,
        "use": uses,
        "timeline": _newest([timeline(member, _TIMELINE) for member in everyone]),
    }


def device(draft: Draft, name: str) -> dict[str, Any]:
    """What is known of a device, without its people."""
    document = registered(draft, name) or {"product": None, "title": None, "registered_ms": None}
    one = Device(draft, name)
    return {
        "id": name,
        "product": document["product"],
        "title": document["title"],
        "registered_ms": document["registered_ms"],
        "online": one.state["online"],
        "last_seen_ms": one.state["last_seen_ms"],
        "version": one.state["version"],
        "waiting": len(Outbox(draft, one).waiting()),
        "backlog": max(0, one.state.get("next", 1) - 1 - one.state["upto"]),
        "dropped": one.state["dropped"],
        "overflows": one.state.get("overflows", 0),
    }


def _right(everyone: list[Customer], device: str) -> dict[str, Any]:
    """What somebody may do at a device, and until when: the most that an identity of theirs may."""
    shares = [one.devices[device] for one in everyone if device in one.devices]
    most = max(shares, key=lambda share: ROLES[role(share)])
    return {"role": role(most), "until_ms": most.get("until_ms")}


def device_and_people(draft: Draft, name: str) -> dict[str, Any]:
    """The same with whom it knows, its own counters, and what there is to note."""
    one = Device(draft, name)
    people = [Customer(draft, customer) for customer in one.people().values()]
    return device(draft, name) | {
        "people": [{"id": person.id, "name": person.name} for person in people],
        "totals": one.state["totals"],
        "notes": one.state["notes"][::-1],
    }


def timeline(customer: Customer, limit: int, before: int | None = None) -> list[dict[str, Any]]:
    """Newest first by the time it happened; `id` counts up in the order the hub heard it."""
    page = customer.timeline.newest(limit, before)
    plain = {"of": customer.id, "undone": False}
    return _newest([[{"id": number} | plain | entry for number, entry in page]])


def _newest(pages: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    lines = [line for page in pages for line in page]
    return sorted(lines, key=lambda line: (line["at_ms"], line["id"]), reverse=True)


def _settings(
    product: Product, use: Use, daypart: int, wanted: dict[tuple[str, int], Any]
) -> list[dict[str, Any]]:
    return [
        line
        | {"wish": _wish(wanted.get((product.name, line["index"])))}
        | _had(product.settings[line["index"]], line, use)
        for line in settings_of(product, use, daypart)
    ]


def _had(setting: Setting, line: dict[str, Any], use: Use) -> dict[str, Any]:
    """How often each of its values was had of late, and which of them it has now."""
    made = bins(setting)
    counts = Counter(made.of(code) for code, *_ in of_setting(use.known.rows, line["index"]))
    had = [{"text": text, "times": counts[at]} for at, text in enumerate(made.texts)]
    return {"had": had, "here": made.of(setting.parse(line["value"]))}  # type: ignore[attr-defined]


def settings_of(product: Product, use: Use, daypart: int) -> list[dict[str, Any]]:
    """What is applied for each setting at this time of day, and why."""
    decisions = use.known.decide(product.settings, daypart)
    return [
        _setting(product, use, index, decisions[index], daypart)
        for index, setting in enumerate(product.settings)
        if not setting.retired
    ]


def by_time(draft: Draft, customer: Customer, product: Product) -> list[dict[str, Any]]:
    """The same at every time of day, each line with `daypart`: a name of DAYPARTS."""
    use = circle.use(draft, customer, product)
    return [
        {"daypart": name} | line
        for part, name in enumerate(DAYPARTS)
        for line in settings_of(product, use, part)
    ]


def _setting(
    product: Product, use: Use, index: int, decision: Decision, daypart: int
) -> dict[str, Any]:
    setting, word = product.settings[index], use.known.registers.entries.get(index)
    author, at_ms = _author(product, use, index, decision)
    return {
        "product": product.name,
        "setting": setting.name,
        "index": index,
        "kind": setting.kind,
        "unit": setting.unit,
        "value": setting.show(decision.code),
        "shown": shown(setting, decision.code),
        "source": SOURCE_NAMES[decision.source],
        "author": author,
        "at_ms": at_ms,
        "why": sentence(setting, decision, daypart),
        "confidence_pct": decision.confidence * 100 // preference.ONE,
        "times": decision.times,
        "of": decision.of,
        "rule": RULE_NAMES[use.known.rule(index).kind],
        "frozen": not use.known.learns(index),
        "stamp": wishes.stamp_text(word),
        "conflict": _conflict(setting, word, use.known.registers.conflicts.get(index)),
        **choices(setting),
    }


def _author(product: Product, use: Use, index: int, decision: Decision) -> tuple[str, Any]:
    """Who is behind a value, and since when."""
    if decision.source == events.DEFAULT:
        return product.title, None
    if decision.source == events.COHORT:
        return "what most people use", None
    if decision.source == events.CARRIED:
        one = use.known.carried[index]
        return f"use of the {one.origin.lower()}", one.at_ms
    word, rule = use.known.registers.entries.get(index), use.known.rule(index)
    if rule.kind == FROZEN and (word is None or word.stamp <= rule.stamp):
        return (
            f"a rule made at {'the hub' if rule.stamp[2] == NODE else rule.stamp[2]}",
            rule.stamp[0],
        )
    if word and word.value is not None:
        return (f"hand on {word.stamp[2]}" if word.author == HAND else word.author), word.stamp[0]
    of_it = [row for row in use.known.rows if any(value[0] == index for value in row.values)]
    if not of_it:
        return product.title, None
    return f"use of {use.origins.get(of_it[-1].uid, 'a device')}", of_it[-1].stamp[0]


def _conflict(setting: Setting, word: Entry | None, lost: Entry | None) -> dict[str, Any] | None:
    """A wish that a hand overruled without having seen it."""
    if lost is None or lost.value is None or word is None or word.author != HAND:
        return None
    if word.base is not None and word.base >= lost.stamp:
        return None
    value = setting.show(lost.value)  # type: ignore[attr-defined]
    return {"value": value, "author": lost.author, "at_ms": lost.stamp[0]}


def choices(setting: Setting) -> dict[str, Any]:
    """What a person may choose from."""
    if setting.kind == "choice":
        return {"options": list(setting.options)}  # type: ignore[attr-defined]
    if setting.kind == "colour":
        return {"options": [setting.show(code) for code in setting.palette]}  # type: ignore[attr-defined]
    if setting.kind == "switch":
        return {"options": [False, True]}
    step = setting.step  # type: ignore[attr-defined]
    return {"low": setting.low, "high": setting.high, "step": step}


def _wish(found: Any) -> dict[str, Any] | None:
    if found is None:
        return None
    return wishes.shown_wish(*found)


def _use(product: Product, use: Use) -> dict[str, Any]:
    return {
        "product": product.name,
        "title": product.title,
        "visits": use.visits,
        "minutes": use.seconds // 60,
        "counters": [
            {
                "name": counter.name,
                "unit": counter.unit,
                "total": use.counters.get(counter.name, 0),
                "service_at": counter.service_at,
            }
            for counter in product.counters
        ],
        "adjusted": use.adjusted,
        "corrections": [
            {"at_ms": at_ms, "corrected": moved, "settings": of}
            for at_ms, moved, of in use.corrections
        ],
    }
