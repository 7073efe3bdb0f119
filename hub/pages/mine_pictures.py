"""The pictures on a customer's pages: their week, their corrections, themselves among others."""

from typing import Any

from hub.api.parts import Parts
from hub.pages import plot, words
from hub.pages.plots import spread, week
from hub.pages.plots.spread import Spread

_FEW = 2  # visits, below which a week says nothing


def of_product(parts: Parts, use: dict[str, Any]) -> dict[str, Any]:
    """week, corrections: of `use` in Profiles.about; None where there is nothing to draw."""
    visits = use["corrections"]
    times = [visit["at_ms"] for visit in visits]
    return {
        "week": week.week(times, parts.zone) if len(visits) > _FEW else None,
        "corrections": plot.corrections(visits) if len(visits) > _FEW else None,
    }


def others(parts: Parts, product: str) -> dict[str, Any]:
    """{setting: [{text, people}]} of everybody who agreed to be counted, k-anonymous."""
    return parts.insights.of_product(product).get("spread", {})


def of_setting(one: dict[str, Any], among: dict[str, Any]) -> list[tuple[str, Spread]]:
    """[(title, drawing)]: what I had of late, and where I am among others."""
    own = [(_value(one, row["text"]), row["times"]) for row in one["had"]]
    rows = [(_value(one, row["text"]), row["people"]) for row in among.get(one["setting"], [])]
    drawn = [
        ("What you had of late", spread.spread(own, one["here"], "visits", "now")),
        ("You among others", spread.spread(rows, one["here"], "people", "you are here")),
    ]
    return [(title, made) for title, made in drawn if made]


def _value(one: dict[str, Any], text: str) -> str:
    return words.value(text) if one["kind"] == "colour" else text
