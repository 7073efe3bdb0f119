"""The chips an image can be for, and what is known of their limits."""

from typing import NamedTuple

from tools.factory.bundle import ImageError


class Chip(NamedTuple):
    name: str  # as esptool calls it
    number: int  # in the header of every program for it, esp_chip_id_t
    base: int  # where its ROM looks for the bootloader in the flash
    limits: str  # what to know before choosing it; empty for what we recommend


_TIGHT = "about 70 KB of heap are left with Bluetooth and Wi-Fi up, and the firmware wants more"
_ONE_RADIO = (
    "stock MicroPython is reported unable to hold Bluetooth and Wi-Fi at the same time on it"
)

CHIPS = (
    Chip("esp32s3", 9, 0, ""),
    Chip("esp32", 0, 0x1000, _TIGHT + ": take a board with PSRAM"),
    Chip("esp32c3", 5, 0, _ONE_RADIO),
    Chip("esp32c6", 13, 0, _ONE_RADIO),
)
RECOMMENDED = "an ESP32-S3 with PSRAM is recommended"
_OTHERS = {2: "ESP32-S2, which has no Bluetooth", 16: "ESP32-H2, which has no Wi-Fi"}


def chip_of(number: int) -> Chip:
    """The chip with this number, or ImageError."""
    for chip in CHIPS:
        if chip.number == number:
            return chip
    other = _OTHERS.get(number, f"a chip with number {number}, which is not known here")
    names = ", ".join(chip.name for chip in CHIPS)
    raise ImageError(f"this firmware is for {other}; there are images for {names}")
