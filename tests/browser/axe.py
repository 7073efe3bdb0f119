"""What axe-core says is wrong with a page: the rules of WCAG 2.2, levels A and AA."""

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

_SOURCE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_RUN = """axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
                   resultTypes: ["violations"]})"""


def violations(page: Page) -> list[str]:
    """[rule: what, where first, and how often]."""
    page.evaluate(_SOURCE)
    found = page.evaluate(_RUN)["violations"]
    return [
        f"{one['id']}: {one['help']}; {one['nodes'][0]['target']} and {len(one['nodes']) - 1} more"
        for one in found
    ]
