"""The page's JavaScript says the same bytes as device and hub: the shared vectors, in a browser."""

import json
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

_RUN = (Path(__file__).parent / "vectors.js").read_text(encoding="utf-8")
_NAMES = ("crypto", "x25519", "cbor", "fragments", "session")


def _vectors() -> dict[str, Any]:
    folder = ROOT / "protocol" / "vectors"
    found = {name: json.loads((folder / f"{name}.json").read_bytes()) for name in _NAMES}
    # as text: JavaScript's own reader of JSON rounds what is above 2^53
    found["cbor"]["good"] = [[text, _json(value)] for text, value in found["cbor"]["good"]]
    return found


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def test_the_pages_modules_follow_every_vector(desk, opens):
    assert opens("/").evaluate(_RUN, _vectors()) == []
