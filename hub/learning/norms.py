"""What the hub lets a product's learners begin with: the preset and prior of each setting.

One document a product, told to each of its devices when it says hello and when it changes; once
there was one, an empty one takes it back.
"""

from collections.abc import Mapping

from hub.draft import Draft
from protocol.fields import read_norms
from protocol.messages import Defaults

Norm = tuple[int, bytes | None]  # see protocol/norm.py

_NONE = {"version": 0, "norms": {}}


def norms(draft: Draft, product: str) -> dict[int, Norm]:
    """{index: Norm} of a product, empty for none."""
    return _read(draft, product).norms


def message(draft: Draft, product: str) -> Defaults | None:
    """What a device of this product is told; None if there never was anything to tell."""
    told = _read(draft, product)
    return told if told.version else None


def keep(draft: Draft, product: str, made: Mapping[int, Norm]) -> None:
    """Let these stand from now on."""
    fields = {str(i): [preset, weights and weights.hex()] for i, (preset, weights) in made.items()}
    version = _read(draft, product).version + 1
    draft.put("hub", "norms", product, {"version": version, "norms": fields})


def _read(draft: Draft, product: str) -> Defaults:
    kept = draft.get("hub", "norms", product) or _NONE
    made = {
        int(i): [preset, weights and bytes.fromhex(weights)]
        for i, (preset, weights) in kept["norms"].items()
    }
    return Defaults(kept["version"], read_norms(made))
