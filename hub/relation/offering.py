"""What a product asks and reminds of, from the relationship.json beside its product.json.

    {"services": [{"counter": "since_descaling", "title": "Descaling", "text": "...",
                   "ahead_days": 3}],
     "questions": [{"id": "strength", "setting": "strength", "after_visits": 3, "text": "..."}]}

Devices never see this file. A service comes due whenever its counter has passed `service_at` once
more; ahead_days: so long before, by the person's own rhythm. A question sets a setting of the
product, or a preference (hub/relation/words.py); the hub's own questions are in
hub/relation/relationship.json.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hub.errors import AskedError
from hub.people.wishes import find_setting
from hub.products import ProductFileError, Products
from hub.relation.words import find as find_preference
from protocol.product import Product

FILE = "relationship.json"
OWN = Path(__file__).with_name(FILE)

_MOST_QUESTIONS = 32
_LONGEST_TITLE, _LONGEST_TEXT = 40, 200
_LONGEST_AHEAD, _MOST_VISITS = 60, 10_000
_ID = re.compile("[a-z0-9_]{1,24}")


class Service(NamedTuple):
    """counter, at: asked for each time that it has counted so many more."""

    counter: str
    at: int
    title: str
    text: str
    ahead_days: int = 0


class Question(NamedTuple):
    """setting of product, or preference: what the answer sets; the others are "".

    after_visits: worth asking from so many visits on, with this product or with any.
    """

    id: str
    text: str
    product: str
    setting: str
    preference: str
    after_visits: int


class Offering(NamedTuple):
    services: tuple[Service, ...] = ()
    questions: tuple[Question, ...] = ()


Offerings = Mapping[str, Offering]  # by product; "" for the hub's own


def load(folders: Iterable[Path], products: Products) -> dict[str, Offering]:
    """Of these products, and the hub's own. Raises ProductFileError with file and field."""
    found = {"": _read(OWN, None)} | {name: usual(made) for name, made in products.items()}
    for path in (path for folder in folders for path in sorted(folder.glob(f"*/{FILE}"))):
        name = path.parent.name
        if name in products:
            found[name] = _read(path, products[name])
    return found


def usual(product: Product) -> Offering:
    """Of a product that says nothing of it: a plain reminder for each counter with service_at."""
    named = [(one, one.name.replace("_", " ")) for one in product.counters if one.service_at]
    return Offering(
        tuple(
            Service(one.name, one.service_at, title.capitalize(), f"{product.title} wants care.")
            for one, title in named
        )
    )


def _read(path: Path, product: Product | None) -> Offering:
    try:
        told = json.loads(path.read_bytes())
        return read_offering(told, product)
    except (OSError, ValueError) as error:
        raise ProductFileError(f"{path}: {error}") from None


def read_offering(told: Any, product: Product | None) -> Offering:
    """product: None for the hub's own. Raises ValueError naming the field."""
    _check_keys(told, "", (), ("services", "questions"))
    services = [
        _service(line, f"services[{at}]", product)
        for at, line in enumerate(_list(told, "services", _MOST_QUESTIONS))
    ]
    questions = [
        _question(line, f"questions[{at}]", product)
        for at, line in enumerate(_list(told, "questions", _MOST_QUESTIONS))
    ]
    if len({one.id for one in questions}) < len(questions):
        raise ValueError("questions: two have the same id")
    without = usual(product).services if product else ()
    told_of = {one.counter for one in services}
    return Offering(
        (*services, *(one for one in without if one.counter not in told_of)), tuple(questions)
    )


def _service(line: Any, place: str, product: Product | None) -> Service:
    _check_keys(line, place, ("counter", "title", "text"), ("ahead_days",))
    counters = {one.name: one.service_at for one in (product.counters if product else ())}
    counter = line["counter"]
    if not isinstance(counter, str) or not counters.get(counter):
        raise ValueError(f"{place}.counter: {counter!r} is no counter with service_at")
    return Service(
        counter,
        counters[counter],
        _text(line, "title", place, _LONGEST_TITLE),
        _text(line, "text", place, _LONGEST_TEXT),
        _number(line, "ahead_days", place, _LONGEST_AHEAD),
    )


def _question(line: Any, place: str, product: Product | None) -> Question:
    _check_keys(line, place, ("id", "text"), ("setting", "preference", "after_visits"))
    if ("setting" in line) == ("preference" in line) or ("setting" in line and product is None):
        raise ValueError(f"{place}: either a setting of the product or a preference is wanted")
    if not isinstance(line["id"], str) or not _ID.fullmatch(line["id"]):
        raise ValueError(f"{place}.id: 1 to 24 of a-z, 0-9 and _ are wanted")
    try:
        if "preference" in line:
            find_preference(str(line["preference"]))
        elif product:
            find_setting(product, str(line["setting"]))
    except AskedError as error:
        raise ValueError(f"{place}: {error}") from None
    name = product.name if product else ""
    return Question(
        f"{name}.{line['id']}" if name else line["id"],
        _text(line, "text", place, _LONGEST_TEXT),
        name,
        line.get("setting", ""),
        line.get("preference", ""),
        _number(line, "after_visits", place, _MOST_VISITS),
    )


def _check_keys(line: Any, place: str, needed: tuple[str, ...], more: tuple[str, ...]) -> None:
    where = f"{place}: " if place else ""
    if not isinstance(line, dict):
        raise ValueError(f"{where}an object is wanted")
    missing = [name for name in needed if name not in line]
    unknown = sorted(set(line) - {*needed, *more})
    if missing or unknown:
        wrong = [f"{name} is missing" for name in missing]
        raise ValueError(where + ", ".join([*wrong, *(f"{one} is not known" for one in unknown)]))


def _list(told: dict[str, Any], name: str, most: int) -> list[Any]:
    found = told.get(name, [])
    if not isinstance(found, list) or len(found) > most:
        raise ValueError(f"{name}: a list of at most {most} is wanted")
    return found


def _text(line: dict[str, Any], name: str, place: str, longest: int) -> str:
    text = line[name]
    if not isinstance(text, str) or not 1 <= len(text.strip()) <= longest:
        raise ValueError(f"{place}.{name}: a text of 1 to {longest} letters is wanted")
    return text.strip()


def _number(line: dict[str, Any], name: str, place: str, most: int) -> int:
    number = line.get(name, 0)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= most:
        raise ValueError(f"{place}.{name}: a whole number from 0 to {most} is wanted")
    return number
