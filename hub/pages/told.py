"""One page of the timeline, narrowed: by device, kind, setting, where a value came from, and day.

told = page(entries, Narrowed(kind="visit", source="learned"), before=0)
told.entries, told.older, told.newest        # and what it can be narrowed to
"""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any, NamedTuple

from hub.api.narrowed import Narrowed
from hub.pages import words

MOST_ENTRIES = 20  # on one page


class Told(NamedTuple):
    """older, newest: addresses' queries, "" and None where there are none; query: of this page.

    devices, kinds, settings, sources: what the timeline can be narrowed to.
    """

    entries: list[dict[str, Any]]
    wanted: Narrowed
    older: str
    newest: str | None
    query: str
    devices: list[str]
    kinds: list[str]
    settings: list[str]
    sources: list[str]


def page(every: Sequence[dict[str, Any]], wanted: Narrowed, before: int, zone: tzinfo) -> Told:
    """every: the newest first; before: the id of the last entry that was seen, 0 for none."""
    left = [entry for entry in every if wanted.fits(entry, zone)]
    ids = [entry["id"] for entry in left]
    first = ids.index(before) + 1 if before in ids else 0
    shown = left[first : first + MOST_ENTRIES]
    more = ids[first + MOST_ENTRIES :]
    devices = {entry["device"] or "" for entry in every} | {wanted.device}
    kinds = {entry["kind"] for entry in every}
    settings, sources = _of_rows(every)
    return Told(
        shown,
        wanted,
        wanted.query(before=shown[-1]["id"]) if more else "",
        wanted.query() if first else None,
        wanted.query(before=before) if first else wanted.query(),
        sorted(devices - {""}),
        [name for name in words.KINDS if name in kinds],
        sorted(settings - {None, ""}),
        [name for name in words.SOURCES if name in sources],
    )


def _of_rows(every: Sequence[dict[str, Any]]) -> tuple[set[Any], set[Any]]:
    """The settings and the sources that any of them is about."""
    settings, sources = set(), set()
    for entry in every:
        details = entry["details"]
        for row in (details, *details.get("values", ())):
            settings.add(row.get("setting"))
            sources.add(row.get("source"))
    return settings, sources
