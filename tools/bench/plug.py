"""A serial port that a chip in its loader is plugged into: a pseudo terminal, served by a thread.

with RomPort(chip) as port:
    esptool --port {port.path} --before no-reset --after no-reset flash-id
"""

import os
import pty
import select
import threading
import tty
from types import TracebackType

from tools.bench.rom import RomChip
from tools.bench.slip import Frames

_MOST_BYTES = 1 << 16


class RomPort:
    """cut_at: the cable is pulled when so many bytes have come from the host; replug() mends it."""

    def __init__(self, chip: RomChip, cut_at: int | None = None) -> None:
        self.chip, self.cut_at = chip, cut_at
        self.taken = 0  # bytes from the host
        self._host, self._board = pty.openpty()
        tty.setraw(self._board)
        self.path = os.ttyname(self._board)
        self._stopped, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._serve, name=f"rom {chip.mac}", daemon=True)

    def __enter__(self) -> "RomPort":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.write(self._stop, b".")
        self._thread.join()
        for handle in (self._host, self._board, self._stopped, self._stop):
            os.close(handle)
        self.chip.flash.close()

    def replug(self) -> None:
        """The cable is back, and the board has booted into its loader."""
        self.cut_at, self.taken = None, 0
        self.chip.reset()

    def _serve(self) -> None:
        frames = Frames()
        while True:
            ready, _, _ = select.select([self._host, self._stopped], [], [])
            if self._stopped in ready:
                return
            data = os.read(self._host, _MOST_BYTES)
            self.taken += len(data)
            if self.cut_at is not None and self.taken > self.cut_at:
                continue
            for frame in frames.feed(data):
                self._say(b"".join(self.chip.take(frame)))

    def _say(self, answer: bytes) -> None:
        """As fast as it is taken; no further when nobody takes it."""
        rest = memoryview(answer)
        while rest:
            stopped, _, _ = select.select([self._stopped], [self._host], [])
            if stopped:
                return
            rest = rest[os.write(self._host, rest) :]
