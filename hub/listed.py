"""A file in which the hub's operator lists a few things by name: JSON, `[{"name": ...}, ...]`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar


class Named(Protocol):
    @property
    def name(self) -> str: ...


One = TypeVar("One", bound=Named)
Read = Callable[[dict[str, Any], str], One]


def read_list(
    path: Path, what: str, most: int, read: Read[One], error: type[Exception]
) -> tuple[One, ...]:
    """read(line, where it stands) makes a thing of what the file says of it, or raises `error`.

    what: such a thing in English. Raises `error` with a sentence of what is wrong, and where.
    """
    try:
        lines = json.loads(path.read_bytes())
    except (OSError, ValueError) as reason:
        raise error(f"{path}: {reason}") from None
    if not isinstance(lines, list) or len(lines) > most:
        raise error(f"{path}: a list of at most {most} {what}s is wanted")
    found = []
    for at, line in enumerate(lines, 1):
        if not isinstance(line, dict):
            raise error(f"{path}: {what} {at}: an object is wanted")
        found.append(read(line, f"{path}: {what} {at}"))
    if len({one.name for one in found}) < len(found):
        raise error(f"{path}: two {what}s have the same name")
    return tuple(found)
