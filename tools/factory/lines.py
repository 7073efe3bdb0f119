"""On which line of a JSON text each value stands."""

import json
import re

Path = tuple[str | int | None, ...]  # ("settings", 1, "start")

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[][{},:]|[^][{},:"\s]+|\n')


def lines(text: str) -> dict[Path, int]:
    """{path: line from 1} of every value in a text that is valid JSON; () is the whole."""
    found: dict[Path, int] = {}
    inside: list[str | int | None] = []  # for each open bracket: index or name; None before a name
    line = 1
    for token in _TOKEN.findall(text):
        if token == "\n":
            line += 1
        elif token in "]}":
            inside.pop()
        elif token == ",":
            last = inside[-1]
            inside[-1] = last + 1 if isinstance(last, int) else None
        elif token != ":" and inside and inside[-1] is None:
            inside[-1] = json.loads(token)
        elif token != ":":
            found[tuple(inside)] = line
            inside += {"[": [0], "{": [None]}.get(token, [])
    return found
