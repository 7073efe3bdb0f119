"""What the pages of a customer tell of their products: each setting, at each time of day."""

from typing import Any

from hub.about import settings_of
from hub.api.parts import Parts
from hub.pages import mine_pictures, mine_words, words
from hub.past.use import Use
from hub.people import circle
from hub.people.customer import Customer
from protocol.window import DAYPARTS

_MOST_DONE = 5
_MOST_ASKED = 60  # lines of the timeline, among which these are looked for


def products(parts: Parts, about: dict[str, Any]) -> list[dict[str, Any]]:
    """[{name, title, your, devices, use, effort, pictures, known, usual}] from Profiles.about.

    What is used most comes first.

    known: the settings of which somebody said or a device learned something; usual: the others.
    Each is a setting of about() with key, plots and sayings (see mine_words.sayings).
    """
    visits = {use["product"]: use["visits"] for use in about["use"]}
    names = sorted(visits, key=lambda name: -visits[name])
    return [_product(parts, about, name) for name in names]


def done(timeline: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The last things that were done and can be undone, each told to whom it concerns."""
    found = [line for line in timeline[:_MOST_ASKED] if words.can_be_undone(line)]
    return [told(line, name) for line in found[:_MOST_DONE]]


def told(line: dict[str, Any], name: str) -> dict[str, Any]:
    return line | {"text": mine_words.to_you(line["text"], name)}


def _product(parts: Parts, about: dict[str, Any], name: str) -> dict[str, Any]:
    title = parts.products[name].title
    known, among = _known(parts, about["id"], name), mine_pictures.others(parts, name)
    contexts = _contexts(parts, known, name)
    lines = [
        one
        | _sayings(title, contexts[one["setting"]], about["name"], one)
        | {"key": _key(one), "plots": mine_pictures.of_setting(one, among)}
        for one in about["settings"]
        if one["product"] == name
    ]
    use = next(one for one in about["use"] if one["product"] == name)
    return {
        "name": name,
        "title": title,
        "your": mine_words.your(title),
        "devices": [one for one in about["devices"] if one["product"] == name],
        "use": use,
        "effort": mine_words.effort([one["corrected"] for one in use["corrections"]], known.ledger),
        "pictures": mine_pictures.of_product(parts, use),
        "known": [one for one in lines if one["known"]],
        "usual": [one for one in lines if not one["known"]],
    }


def _key(setting: dict[str, Any]) -> str:
    return f"{setting['product']}-{setting['setting']}"


def _sayings(
    title: str, contexts: list[dict[str, Any]], name: str, now: dict[str, Any]
) -> dict[str, Any]:
    sayings = mine_words.sayings(title, contexts, name)
    known = any(one["source"] != "default" for one in contexts) or now["rule"] != "learn"
    return {"sayings": sayings, "known": known}


def _known(parts: Parts, customer: str, name: str) -> Use:
    draft = parts.profiles.office.draft()
    return circle.use(draft, Customer(draft, customer), parts.products[name])


def _contexts(parts: Parts, use: Use, name: str) -> dict[str, list[dict[str, Any]]]:
    """What is applied for each setting in each part of the day, from the night on."""
    found: dict[str, list[dict[str, Any]]] = {}
    for daypart in range(DAYPARTS):
        for line in settings_of(parts.products[name], use, daypart):
            found.setdefault(line["setting"], []).append(line)
    return found
