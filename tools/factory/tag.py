"""The image of a key-fob: of the same firmware only what says who carries it (firmware/tag.py)."""

from tools.factory.application import ROOT, compiled

_MODULES = (
    "firmware/__init__.py",
    "firmware/tag.py",
    "protocol/__init__.py",
    "protocol/crypto.py",
    "protocol/errors.py",
    "protocol/gatt.py",
    "protocol/presence.py",
)
_MAIN = b"from firmware.tag import start\n\nstart()\n"


def tag_files() -> dict[str, bytes]:
    """Path on the board -> content."""
    modules = {f"/{name[:-3]}.mpy": compiled(ROOT / name) for name in _MODULES}
    return {**modules, "/main.py": _MAIN}


def tag_blobs(master: bytes, now_s: int) -> dict[str, bytes]:
    """{name: content} of its NVS, namespace "rapport": whose it is, and what time it is."""
    return {"master": master, "clock": now_s.to_bytes(8, "big")}
