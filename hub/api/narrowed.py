"""What of a timeline is wanted: by device, kind, setting, where a value came from, and day."""

from datetime import datetime, tzinfo
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import Depends, Query

Text = Annotated[str, Query(max_length=64)]


class Narrowed(NamedTuple):
    """What is wanted; "" for all. day: like 2026-09-21, of the clock on the wall."""

    device: str = ""
    kind: str = ""
    setting: str = ""
    source: str = ""
    day: str = ""

    def fits(self, entry: dict[str, Any], zone: tzinfo) -> bool:
        if self == EVERYTHING:
            return True
        if self.device not in ("", entry["device"]) or self.kind not in ("", entry["kind"]):
            return False
        rows = [entry["details"], *entry["details"].get("values", ())]
        of_it = [row for row in rows if self.setting in ("", row.get("setting"))]
        if not any(self.source in ("", row.get("source")) for row in of_it):
            return False
        return self.day in ("", f"{datetime.fromtimestamp(entry['at_ms'] / 1000, zone):%Y-%m-%d}")

    def query(self, **more: int) -> str:
        """As it stands in an address."""
        return urlencode({name: text for name, text in self._asdict().items() if text} | more)


EVERYTHING = Narrowed()


async def narrowed(
    device: Text = "", kind: Text = "", setting: Text = "", source: Text = "", day: Text = ""
) -> Narrowed:
    """A dependency of routes: from the address."""
    return Narrowed(device, kind, setting, source, day)


TheNarrowed = Annotated[Narrowed, Depends(narrowed)]
