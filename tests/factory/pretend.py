"""Stands where tools/factory/esp.py is: a board that is a file, quick enough for a hundred of them.

The port is the file's name, its number the MAC. What would be in the board's flash is in the file;
a board named liar reads back as zeros.
"""

import base64
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-S", __file__)
_NVS = 0x9000
_A_MOMENT_S = 0.002


def mac(number: int) -> str:
    return f"24:0a:c4:01:{number >> 8:02x}:{number & 255:02x}"


def _say(**said: Any) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _do(told: dict[str, Any], flash: Path) -> None:
    if "read" in told:
        content = flash.read_bytes() if flash.exists() else b""
        if flash.name.startswith("liar"):
            content = bytes(len(content))
        _say(read=base64.b64encode(content).decode())
    elif "clear" in told:
        flash.unlink(missing_ok=True)
        _say(cleared=True)
    else:
        for number, (offset, _, content) in enumerate(told["write"]):
            time.sleep(_A_MOMENT_S)
            if offset == _NVS:
                flash.write_bytes(base64.b64decode(content))
            _say(writing=number, percent=100)
        _say(written=True)


def _main() -> None:
    port = Path(json.loads(sys.stdin.readline())["port"])
    number = int(re.findall(r"\d+", port.name)[0])
    _say(board={"chip": "esp32c3", "mac": mac(number), "flash_bytes": 4 << 20})
    for line in sys.stdin:
        told = json.loads(line)
        if "end" in told:
            return
        _do(told, port)


if __name__ == "__main__":
    _main()
