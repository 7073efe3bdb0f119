"""The docs as a site: whole, without a broken link, and with nothing from elsewhere."""

import re
import subprocess
import sys

import pytest
import yaml

from tests.docs.blocks import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "-q", "-d", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_every_page_is_in_the_site_and_its_links_lead_somewhere(site):
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    missing = [page for page in pages if not (site / page.replace(".md", ".html")).exists()]
    assert missing == ["decisions/README.md"]


def test_every_page_is_reached_from_the_menu():
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    menu = set(re.findall(r"[\w/-]+\.md", str(yaml.safe_load(text)["nav"])))
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    assert pages - menu == {"decisions/README.md"}


def test_the_site_asks_nobody_else_for_anything(site):
    asks = re.compile(r"<(?:link|script|img|iframe)[^>]+(?:href|src)=\"(https?:)?//", re.IGNORECASE)
    pages = list(site.rglob("*.html"))
    assert [page.name for page in pages if asks.search(page.read_text(encoding="utf-8"))] == []
    styles = [page.read_text(encoding="utf-8") for page in site.rglob("*.css")]
    assert not [text for text in styles if re.search(r"url\(['\"]?(https?:)?//", text)]


def test_the_reference_is_made_from_the_code(site):
    def page(name):
        return (site / "reference" / name).read_text(encoding="utf-8")

    assert "rapport/&lt;device&gt;/up/hello" in page("messages.html")
    assert "rapport replay-visit" in page("commands.html")
    assert "RAPPORT_TIMEZONE" in page("settings.html")
    assert "GET /api/customers/{customer}" in page("routes.html")
