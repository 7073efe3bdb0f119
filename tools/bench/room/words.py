"""How the room puts into words what people have no number for."""

import re

_COLOURS = {
    "#ffffff": "white",
    "#ffb066": "amber",
    "#ff6a4d": "red",
    "#c77dff": "violet",
    "#6aa8ff": "blue",
    "#7be0a4": "green",
}
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")


def plain(text: str) -> str:
    """The same text with the lamp's colours called by name."""
    return _COLOUR.sub(lambda found: _COLOURS.get(found[0], found[0]), text)
