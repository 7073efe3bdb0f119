"""What the docs tell people to type, or to write, is so."""

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, blocks, commands
from tools.reference.commands import every


@pytest.mark.parametrize("block", [one for one in blocks() if one.language == "python"])
def test_python_in_the_docs_does_what_it_says(block):
    """A part of a class, which is indented, is only read; all else is run."""
    code = compile(textwrap.dedent(block.text), block.page, "exec")
    if not block.text.startswith(" "):
        exec(code, {})


@pytest.mark.parametrize("block", [one for one in blocks() if one.language == "json"])
def test_json_in_the_docs_is_json(block):
    json.loads(block.text.strip().rstrip(","))


def test_every_command_that_the_docs_name_is_there_with_its_options():
    known, wrong = dict(every()), []
    for page, words in commands("rapport"):
        name = max((n for n in known if is_begun_by(n, words)), key=len, default="")
        groups = {each.partition(" ")[0] for each in known}
        if not name:
            if words and words[0] not in groups and re.fullmatch(r"[a-z-]+", words[0]):
                wrong.append(f"{page}: rapport {' '.join(words)}")
            continue
        options = {
            text for each in known[name].params for text in (*each.opts, *each.secondary_opts)
        }
        used = {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}
        wrong += [f"{page}: rapport {name} {one}" for one in used - options - {"--help"}]
    assert not wrong


def is_begun_by(name: str, words: list[str]) -> bool:
    parts = name.split()
    return words[: len(parts)] == parts


def test_every_target_of_make_that_the_docs_name_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {(page, words[0]) for page, words in commands("make") if words}
    named = {(page, word) for page, word in named if re.fullmatch(r"[a-z]+", word)}
    assert {one for one in named if one[1] not in targets} == set()
    assert {"demo", "test"} <= {word for page, word in named if page == "README.md"}


def test_every_file_that_a_page_links_to_is_there():
    wrong = []
    for page in {block.page for block in blocks()}:
        text = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
            beside = (ROOT / page).parent / target
            if not beside.exists() and not target.startswith(("reference/", "protocol.md")):
                wrong.append(f"{page}: {target}")
    assert not wrong


def test_the_guide_to_a_product_works_as_it_stands_there(tmp_path):
    lines = [words for page, words in commands("rapport") if page == "docs/new-product.md"]
    typed = [words for words in lines if words[:1] and words[0] in ("new", "check")]
    assert [words[0] for words in typed] == ["new", "check"]
    for words in typed:
        rapport = Path(sys.executable).with_name("rapport")
        ran = subprocess.run([rapport, *words], cwd=tmp_path, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr
