"""`rapport insight`: what the running hub knows of its customers together, for people and as files.

insight("lamp", Settings(), out, now=True)
"""

import csv
import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from hub.config import Settings
from hub.insight.differences import Difference
from tools.asking import ask

_MOST_SHOWN = 20


def insight(
    product: str,
    settings: Settings,
    out: Console,
    now: bool = False,
    table: Path | None = None,
    as_json: bool = False,
) -> None:
    """Show the report of a product; now: have it worked out first; table: a CSV to write."""
    if now:
        ask(settings, "POST", "/api/insight", {})
    report = ask(settings, "GET", f"/api/insight/{product}")
    if table:
        _write(table, report["differences"])
    if as_json:
        return out.print(json.dumps(report), markup=False, highlight=False, soft_wrap=True)
    if report["customers"] is None:
        why = report.get("said") or "Nothing was worked out yet: it is done once a day, or --now."
        return out.print(why, highlight=False)
    out.print(f"{product}: {report['customers']} customers who agreed.", highlight=False)
    _show_differences(report, out)
    _show_beginning(report, out)
    _show_help(report, out)
    return None


def _show_differences(report: dict[str, Any], out: Console) -> None:
    if not report["differences"]:
        return out.print("Nothing that they do differently is beyond doubt.")
    table = Table("what, and who", "effect", "at least", "customers", title="done differently")
    for one in report["differences"][:_MOST_SHOWN]:
        numbers = f"{one['effect']:+.2f}", f"{one['sure']:.2f}", str(one["customers"])
        table.add_row(one["text"], *numbers)
    return out.print(table)


def _show_beginning(report: dict[str, Any], out: Console) -> None:
    table = Table("setting", "preset", "most use", "customers (k)", title="how learning begins")
    for one in report["beginning"]:
        evidence = one["cohort_evidence"]
        most = one["most_use"]
        shown = f"{most[0]['value']} ({most[0]['share_pct']} %)" if most else evidence["why_not"]
        table.add_row(one["setting"], one["preset"], shown, str(evidence["customers"]))
    out.print(table)


def _show_help(report: dict[str, Any], out: Console) -> None:
    for name in ("corrections", "saved_beside_default", "saved_beside_last_used"):
        one = (report["helps"] or {}).get(name)
        if one:
            between = "" if one["low"] is None else f" ({one['low']:.3f} to {one['high']:.3f})"
            words = name.replace("_", " ")
            out.print(f"{words}: {one['mean']:.3f} a visit{between}", highlight=False)
    if report["holdout"]:
        saved = report["holdout"]["saved"]
        out.print(f"compared in the field: {report['holdout']['verdict']}, corrections saved where"
                  f" it differs from last used: {saved['mean']:.3f}", highlight=False)  # fmt: skip


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*Difference._fields, "text"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
