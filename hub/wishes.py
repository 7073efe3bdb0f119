"""Changes asked for from afar: each is a word in a register, and a wish that people can follow.

For each device a wish is queued, then delivered (it is in the device's flash), then applied,
limited or refused. A wish that a newer one overtook before it was delivered is replaced.
"""

from typing import Any, NamedTuple

from hub.errors import ChangedSinceError, InvalidError
from hub.people import Customer
from hub.store import Document
from hub.timeline import entry, name_of, shown
from hub.use import Use
from protocol.clock import Clock
from protocol.errors import ProtocolError
from protocol.events import OUTCOME_NAMES
from protocol.product import Product, find
from protocol.registers import HAND, Entry
from protocol.schema import Setting

QUEUED, DELIVERED, REPLACED = "queued", "delivered", "replaced"
NODE = "hub"
_LONGEST_AUTHOR = 64
_OVERALL = ("refused", "limited", "applied", DELIVERED, QUEUED, REPLACED)

_ALL = 1 << 30
_Wish = tuple[int, Document]


class Asked(NamedTuple):
    """value: as the product shows it; None lets go, so that the learner decides again."""

    setting: str
    value: Any
    by: str
    reason: str
    based_on: str | None
    now_ms: int


def stamp_text(word: Entry | None) -> str:
    """The version of what stands, to be handed back as `based_on`; "" for nothing."""
    return "-".join(str(part) for part in word.stamp) if word else ""


def state(wish: Document) -> str:
    """What became of a wish, over all its devices."""
    states = set(wish["devices"].values()) or {QUEUED}
    return next(name for name in _OVERALL if name in states)


def find_setting(product: Product, name: str) -> tuple[int, Setting]:
    try:
        return find(product.settings, name)
    except ProtocolError as error:
        raise InvalidError("setting", f"setting: {error}.") from None


def wish(customer: Customer, product: Product, devices: list[str], asked: Asked) -> int:
    """Say what is asked for, at these devices; the number of the wish.

    Raises InvalidError, or ChangedSinceError if something else stands than `based_on`.
    """
    index, setting = find_setting(product, asked.setting)
    code, by = _code(setting, asked.value), _author(asked.by)
    use = customer.use(product.name)
    standing = use.known.registers.entries.get(index)
    if asked.based_on not in (None, stamp_text(standing)):
        raise ChangedSinceError(_changed(setting, standing))
    stamp = (*_later(standing, asked.now_ms), NODE)
    use.known.registers.say(index, code, stamp, by)
    customer.keep_use(product.name, use)
    customer.timeline.add(_told(product, setting, code, by, asked))
    _replace(customer, product.name, setting.name)
    return customer.wishes.add(
        {
            "product": product.name,
            "setting": setting.name,
            "code": code,
            "value": None if code is None else setting.show(code),  # type: ignore[attr-defined]
            "by": by,
            "reason": asked.reason,
            "at_ms": asked.now_ms,
            "stamp": list(stamp),
            "devices": dict.fromkeys(devices, QUEUED),
        }
    )


def join(customer: Customer, product: str, device: str) -> list[int]:
    """A new device of a product gets the wishes that stand there; returns their numbers."""
    words = customer.use(product).known.registers.entries.values()
    stamps = [list(word.stamp) for word in words if word.author != HAND]
    joined = [(n, made) for n, made in _of(customer, product) if made["stamp"] in stamps]
    for number, made in joined:
        made["devices"][device] = QUEUED
        customer.wishes.put(number, made)
    return [number for number, _ in joined]


def leave(customer: Customer, device: str) -> None:
    """A device that is told nothing more answers no wish any more."""
    for number, made in customer.wishes.newest(_ALL):
        if made["devices"].pop(device, None):
            customer.wishes.put(number, made)


def delivered(customer: Customer, number: int, device: str) -> None:
    made = customer.wishes.get(number)
    if made and made["devices"].get(device) == QUEUED:
        made["devices"][device] = DELIVERED
        customer.wishes.put(number, made)


def answered(
    customer: Customer, product: Product, device: str, index: int, asked: int, outcome: int
) -> None:
    """A device says what became of its newest wish of this value that it has not answered."""
    name = product.settings[index].name
    for number, made in _of(customer, product.name, name):
        open_ = made["devices"].get(device) in (QUEUED, DELIVERED, REPLACED)
        if open_ and made["code"] == asked:
            made["devices"][device] = OUTCOME_NAMES[outcome]
            customer.wishes.put(number, made)
            return


def unseen(customer: Customer, use: Use, product: Product, device: str, index: int) -> Entry | None:
    """The wish standing here for a setting, if this device has not answered it yet."""
    word = use.known.registers.entries.get(index)
    if word is None or word.author == HAND or word.value is None:
        return None
    for _, made in _of(customer, product.name, product.settings[index].name):
        if made["stamp"] == list(word.stamp):
            return word if made["devices"].get(device) in (QUEUED, DELIVERED) else None
    return None


def newest(customer: Customer) -> dict[tuple[str, str], _Wish]:
    """{(product, setting): (number, wish)} of the newest wish for each."""
    found: dict[tuple[str, str], _Wish] = {}
    for number, made in customer.wishes.newest(_ALL):
        found.setdefault((made["product"], made["setting"]), (number, made))
    return found


def _of(customer: Customer, product: str, setting: str | None = None) -> list[_Wish]:
    return [
        (number, made)
        for number, made in customer.wishes.newest(_ALL)
        if made["product"] == product and setting in (None, made["setting"])
    ]


def _replace(customer: Customer, product: str, setting: str) -> None:
    for number, made in _of(customer, product, setting):
        waiting = [device for device, at in made["devices"].items() if at == QUEUED]
        made["devices"].update(dict.fromkeys(waiting, REPLACED))
        if waiting:
            customer.wishes.put(number, made)


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


def _later(standing: Entry | None, now_ms: int) -> tuple[int, int]:
    clock = Clock()
    if standing:
        clock.heard(standing.stamp[:2])
    return clock.stamp(now_ms)


def _changed(setting: Setting, standing: Entry | None) -> str:
    name = name_of(setting).capitalize()
    if standing is None:
        return f"{name} was changed since you looked: nothing is asked for any more."
    if standing.author == HAND:
        return f"{name} was changed since you looked, by hand at {standing.stamp[2]}."
    value = "let go" if standing.value is None else shown(setting, standing.value)
    return f"{name} was changed since you looked: {standing.author} asked for {value}."
