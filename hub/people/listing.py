"""Lines in order, found by any part of them: quick with hundreds of thousands, and small.

    listing = Listing(["ana\\nc-1\\nana@example.org", "ben\\nc-2\\n"])
    listing.find("example", 50)

Lines are kept joined, some hundreds a page: a search is one look through each page's text, and a
change touches one page. A page is looked through at 1 to 3 GB a second.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator

_MOST = 512  # lines a page
_END = "\0"  # below every letter, so that pages are in the order of their lines
_AFTER = _END + "\U0010ffff"  # behind every page that begins with the line before it


class Listing:
    """A line has no NUL in it; the same line is there once."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        ordered = sorted(set(lines))
        half = _MOST // 2
        self._pages = [_page(ordered[at : at + half]) for at in range(0, len(ordered), half)]

    def __iter__(self) -> Iterator[str]:
        for page in self._pages:
            yield from _lines(page)

    def find(self, part: str, most: int) -> list[str]:
        """The first `most` lines with this part in them, in order; all have the empty one."""
        found: list[str] = []
        for page in self._pages:
            at = page.find(part)
            while at >= 0 and at < len(page):
                end = page.index(_END, at)
                found.append(page[page.rfind(_END, 0, at) + 1 : end])
                if len(found) == most:
                    return found
                at = page.find(part, end + 1)
        return found

    def add(self, line: str) -> None:
        if not self._pages:
            self._pages = [_page([line])]
            return
        at = self._at(line)
        lines = _lines(self._pages[at])
        if line in lines:
            return
        insort(lines, line)
        half = len(lines) // 2 if len(lines) > _MOST else len(lines)
        self._pages[at : at + 1] = [_page(some) for some in (lines[:half], lines[half:]) if some]

    def remove(self, line: str) -> None:
        """Take a line out, if it is there."""
        if not self._pages:
            return
        at = self._at(line)
        left = [one for one in _lines(self._pages[at]) if one != line]
        self._pages[at : at + 1] = [_page(left)] if left else []

    def _at(self, line: str) -> int:
        """The page on which this line is, or would be."""
        return max(bisect_right(self._pages, line + _AFTER) - 1, 0)


def _page(lines: list[str]) -> str:
    return _END.join(lines) + _END


def _lines(page: str) -> list[str]:
    return page.split(_END)[:-1]
