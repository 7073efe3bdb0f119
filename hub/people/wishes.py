"""Changes asked for from afar: each is a word in a register, and a wish that people can follow.

For each device a wish is queued, then delivered (it is in the device's flash), then applied,
limited or refused. A wish that a newer one overtook before it was delivered is replaced.
"""

import json
from typing import Any, NamedTuple

from hub.draft import Draft
from hub.errors import ChangedSinceError, InvalidError
from hub.past.record import happened
from hub.past.timeline import entry, name_of, shown
from hub.past.use import NODE, read_use, write_entry
from hub.people import circle
from hub.people.customer import Customer
from hub.store import Document
from protocol.clock import Clock
from protocol.errors import ProtocolError
from protocol.events import OUTCOME_NAMES
from protocol.product import Product, find
from protocol.registers import HAND, Entry
from protocol.schema import Setting

QUEUED, DELIVERED, REPLACED, UNDONE = "queued", "delivered", "replaced", "undone"
_LONGEST_AUTHOR = 64
_OVERALL = ("refused", "limited", "applied", DELIVERED, QUEUED, REPLACED)

ALL = 1 << 30
_Wish = tuple[int, Document]


class Asked(NamedTuple):
    """value: as the product shows it; None lets go, so that the learner decides again.

    own: the customer asks themselves, and not somebody for them.
    """

    setting: str
    value: Any
    by: str
    reason: str
    based_on: str | None
    now_ms: int
    own: bool = False


def stamp_text(word: Entry | None) -> str:
    """The version of what stands, to be handed back as `based_on`; "" for nothing."""
    return "-".join(str(part) for part in word.stamp) if word else ""


def state(wish: Document) -> str:
    """What became of a wish, over all its devices."""
    if wish.get("undone"):
        return UNDONE
    states = set(wish["devices"].values()) or {QUEUED}
    return next(name for name in _OVERALL if name in states)


def find_setting(product: Product, name: str) -> tuple[int, Setting]:
    """(index, setting) of what a product can be set to; InvalidError for what it cannot."""
    try:
        index, setting = find(product.settings, name)
    except ProtocolError as error:
        raise InvalidError("setting", f"setting: {error}.") from None
    if setting.retired:
        raise InvalidError("setting", f"setting: {product.title} has no {name} any more.")
    return index, setting


def wish(
    draft: Draft, customer: Customer, product: Product, devices: list[str], asked: Asked
) -> int:
    """Say what is asked for, at these devices; the number of the wish.

    Raises InvalidError, or ChangedSinceError if something else stands than `based_on`.
    """
    index, setting = find_setting(product, asked.setting)
    code, by = _code(setting, asked.value), _author(asked.by)
    standing = circle.use(draft, customer, product).known.registers.entries.get(index)
    if asked.based_on not in (None, stamp_text(standing)):
        raise ChangedSinceError(_changed(setting, standing))
    word = _word(standing, code, by, asked.now_ms)
    _say(customer, product, index, word, _told(product, setting, code, by, asked))
    _replace(customer, product.name, index)
    return customer.wishes.add(
        {
            "product": product.name,
            "setting": setting.name,
            "index": index,
            "code": code,
            "value": None if code is None else setting.show(code),  # type: ignore[attr-defined]
            "by": by,
            "reason": asked.reason,
            "at_ms": asked.now_ms,
            "own": asked.own,
            "stamp": list(word.stamp),
            "devices": dict.fromkeys(devices, QUEUED),
        }
    )


def again(
    customer: Customer,
    product: Product,
    number: int,
    devices: list[str],
    standing: Entry,
    now_ms: int,
) -> None:
    """Say once more what a wish asks for, at these devices, having seen what stands now."""
    made = customer.wishes.get(number)
    assert made
    setting = product.settings[made["index"]]
    word = _word(standing, made["code"], made["by"], now_ms)
    what = name_of(setting) + (
        " let go" if word.value is None else f" {shown(setting, word.value)}"
    )
    text = (
        f"{word.author} asked for {what} after a hand had set it at {standing.stamp[2]}: it stands."
    )
    told = entry(now_ms, "wish", text, None, product.name, setting=setting.name)
    _say(customer, product, made["index"], word, told)
    news = {"stamp": list(word.stamp), "devices": dict.fromkeys(devices, QUEUED)}
    customer.wishes.put(number, made | news)


def join(customer: Customer, product: str, device: str) -> list[int]:
    """A new device of a product gets the wishes that stand there; returns their numbers."""
    use = read_use(customer.use_of(product), customer.generation)
    words = use.known.registers.entries.values()
    stamps = [list(word.stamp) for word in words if word.author != HAND]
    joined = [(n, made) for n, made in _of(customer, product) if made["stamp"] in stamps]
    for number, made in joined:
        made["devices"][device] = QUEUED
        customer.wishes.put(number, made)
    return [number for number, _ in joined]


def leave(customer: Customer, device: str) -> None:
    """A device that is told nothing more answers no wish any more."""
    for number, made in customer.wishes.newest(ALL):
        if made["devices"].pop(device, None):
            customer.wishes.put(number, made)


def delivered(customer: Customer, number: int, device: str) -> bool:
    """The wish is in the device's flash; False if that is no news."""
    made = customer.wishes.get(number)
    if not made or made["devices"].get(device) != QUEUED:
        return False
    made["devices"][device] = DELIVERED
    customer.wishes.put(number, made)
    return True


def answered(
    customer: Customer, product: Product, device: str, body: tuple[int, ...]
) -> int | None:
    """A device says what became of a wish, body of ANSWERED; the number of the wish.

    None if it has answered that before, or if it was asked again since.
    """
    index, asked, outcome = body[:3]
    stamp = list(body[4:6])
    for number, made in _of(customer, product.name, index):
        open_ = made["devices"].get(device) in (QUEUED, DELIVERED, REPLACED)
        if open_ and made["code"] == asked and stamp in ([], made["stamp"][:2]):
            made["devices"][device] = OUTCOME_NAMES[outcome]
            customer.wishes.put(number, made)
            return number
    return None


def shown_wish(number: int, made: Document) -> Document:
    """A wish as pages and the API have it."""
    parts = ("product", "setting", "value", "by", "reason", "at_ms", "devices")
    return {"id": number, "state": state(made)} | {name: made[name] for name in parts}


def news(customer: Customer, number: int) -> tuple[str, str]:
    """What to tell who listens, when the state of a wish has changed (see hub/changes.py)."""
    made = customer.wishes.get(number)
    shown_state = state(made) if made else REPLACED
    what = {"customer": customer.id, "id": number, "state": shown_state}
    return "wish", json.dumps(what | {"devices": made["devices"] if made else {}})


def seen(customers: list[Customer], word: Entry | None, device: str) -> bool:
    """Had the device the word that stands here, when what it tells now happened there?

    A wish is answered when it has come; customers: the identities of whom it may be a wish.
    """
    if word is None or word.author == HAND or word.value is None:
        return True
    for customer in customers:
        for _, made in customer.wishes.newest(ALL):
            if made["stamp"] == list(word.stamp):
                return made["devices"].get(device) not in (QUEUED, DELIVERED)
    return True


def newest(customers: list[Customer]) -> dict[tuple[str, int], _Wish]:
    """{(product, index): (number, wish)} of the newest wish for each that was not undone."""
    found: dict[tuple[str, int], _Wish] = {}
    for customer in customers:
        for number, made in customer.wishes.newest(ALL):
            place = made["product"], made["index"]
            older = place in found and found[place][1]["stamp"] >= made["stamp"]
            if not older and not made.get("undone"):
                found[place] = number, made
    return found


def mark(customer: Customer, stamp: list[Any], undone: bool) -> None:
    """The wish with this stamp was undone, or is there again."""
    for number, made in customer.wishes.newest(ALL):
        if made["stamp"] == stamp:
            customer.wishes.put(number, made | {"undone": undone})
            return


def _of(customer: Customer, product: str, index: int | None = None) -> list[_Wish]:
    return [
        (number, made)
        for number, made in customer.wishes.newest(ALL)
        if made["product"] == product and index in (None, made["index"])
    ]


def _replace(customer: Customer, product: str, index: int) -> None:
    for number, made in _of(customer, product, index):
        waiting = [device for device, at in made["devices"].items() if at == QUEUED]
        made["devices"].update(dict.fromkeys(waiting, REPLACED))
        if waiting:
            customer.wishes.put(number, made)


def _word(standing: Entry | None, code: int | None, by: str, now_ms: int) -> Entry:
    """A word of the hub, by somebody who has seen what stands."""
    base = standing.stamp if standing else None
    return Entry((*later(base, now_ms), NODE), base, code, by)


def _say(customer: Customer, product: Product, index: int, word: Entry, told: Document) -> None:
    made = {"kind": "word", "at_ms": told["at_ms"], "index": index, "word": write_entry(word)}
    happened(customer, product, made, told)


def _told(product: Product, setting: Setting, code: int | None, by: str, asked: Asked) -> Document:
    name = name_of(setting)
    if code is None:
        value, text = "let go", f"{by} let go of {name}: it is decided from use again."
    else:
        value = shown(setting, code)
        text = f"{by} asked for {name} {value}."
    details = {"setting": setting.name, "value": value, "reason": asked.reason}
    return entry(asked.now_ms, "wish", text, None, product.name, **details)


def _code(setting: Setting, value: Any) -> int | None:
    if value is None:
        return None
    try:
        return setting.fit(setting.parse(value))  # type: ignore[attr-defined]
    except (ProtocolError, OverflowError) as error:
        raise InvalidError("value", f"{error}.") from None


def _author(by: str) -> str:
    by = by.strip()
    if not 1 <= len(by) <= _LONGEST_AUTHOR:
        raise InvalidError("by", f"by: a name of 1 to {_LONGEST_AUTHOR} letters is wanted.")
    if by.lower() == HAND:
        raise InvalidError("by", f"by: only a device can say {by!r}.")
    return by


def later(stamp: tuple[int, int, str] | None, now_ms: int) -> tuple[int, int]:
    """The time of a new word, after that of the one that stands."""
    clock = Clock()
    if stamp:
        clock.heard(stamp[:2])
    return clock.stamp(now_ms)


def _changed(setting: Setting, standing: Entry | None) -> str:
    name = name_of(setting).capitalize()
    if standing is None:
        return f"{name} was changed since you looked: nothing is asked for any more."
    if standing.author == HAND:
        return f"{name} was changed since you looked, by hand at {standing.stamp[2]}."
    value = "let go" if standing.value is None else shown(setting, standing.value)
    return f"{name} was changed since you looked: {standing.author} asked for {value}."
