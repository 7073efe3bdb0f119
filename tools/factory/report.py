"""What an image takes of a board, as a table, and what is known of the chip's limits."""

from rich.console import Group, RenderableType
from rich.table import Table

from tools.factory.chips import CHIPS, RECOMMENDED
from tools.factory.image import Made

# what the firmware wants on a 32-bit board with its code in files, or in flash that runs it: see
# docs/decisions/0006
_HEAP_KB, _IN_FLASH_KB = 138, 93
_64_TO_32_BIT = 1.52  # the same modules on both, there too


def report(made: Made, heap_bytes: int) -> RenderableType:
    """heap_bytes: what product and driver take of a 64-bit heap."""
    image = made.image
    table = Table(title=f"{image.product} {image.version} for {image.chip}")
    for heading in ("part", "at", "KB"):
        table.add_column(heading, justify="left" if heading == "part" else "right")
    for part in image.parts:
        table.add_row(part.name, f"{part.offset:#x}", f"{part.bytes / 1024:.0f}")
    table.add_row("left alone: who it is (nvs)", f"{image.nvs.offset:#x}", _kb(image.nvs.bytes))
    table.add_row(
        "left alone: what it knows (data)", f"{image.data.offset:#x}", _kb(image.data.bytes)
    )
    chip = next(each for each in CHIPS if each.name == image.chip)
    limits = f"{chip.limits}; {RECOMMENDED}" if chip.limits else "a board with PSRAM has that"
    in_flash = any(part.name == "romfs" for part in image.parts)
    wanted, own = _IN_FLASH_KB if in_flash else _HEAP_KB, heap_bytes / _64_TO_32_BIT / 1024
    return Group(
        table,
        f"flash: {_kb(made.used_bytes)} KB of {_kb(made.vfs_bytes)} KB for application and update,"
        f" on a board with {image.flash_bytes >> 20} MB and no other",
        f"heap: the firmware wants about {wanted} KB, at most {own:.0f} KB of it for this product;"
        f" {limits}",
    )


def _kb(count: int) -> str:
    return f"{count / 1024:.0f}"
