"""A ROMFS image, which MicroPython mounts and runs modules from where they lie in the flash.

Everything in it is a record: kind, length, content. A folder holds records of what is in it, a file
one of its bytes. Source: MicroPython's documentation, Working with ROMFS, image format.
"""

from collections.abc import Mapping
from typing import Any

_MAGIC = b"\xd2\xcd\x31"
_BYTES, _FOLDER, _FILE = 2, 4, 5


def write(files: Mapping[str, bytes]) -> bytes:
    """files: path without a leading / -> content; the same bytes for the same files."""
    tree: dict[str, Any] = {}
    for path, content in files.items():
        *folders, name = path.split("/")
        within = tree
        for folder in folders:
            within = within.setdefault(folder, {})
        within[name] = content
    return _even(_records(tree))


def _records(tree: dict[str, Any]) -> bytes:
    """What is in a folder: name -> bytes of a file, or another such dict."""
    found = b""
    for name, content in sorted(tree.items()):
        start = _number(len(name.encode())) + name.encode()
        if isinstance(content, dict):
            found += _record(_FOLDER, start + _records(content))
        else:
            found += _record(_FILE, start + _record(_BYTES, content))
    return found


def _record(kind: int, content: bytes) -> bytes:
    return _number(kind) + _number(len(content)) + content


def _even(content: bytes) -> bytes:
    """The record of a whole image: its length is padded so that the image is of even length."""
    length = _number(len(content))
    if (len(_MAGIC) + len(length) + len(content)) % 2:
        length = b"\x80" + length
    return _MAGIC + length + content


def _number(value: int) -> bytes:
    """Seven bits a byte, the highest first; all but the last have the eighth bit."""
    found = bytes([value & 0x7F])
    while value := value >> 7:
        found = bytes([0x80 | value & 0x7F]) + found
    return found
