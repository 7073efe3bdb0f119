"""What really happened at a device, noted beside its journal: what the hub must come to know."""

from collections.abc import Callable
from typing import Any

from protocol.events import Event, decode_event


class PowerCut(BaseException):
    """The power went, in the middle of whatever the device was doing."""


class Truth:
    """Events by uid: `appended` ever, `accepted` once flushed, `excused` that flash lost again.

    `noted`: what the hub had noted when flash turned so much older that it must note it; or None.
    `cut_after`: so many further writes to flash, then the power goes; None for never.
    """

    def __init__(self) -> None:
        self.appended: dict[bytes, Event] = {}
        self.accepted: set[bytes] = set()
        self.excused: set[bytes] = set()
        self.noted: list[Any] | None = None
        self.cut_after: int | None = None
        self._unflushed: list[bytes] = []

    def watch(self, runtime: Any) -> None:
        """From now on note what this runtime writes; it has just started."""
        self.cut_after, self._unflushed = None, []
        journal, memory = runtime.journal, runtime.memory
        journal.append = self._noting(journal.append)
        journal.flush = self._writing(journal.flush, self._flushed)
        memory.save = self._writing(memory.save, lambda: None)

    def restore(self, accepted: set[bytes]) -> None:
        """The flash is as it was when only these were accepted."""
        self.excused |= self.accepted - accepted

    def _noting(self, append: Callable[[bytes], int]) -> Callable[[bytes], int]:
        def noted(payload: bytes) -> int:
            event = decode_event(payload)
            assert event.uid not in self.appended, f"uid {event.uid.hex()} is there twice"
            self.appended[event.uid] = event
            self._unflushed.append(event.uid)
            return append(payload)

        return noted

    def _writing(self, write: Callable[..., Any], done: Callable[[], None]) -> Callable[..., Any]:
        def written(*arguments: Any) -> Any:
            self._come_nearer()
            result = write(*arguments)
            done()
            self._come_nearer()
            return result

        return written

    def _flushed(self) -> None:
        self.accepted.update(self._unflushed)
        self._unflushed.clear()

    def _come_nearer(self) -> None:
        if self.cut_after is None:
            return
        self.cut_after -= 1
        if self.cut_after < 0:
            self.cut_after = None
            raise PowerCut
