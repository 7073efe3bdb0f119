"""What the tree promises: names that are ours alone, modules of one idea, nothing of a machine."""

import importlib.metadata
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("firmware", "hub", "protocol", "tools")
MOST_LINES = 300
TEXT = (".py", ".md", ".toml", ".json", ".html", ".js", ".css")


@pytest.mark.parametrize("name", PACKAGES)
def test_no_other_distribution_owns_one_of_our_names(name):
    owners = importlib.metadata.packages_distributions().get(name, [])
    assert set(owners) <= {"rapport-products"}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_is_longer_than_one_idea(package):
    paths = sorted((ROOT / package).rglob("*.py"))
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_what_is_installed_is_whole():
    """A page, a picture or a migration that is not in the distribution is missed by its users."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    installed = set(tomllib.loads(text)["tool"]["setuptools"]["package-data"]["*"])
    kinds = {
        f"*{path.suffix}"
        for package in ("firmware", "hub")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc", ".md")
    }
    assert kinds - installed == set()


def test_no_path_of_a_machine_is_in_the_tree():
    command = ["git", "ls-files"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    pattern = re.compile(r"(^|[\s\"'=(])/(work|root|home/\w+|tmp/\w)/")
    found = [
        f"{name}:{number}"
        for name in listed.stdout.split()
        if name.endswith(TEXT) and (ROOT / name).is_file()
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []
