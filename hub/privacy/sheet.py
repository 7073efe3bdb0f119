"""Tables for a spreadsheet: CSV (RFC 4180), and what is exported of a person as a zip of them.

A text that a spreadsheet would take for a formula begins with an apostrophe (OWASP).
"""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DATE = (1980, 1, 1, 0, 0, 0)  # so that the same tables are the same bytes
_ABOUT = ("name", "email", "since_ms")

Row = Mapping[str, Any]


def sheet(rows: Sequence[Row]) -> str:
    """Columns in the order in which the rows have them; what is no text or number as JSON."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue()


def tables(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """{name: rows} of what hub/privacy/export.py gives; each row says of which identity it is."""
    found: dict[str, list[dict[str, Any]]] = {"settings": document["settings"]}
    for one in document["identities"]:
        whose = {"name": one["name"]}
        visits = [line for line in one["timeline"] if line["kind"] == "visit"]
        preferences = [{"preference": name} | said for name, said in one["preferences"].items()]
        for name, rows in (
            ("about", [{key: one[key] for key in _ABOUT if key != "name"}]),
            ("timeline", one["timeline"]),
            ("visits", [_visit(line) for line in visits]),
            ("consents", one["said"]),
            ("wishes", one["wishes"]),
            ("preferences", preferences),
            ("notes", one["notes"]),
        ):
            found.setdefault(name, []).extend(whose | row for row in rows)
    return found


def archive(document: dict[str, Any]) -> bytes:
    """The same as a zip, one CSV a table. The same document gives the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, rows in tables(document).items():
            info = zipfile.ZipInfo(f"{name}.csv", _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(info, sheet(rows))
    return content.getvalue()


def _visit(line: dict[str, Any]) -> dict[str, Any]:
    place = {name: line[name] for name in ("id", "at_ms", "device", "product")}
    return place | line["details"]


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return f"'{text}" if text.startswith(_FORMULA) else text
