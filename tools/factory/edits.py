"""Changes a piece of source and leaves all the rest of it as it is, line numbers too."""

from collections.abc import Iterable

Edit = tuple[int, int, int, str]  # line from 1, first byte, behind the last byte, new text


def edited(source: str, edits: Iterable[Edit]) -> str:
    """The source with all of these, which must not overlap."""
    lines = source.encode().splitlines(keepends=True)
    for line, start, end, text in sorted(edits, reverse=True):
        old = lines[line - 1]
        lines[line - 1] = old[:start] + text.encode() + old[end:]
    return b"".join(lines).decode()
