"""Who vouches for a device: the manufacturer's root, kept offline, and the lines it certified.

    make_root(Path("root"), "Aurora")            # then away with it, to a safe
    make_line(Path("line"), Path("root"), "Aurora line 1")
    line = open_line(Path("line"))

A line may certify devices, not further lines. Keys are files for their owner only.
"""

import json
from pathlib import Path
from typing import NamedTuple

from hub import durable
from hub.devices.makers import fingerprint
from hub.link import issue
from tools.factory.errors import FactoryError

_ROOT_PEM, _ROOT_KEY = "root.pem", "root.key.pem"
_LINE_PEM, _LINE_KEY = "line.pem", "line.key.pem"
_ABOUT = "line.json"
_LONGEST_NAME = 64  # of a common name, RFC 5280 appendix A


class Line(NamedTuple):
    """One production line's folder, and what it signs with."""

    folder: Path
    maker: str
    name: str
    authority: issue.Authority


def make_root(folder: Path, maker: str) -> str:
    """A manufacturer's root in a new folder; its fingerprint, SHA-256 in hex."""
    _new(folder / _ROOT_KEY, "this manufacturer has a root already")
    root = issue.new_authority(_name(maker), depth=1)
    durable.make_folder(folder)
    durable.replace(folder / _ROOT_KEY, issue.key_pem(root.key))
    durable.replace(folder / _ROOT_PEM, issue.pem(root.certificate), 0o644)
    return fingerprint(issue.pem(root.certificate))


def make_line(folder: Path, root: Path, name: str) -> None:
    """A line in a new folder, certified by the root in another."""
    _new(folder / _LINE_KEY, "that is a line already")
    above = _load(root / _ROOT_PEM, root / _ROOT_KEY)
    line = issue.new_authority(_name(name), above)
    about = {"maker": issue.name_of(above.certificate.subject), "line": name}
    durable.make_folder(folder)
    durable.replace(folder / _LINE_KEY, issue.key_pem(line.key))
    durable.replace(folder / _LINE_PEM, issue.pem(line.certificate), 0o644)
    durable.replace(folder / _ROOT_PEM, issue.pem(above.certificate), 0o644)
    durable.replace(folder / _ABOUT, json.dumps(about).encode(), 0o644)


def open_line(folder: Path) -> Line:
    if not (folder / _ABOUT).exists():
        raise FactoryError(f"{folder} is no line's folder: make one with `rapport provision line`")
    about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    authority = _load(folder / _LINE_PEM, folder / _LINE_KEY)
    return Line(folder, about["maker"], about["line"], authority)


def _load(pem: Path, key_pem: Path) -> issue.Authority:
    for file in (pem, key_pem):
        if not file.exists():
            raise FactoryError(f"{file} is missing: name the folder that holds it")
    try:
        return issue.load_authority(pem, key_pem)
    except ValueError as error:
        raise FactoryError(f"{error}: put back the files that were made together") from None


def _new(key: Path, problem: str) -> None:
    if key.exists():
        raise FactoryError(f"{key} is there: {problem}; nothing was changed")


def _name(name: str) -> str:
    if not 1 <= len(name.strip()) <= _LONGEST_NAME or not name.isprintable():
        raise FactoryError(f"{name[:80]!r}: a name of 1 to {_LONGEST_NAME} letters is wanted")
    return name.strip()
