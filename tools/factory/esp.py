"""One board, and the real esptool: runs in a process of its own, told by lines of JSON what to do.

python -m tools.factory.esp

in   {"port", "baud", "reset": bool, "attempts"}
out  {"board": {"chip": "esp32c3", "mac": "24:0a:c4:00:00:01", "flash_bytes": 4194304}}
in   {"read": [offset, bytes]}
out  {"read": base64}
in   {"clear": [offset, bytes]}               erased, unless it is already
out  {"cleared": true}
in   {"write": [[offset, file or null, base64], ...]}
out  {"writing": which of them, "percent": 40} ...
out  {"written": true}                        and verified, by an MD5 that the board reckons
in   {"end": true}                            the board is reset, and this ends
out  {"error": sentence}                      at any time, and the last that is said

One connection serves for all of it. esptool is free under the GPL: it is used as a program here, by
its documented interface for scripts, and never imported by anything else. When the one who started
this dies it ends too: nobody would bind what it writes.
"""

import base64
import contextlib
import hashlib
import json
import os
import queue
import sys
import threading
from typing import Any

import esptool
from esptool.cmds import (
    attach_flash,
    detect_chip,
    detect_flash_size,
    erase_region,
    read_flash,
    reset_chip,
    run_stub,
    write_flash,
)
from esptool.logger import TemplateLogger, log
from esptool.util import flash_size_bytes

_ROM_BAUD = 115_200


class _Reporter(TemplateLogger):
    """Takes the place of esptool's own output; `part` counts what is written."""

    def __init__(self, say: Any) -> None:
        self.part, self._say, self._percent = 0, say, -1

    def progress_bar(
        self,
        cur_iter: int,
        total_iters: int,
        prefix: str = "",
        suffix: str = "",
        bar_length: int = 30,
    ) -> None:
        percent = 100 * cur_iter // max(total_iters, 1)
        if percent != self._percent:
            self._say({"writing": self.part, "percent": percent})
        self._percent = percent

    def print(self, *args: Any, **kwargs: Any) -> None: ...
    def note(self, message: str) -> None: ...
    def warning(self, message: str) -> None: ...
    def error(self, message: str) -> None: ...
    def stage(self, finish: bool = False) -> None: ...
    def set_verbosity(self, verbosity: str) -> None: ...


class _Teller:
    """Lines in and out. The end of the input is the end of this process, whatever it is doing."""

    def __init__(self) -> None:
        self._told: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def told(self) -> dict[str, Any]:
        return self._told.get()

    def say(self, said: dict[str, Any]) -> None:
        try:
            print(json.dumps(said), flush=True)
        except BrokenPipeError:
            os._exit(1)

    def _listen(self) -> None:
        for line in sys.stdin:
            self._told.put(json.loads(line))
        os._exit(1)


def _serve(teller: _Teller) -> None:
    reporter = _Reporter(teller.say)
    logger: Any = log
    logger.set_logger(reporter)
    asked = teller.told()
    esp: Any = detect_chip(
        asked["port"],
        _ROM_BAUD,
        "default-reset" if asked["reset"] else "no-reset",
        connect_attempts=asked["attempts"],
    )
    try:
        esp = _prepared(esp, asked["baud"])
        teller.say({"board": _board(esp)})
        while not (told := teller.told()).get("end"):
            teller.say(_do(esp, told, reporter))
        if asked["reset"]:
            reset_chip(esp)
    finally:
        esp._port.close()


def _prepared(esp: Any, baud: int) -> Any:
    if esp.secure_download_mode:
        raise esptool.FatalError("the chip is in secure download mode")
    esp = run_stub(esp)
    if baud != _ROM_BAUD:
        esp.change_baud(baud)
    attach_flash(esp)
    return esp


def _board(esp: Any) -> dict[str, Any]:
    return {
        "chip": esp.CHIP_NAME.lower().replace("-", ""),
        "mac": ":".join(f"{octet:02x}" for octet in esp.read_mac()),
        "flash_bytes": flash_size_bytes(detect_flash_size(esp)) or 0,
    }


def _do(esp: Any, told: dict[str, Any], reporter: _Reporter) -> dict[str, Any]:
    if "read" in told:
        content = read_flash(esp, *told["read"], no_progress=True)
        return {"read": base64.b64encode(content or b"").decode()}
    if "clear" in told:
        offset, size = told["clear"]
        if esp.flash_md5sum(offset, size) != _md5_of_erased(size):
            erase_region(esp, offset, size)
        return {"cleared": True}
    for number, (offset, file, content) in enumerate(told["write"]):
        reporter.part = number
        write_flash(esp, [(offset, file or base64.b64decode(content))], compress=True)
    return {"written": True}


def _md5_of_erased(size: int) -> str:
    return hashlib.md5(b"\xff" * size, usedforsecurity=False).hexdigest()


def _main() -> None:
    teller = _Teller()
    try:
        _serve(teller)
    except (esptool.FatalError, OSError, RuntimeError, ValueError) as error:
        teller.say({"error": " ".join(str(error).split())[:400]})
        with contextlib.suppress(OSError):
            sys.stdout.close()
        os._exit(2)
    os._exit(0)  # the listener waits for ever


if __name__ == "__main__":
    _main()
