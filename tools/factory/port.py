"""The serial ports that boards are plugged into.

find("all")                         # every one on USB
find("/dev/ttyUSB0,/dev/ttyACM*")   # these, as far as they are there
"""

import glob
import sys

from tools.factory.errors import FactoryError


def find(ports: str) -> list[str]:
    """Ports that are there now, each once, in order."""
    if ports == "all":
        return sorted(_on_usb())
    there = [port for name in names(ports) for port in _present(name)]
    return list(dict.fromkeys(there))


def wanted(ports: str) -> list[str]:
    """What is to be flashed now: of "all" what is there, and every port that is named."""
    if ports == "all":
        found = find(ports)
        if not found:
            raise FactoryError("no board is plugged in on USB; name its port with --ports")
        return found
    return list(dict.fromkeys(port for name in names(ports) for port in _present(name) or [name]))


def names(ports: str) -> list[str]:
    """What was asked for, name by name."""
    found = [name.strip() for name in ports.split(",") if name.strip()]
    if not found:
        raise FactoryError("--ports: all, or names like /dev/ttyUSB0,/dev/ttyACM* are wanted")
    return found


def _present(name: str) -> list[str]:
    if sys.platform == "win32":
        return [name]  # COM3 is no file
    return sorted(glob.glob(name))


def _on_usb() -> list[str]:
    from serial.tools import list_ports

    return [port.device for port in list_ports.comports() if port.vid is not None]
