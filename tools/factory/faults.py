"""What can go wrong with a board: how esptool says it, and what is to be done."""

import re
from typing import NamedTuple


class Fault(NamedTuple):
    """quarantine: the board itself is at fault, and is not tried again until somebody looked."""

    name: str
    title: str
    advice: str
    quarantine: bool = False


NO_BOARD = Fault(
    "no_board",
    "no board answers",
    "plug it in; hold BOOT while pressing RESET; try another cable, some only carry power",
)
BUSY = Fault(
    "busy",
    "the port cannot be opened",
    "close the program that uses it (a serial monitor?); on Linux join the group dialout",
)
LOST = Fault(
    "lost",
    "the connection was lost",
    "check cable and hub, plug it in again: it goes on as the same device",
)
BAD_FLASH = Fault(
    "bad_flash", "its flash does not keep what is written", "put the board aside", True
)
MISREAD = Fault("misread", "it does not say who it is when read back", "put the board aside", True)
WRONG_CHIP = Fault(
    "wrong_chip", "it is another chip", "make an image for this chip, or take another board"
)
WRONG_SIZE = Fault(
    "wrong_size",
    "its flash has another size",
    "make an image with this --flash-size, or take another board",
)
LOCKED = Fault(
    "locked", "it is locked by secure boot or flash encryption", "put the board aside", True
)
SELF_TEST = Fault("self_test", "it fails its self-test", "put the board aside", True)
NO_IDENTITY = Fault(
    "no_identity", "there is no identity left", "make more with `rapport provision devices`"
)
OTHER_PRODUCT = Fault(
    "other_product", "it is a device of another product", "take the image of that product"
)
ASIDE = Fault(
    "aside", "it was put aside", "look after it, then `rapport flash --release` with its MAC"
)
TWIN = Fault(
    "twin",
    "another board with the same MAC is being flashed",
    "one of them is a counterfeit: put both aside",
)
UNKNOWN = Fault("unknown", "something else is wrong", "see what esptool says")

FAULTS = (
    NO_BOARD,
    BUSY,
    LOST,
    BAD_FLASH,
    MISREAD,
    WRONG_CHIP,
    WRONG_SIZE,
    LOCKED,
    SELF_TEST,
    NO_IDENTITY,
    OTHER_PRODUCT,
    ASIDE,
    TWIN,
    UNKNOWN,
)

# The first that matches counts. What a board says once it was found is in the second group.
_FOUND_NONE = (
    (NO_BOARD, r"no such file|filenotfound|errno 2\b"),
    (BUSY, r"port is busy|lock(ed)? port|resource busy|permission denied|access is denied"),
    (NO_BOARD, r"failed to connect|could not open|no serial data"),
)
_SAID = (
    (WRONG_CHIP, r"this chip is .+, not "),
    (WRONG_SIZE, r"will not fit"),
    (BAD_FLASH, r"md5 of file does not match|verif\w+ fail|digest mismatch"),
    (LOCKED, r"secure (boot|download)|flash encryption|flash_crypt"),
    (LOST, r"no more data|data stream stopped|invalid head|disconnected|timed? ?out|stopped"),
    (LOST, r"input/output error|errno 5|no such device|returned no data|write failed|corrupt"),
    (LOST, r"no serial data|invalid response|response doesn't match|could not open|not open"),
)


class BoardError(Exception):
    """A board cannot be made a device: the fault, and what exactly was said."""

    def __init__(self, fault: Fault, said: str = "") -> None:
        super().__init__(f"{fault.title}{said and ': ' + said}")
        self.fault, self.said = fault, said


def classify(said: str, found: bool) -> Fault:
    """The fault that esptool means. found: a board had answered already."""
    for fault, pattern in _SAID if found else (*_FOUND_NONE, *_SAID):
        if re.search(pattern, said, re.IGNORECASE):
            return fault
    return UNKNOWN


def named(name: str) -> Fault:
    return next((fault for fault in FAULTS if fault.name == name), UNKNOWN)
