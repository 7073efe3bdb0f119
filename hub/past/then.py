"""Why a device did what it did at a visit: decided again from what it knew then.

    then(draft, products, ana, line)["settings"][0]["why"]     # "brightness 35 %, because ..."

What it knew is looked for in the history (hub/past/replay.py) and certain if `found`. Of a visit
that is too old, or of a device that told too little, what was applied is still known, and no more.
"""

from typing import Any

from hub.draft import Draft
from hub.errors import GoneError, InvalidError, UnknownLineError
from hub.past.replay import decision
from hub.people.customer import Customer
from hub.products import Products
from hub.store import Document
from protocol import messages, topics
from protocol.decision import Decision
from protocol.fold import Known
from protocol.product import Product
from protocol.sentence import sentence


def then(draft: Draft, products: Products, customer: Customer, line: int) -> dict[str, Any]:
    """{line, at_ms, device, product, text, found, settings}; line: of a visit in the timeline.

    settings: [{setting, applied, source, why, value, corrected}] as the timeline tells them, why
    None where it is not known; found: whether it is certain, None where nothing is.
    """
    told = customer.timeline.get(line)
    if told is None:
        raise UnknownLineError(line)
    if told["kind"] != "visit":
        raise InvalidError("event", f"event: {told['kind']} is no visit: nothing was decided.")
    whys, found = _whys(draft, products, customer, line)
    rows = [row | {"why": whys.get(row["setting"])} for row in told["details"].get("values", [])]
    about = {name: told[name] for name in ("at_ms", "device", "product", "text")}
    return {"line": line} | about | {"found": found, "settings": rows}


def _whys(
    draft: Draft, products: Products, customer: Customer, line: int
) -> tuple[dict[str, str], bool | None]:
    """({setting: sentence}, whether they are certain)."""
    try:
        past = decision(draft, products, customer, line)
    except GoneError:
        return {}, None
    product, daypart = products[past["product"]], past["daypart"]
    decisions = _known(past).decide(product.settings, daypart)
    return _sentences(product, decisions, daypart), past["found"]


def _sentences(product: Product, decisions: list[Decision], daypart: int) -> dict[str, str]:
    pairs = zip(product.settings, decisions, strict=True)
    return {setting.name: sentence(setting, one, daypart) for setting, one in pairs}


def _known(past: Document) -> Known:
    """As the device reads it."""
    known = Known()
    for message in past["messages"]:
        person: Any = messages.decode(topics.PERSON, bytes.fromhex(message))
        known.merge(
            person.generation,
            person.rows,
            person.entries,
            person.rules,
            person.undone,
            person.carried,
        )
    known.norms = {
        int(at): (preset, None if weights is None else bytes.fromhex(weights))
        for at, (preset, weights) in past["norms"].items()
    }
    return known
