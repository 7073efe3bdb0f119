"""What stands in the docs as code: fenced blocks with their language, and indented ones."""

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^\n|\A)((?:    .*\n)+)", re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]+)`")


class Block(NamedTuple):
    """language: "" where none was named, "indented" for a block without a fence."""

    page: str
    language: str
    text: str


def pages() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def blocks() -> list[Block]:
    found = []
    for page in pages():
        text, name = page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix()
        found += [Block(name, language, code) for language, code in _FENCE.findall(text)]
        bare = _FENCE.sub("", text)
        found += [Block(name, "indented", code) for code in _INDENTED.findall(bare)]
        found += [Block(name, "inline", code) for code in _INLINE.findall(bare)]
    return found


def commands(first: str) -> list[tuple[str, list[str]]]:
    """(page, words) of every line of code in the docs that begins with this word."""
    found = []
    for block in blocks():
        for line in block.text.splitlines():
            code = line.strip().removeprefix("$ ").partition(" #")[0].partition(" && ")[0]
            words = [word for word in code.split() if not re.match(r"[A-Z_]+=", word)]
            if words[:1] == [first]:
                found.append((block.page, words[1:]))
    return found
